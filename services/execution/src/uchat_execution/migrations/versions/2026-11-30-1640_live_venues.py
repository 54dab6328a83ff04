"""Accounts at live exchanges: sealed keys, the operator's switch, people's consents."""

from alembic import op

revision = "2026_11_30_1640"
down_revision = "2026_11_30_1630"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE venue_key (
    account text COLLATE "C" PRIMARY KEY REFERENCES account,
    sealed bytea NOT NULL,
    masked text NOT NULL,
    may_trade boolean NOT NULL,
    connected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    connected_via text NOT NULL
);
COMMENT ON COLUMN venue_key.sealed IS
    'AES-256-GCM, bound to account and venue; only the venue worker has the key to open it';

CREATE TABLE venue_switch (
    venue text COLLATE "C" PRIMARY KEY,
    is_on boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE venue_switch IS
    'whether orders go to a live venue at all; a claim holds the row FOR SHARE';

CREATE TABLE venue_switch_event (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue text COLLATE "C" NOT NULL,
    is_on boolean NOT NULL,
    changed_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON venue_switch_event
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();

CREATE TABLE venue_consent (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    venue text COLLATE "C" NOT NULL,
    version text NOT NULL,
    body text NOT NULL,
    given_at timestamptz NOT NULL,
    given_via text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_via text
);
CREATE UNIQUE INDEX venue_consent_active ON venue_consent (person, venue)
    WHERE withdrawn_at IS NULL;
COMMENT ON TABLE venue_consent IS
    'who let orders be sent to a live venue, to which words; what was taken back stays';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(
        "CREATE UNIQUE INDEX account_of_person_at ON account (person, venue) WHERE state = 'active'"
    )
    # Code before this one opens accounts with ON CONFLICT (person), which needs this index; beside
    # it nobody could have two accounts. It can go because no release holds that code: what is
    # published first opens accounts by person and venue.
    op.execute("DROP INDEX account_of_person")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE UNIQUE INDEX account_of_person ON account (person) WHERE state = 'active'")
    op.execute("DROP INDEX account_of_person_at")
    op.execute("DROP TABLE venue_consent, venue_switch_event, venue_switch, venue_key")
