"""Several approvals of a decision, and organisations."""

from alembic import op

revision = "2026_11_23_0620"
down_revision = "2026_11_23_0610"
branch_labels = None
depends_on = None

ORGANISATIONS = """
CREATE TABLE organisation (
    organisation text COLLATE "C" PRIMARY KEY
        CHECK (organisation ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    name text NOT NULL,
    four_eyes_above numeric(38,18) CHECK (four_eyes_above >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN organisation.four_eyes_above IS
    'plans that may cost more, in quote currency, need a second person; NULL: none does';

CREATE TABLE organisation_member (
    person text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL REFERENCES organisation,
    joined_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organisation_member_of ON organisation_member (organisation, person);

CREATE TABLE organisation_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL REFERENCES organisation,
    what text NOT NULL,
    person text COLLATE "C",
    body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX organisation_event_of ON organisation_event (organisation, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON organisation_event
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
"""

DECISIONS = """
CREATE TABLE decision_op (
    decision_id text COLLATE "C" NOT NULL REFERENCES decision,
    op_id text COLLATE "C" NOT NULL,
    what text NOT NULL,
    body_hash text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (decision_id, op_id)
);
COMMENT ON COLUMN decision_op.body_hash IS
    'SHA-256 of what the operation asked for: the same id with another body is refused';

CREATE INDEX decision_for_second ON decision (person, proposed_at DESC, decision_id DESC)
    WHERE state = 'awaiting_approval' AND (card->>'approvals_needed')::integer > 1;
CREATE INDEX decision_followers ON decision ((card->>'follows'), proposed_at DESC)
    WHERE card->>'follows' IS NOT NULL;

ALTER TABLE orders ADD COLUMN plan_hash text;
COMMENT ON COLUMN orders.plan_hash IS 'of the plan that was approved: compared again at the claim';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (ORGANISATIONS, DECISIONS):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE orders DROP COLUMN plan_hash")
    op.execute("DROP INDEX decision_followers, decision_for_second")
    op.execute("DROP TABLE decision_op, organisation_event, organisation_member, organisation")
