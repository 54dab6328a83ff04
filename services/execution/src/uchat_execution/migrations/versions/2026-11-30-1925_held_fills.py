"""Fills that happen while an alert is silent are told when its silence is over."""

from alembic import op

revision = "2026_11_30_1925"
down_revision = "2026_11_30_1728"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alert ADD COLUMN held jsonb NOT NULL DEFAULT '[]'")
    op.execute("COMMENT ON COLUMN alert.held IS 'fills that are told when the silence is over'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alert DROP COLUMN held")
