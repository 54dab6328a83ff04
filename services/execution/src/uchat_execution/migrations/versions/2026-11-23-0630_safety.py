"""Modes, trading states, limits by scope, signed mandates."""

from alembic import op

revision = "2026_11_23_0630"
down_revision = "2026_11_23_0620"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
