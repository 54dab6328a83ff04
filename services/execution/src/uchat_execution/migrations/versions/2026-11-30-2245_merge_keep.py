"""Who stays keeps their own account: there is nothing to choose."""

from alembic import op

revision = "2026_11_30_2245"
down_revision = "2026_11_30_2225"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE merge DROP COLUMN keep")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE merge ADD COLUMN keep text")
