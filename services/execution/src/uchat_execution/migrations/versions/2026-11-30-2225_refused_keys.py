"""A key that its exchange does not accept any more, and which account there each key is of."""

from alembic import op

revision = "2026_11_30_2225"
down_revision = "2026_11_30_1925"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE venue_key ADD COLUMN refused_at timestamptz,"
        ' ADD COLUMN account_mark text COLLATE "C"'
    )
    op.execute(
        "COMMENT ON COLUMN venue_key.account_mark IS 'marks the account at the exchange; only the"
        " venue worker can make it. NULL: not asked yet, or somebody else has it, too'"
    )
    # A key that is refused keeps nobody from connecting the account anew.
    op.execute(
        "CREATE UNIQUE INDEX venue_key_once ON venue_key (account_mark) WHERE refused_at IS NULL"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE venue_key DROP COLUMN refused_at, DROP COLUMN account_mark")
