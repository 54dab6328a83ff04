"""Two people who become one: merges that have begun, and accounts that ended with one."""

from alembic import op

revision = "2026_11_23_0200"
down_revision = "2026_11_22_1000"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE accounts ADD COLUMN merged_into text;
ALTER TABLE accounts DROP CONSTRAINT accounts_status_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_status_check
    CHECK (status IN ('active', 'disabled', 'merged'));

CREATE TABLE merges (
    link_id text PRIMARY KEY,
    gone text NOT NULL,
    stays text NOT NULL,
    may_approve boolean NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    touched_at timestamptz NOT NULL DEFAULT now(),
    CHECK (gone <> stays)
);
CREATE INDEX merges_touched ON merges (touched_at);
"""

DOWN = """
DROP TABLE merges;
UPDATE accounts SET status = 'disabled' WHERE status = 'merged';
ALTER TABLE accounts DROP CONSTRAINT accounts_status_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_status_check CHECK (status IN ('active', 'disabled'));
ALTER TABLE accounts DROP COLUMN merged_into;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
