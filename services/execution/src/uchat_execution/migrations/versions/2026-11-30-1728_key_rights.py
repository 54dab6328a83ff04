"""What a connected key may do is asked again: it may have become able to move funds out."""

from alembic import op

revision = "2026_11_30_1728"
down_revision = "2026_11_30_1650"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE venue_key ADD COLUMN may_withdraw boolean NOT NULL DEFAULT false,"
        " ADD COLUMN rev integer NOT NULL DEFAULT 0"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE venue_key DROP COLUMN may_withdraw, DROP COLUMN rev")
