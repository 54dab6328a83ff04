"""Who answers which conversation."""

from alembic import op

revision = "2026_11_22_1000"
down_revision = None
branch_labels = None
depends_on = None

UP = """
CREATE TABLE turn_lease (
    log text PRIMARY KEY,
    owner text NOT NULL,
    epoch bigint NOT NULL,
    until timestamptz NOT NULL,
    answered_seq bigint NOT NULL DEFAULT 0,
    answered_at timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX turn_lease_until ON turn_lease (until);
"""

DOWN = """
DROP TABLE turn_lease;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
