"""How a person's interfaces come together: links, and codes that are used once."""

from alembic import op

revision = "2026_11_23_1100"
down_revision = "2026_11_23_1000"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE link (
    link text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL REFERENCES person,
    provider text NOT NULL,
    external_id text,
    state text NOT NULL
        CHECK (state IN ('pending', 'awaiting_confirmation', 'active', 'revoked')),
    code_hash bytea UNIQUE,
    account bytea NOT NULL,
    display_name bytea NOT NULL,
    match_number text,
    may_approve boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz
);
CREATE INDEX link_by_person ON link (person, created_at, link);
CREATE UNIQUE INDEX link_active ON link (provider, external_id) WHERE state = 'active';
COMMENT ON COLUMN link.code_hash IS 'SHA-256 of the code; the code itself is nowhere';
COMMENT ON COLUMN link.account IS 'masked account and display name: sealed by the person''s key';

CREATE TABLE link_continue (
    code_hash bytea PRIMARY KEY,
    person text COLLATE "C" NOT NULL REFERENCES person,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX link_continue_by_age ON link_continue (expires_at);

ALTER TABLE person ADD COLUMN merged_into text COLLATE "C" REFERENCES person;
COMMENT ON COLUMN person.merged_into IS 'who has the conversations since the two were linked';
CREATE INDEX identity_by_person ON identity (person);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX identity_by_person")
    op.execute("ALTER TABLE person DROP COLUMN merged_into")
    op.execute("DROP TABLE link_continue, link")
