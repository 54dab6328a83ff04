"""Orders that wait for a price, and how long the others live."""

from alembic import op

revision = "2026_11_23_0610"
down_revision = "2026_11_23_0200"
branch_labels = None
depends_on = None


COLUMNS = """
ALTER TABLE orders
    ADD COLUMN trigger_price numeric(38,18),
    ADD COLUMN time_in_force text NOT NULL DEFAULT 'gtc',
    ADD COLUMN post_only boolean NOT NULL DEFAULT false,
    ADD COLUMN kept_here boolean NOT NULL DEFAULT false,
    ADD COLUMN triggered_at timestamptz,
    ADD COLUMN send_until timestamptz,
    ADD COLUMN cancel_at timestamptz;
COMMENT ON COLUMN orders.kept_here IS
    'the venue has no such order: state `waiting` until the market reaches trigger_price';
COMMENT ON COLUMN orders.send_until IS
    'nothing is sent after it: the end of the approval, or of a while after the trigger';
COMMENT ON COLUMN orders.cancel_at IS
    'since when somebody wants it gone; the venue is asked until it confirms';
CREATE INDEX orders_waiting ON orders (symbol, trigger_price) WHERE state = 'waiting';
DROP INDEX orders_unsettled;
CREATE INDEX orders_unsettled ON orders (account, order_id)
    WHERE state IN ('waiting', 'ready', 'submitting', 'unknown', 'open', 'partially_filled');
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(COLUMNS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE orders SET state = 'cancelled' WHERE state = 'waiting'")
    op.execute("DROP INDEX orders_waiting, orders_unsettled")
    op.execute(
        "CREATE INDEX orders_unsettled ON orders (account, order_id)"
        " WHERE state IN ('ready', 'submitting', 'unknown', 'open', 'partially_filled')"
    )
    op.execute(
        "ALTER TABLE orders DROP COLUMN trigger_price, DROP COLUMN time_in_force,"
        " DROP COLUMN post_only, DROP COLUMN kept_here, DROP COLUMN triggered_at,"
        " DROP COLUMN send_until, DROP COLUMN cancel_at"
    )
