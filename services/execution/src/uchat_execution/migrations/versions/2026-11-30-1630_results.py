"""Lots, results and arrival prices; what a person wants figures to be told in."""

from alembic import op

revision = "2026_11_30_1630"
down_revision = "2026_11_30_1600"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE preference (
    person text COLLATE "C" PRIMARY KEY,
    time_zone text NOT NULL,
    currency text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN preference.time_zone IS 'IANA name: days, weeks and months begin there';

CREATE TABLE projection (
    account text COLLATE "C" PRIMARY KEY,
    tx_id bigint NOT NULL
);
COMMENT ON TABLE projection IS
    'the last ledger transaction in `lot` and `result`: all three can be deleted and made anew';

CREATE TABLE lot (
    account text COLLATE "C" NOT NULL,
    asset text NOT NULL,
    tx_id bigint NOT NULL,
    units numeric(38,18) NOT NULL CHECK (units > 0),
    cost numeric(38,18) NOT NULL,
    PRIMARY KEY (account, asset, tx_id)
);
COMMENT ON TABLE lot IS 'what is left of each purchase or deposit, first in first out';

CREATE TABLE result (
    account text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    symbol text NOT NULL,
    trades integer NOT NULL,
    bought numeric(38,18) NOT NULL,
    sold numeric(38,18) NOT NULL,
    fees numeric(38,18) NOT NULL,
    realised numeric(38,18) NOT NULL,
    realised_fifo numeric(38,18) NOT NULL,
    slippage numeric(38,18) NOT NULL,
    slippage_approved numeric(38,18) NOT NULL,
    PRIMARY KEY (account, at, symbol)
);
COMMENT ON TABLE result IS
    'trades summed up by the quarter of an hour, which no time zone divides; in quote currency';
ALTER TABLE orders ADD COLUMN arrival_price numeric(38,18);
COMMENT ON COLUMN orders.arrival_price IS 'the middle of the market when it was claimed first';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE orders DROP COLUMN arrival_price")
    op.execute("DROP TABLE result, lot, projection, preference")
