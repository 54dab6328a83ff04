"""When the owner of a sign-in gave the password last."""

from alembic import op

revision = "2026_11_23_0700"
down_revision = "2026_11_23_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sign_ins ADD COLUMN proved_at timestamptz")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sign_ins DROP COLUMN proved_at")
