"""Orders that wait for a price, and how long the others live."""

from alembic import op

revision = "2026_11_23_0610"
down_revision = "2026_11_23_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
