"""Outcomes of trading: how far each thing is told, and which cards are open."""

from alembic import op

revision = "2026_11_23_1000"
down_revision = "2026_11_22_1000"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE outcome (
    log text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (log, about)
) WITH (fillfactor = 70);
COMMENT ON TABLE outcome IS
    'the latest event of each thing that a log tells of: an older one never follows it';

CREATE TABLE pending (
    log text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    until bigint NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (log, message_id, seq)
);
CREATE INDEX pending_at ON pending (log, until);
COMMENT ON TABLE pending IS
    'entry `seq` is the card of an open decision for whoever shows the log from `seq` to `until`';

ALTER TABLE log ADD COLUMN former text[] COLLATE "C" NOT NULL DEFAULT '{}';
COMMENT ON COLUMN log.former IS
    'whose it was before people were linked: what still comes of their trading belongs here';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE log DROP COLUMN former")
    op.execute("DROP TABLE pending, outcome")
