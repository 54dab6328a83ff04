"""Alerts, what was told of them, the digest of a day, and prices by the minute."""

from alembic import op

revision = "2026_11_30_1600"
down_revision = "2026_11_23_0650"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE alert (
    alert_id text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    op_id text,
    kind text NOT NULL,
    symbol text,
    way text NOT NULL,
    level numeric(38,18) CHECK (level > 0),
    state text NOT NULL CHECK (state IN ('armed', 'fired', 'snoozed', 'done')),
    beyond boolean NOT NULL,
    snoozed_until timestamptz CHECK ((snoozed_until IS NOT NULL) = (state = 'snoozed')),
    mark numeric(38,18),
    created_at timestamptz NOT NULL,
    body jsonb NOT NULL,
    UNIQUE (person, op_id)
) WITH (fillfactor = 70);
COMMENT ON COLUMN alert.beyond IS 'the condition held at the last look';
COMMENT ON COLUMN alert.mark IS
    'of a drawdown: the highest worth beyond what was deposited since the alert was set';
CREATE INDEX alert_of_person ON alert (person, created_at DESC, alert_id DESC);
CREATE INDEX alert_on_price ON alert (symbol, level)
    WHERE kind = 'price' AND state IN ('armed', 'fired');
CREATE INDEX alert_watched ON alert (kind, alert_id) WHERE state IN ('armed', 'fired');
CREATE INDEX alert_snoozed ON alert (snoozed_until) WHERE state = 'snoozed';

CREATE TABLE alert_event (
    alert_id text COLLATE "C" NOT NULL,
    n integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (alert_id, n),
    UNIQUE (alert_id, key)
);
COMMENT ON TABLE alert_event IS 'each time that an alert was told: once for what its key names';

CREATE TABLE digest (
    person text COLLATE "C" PRIMARY KEY,
    is_on boolean NOT NULL,
    local_time time NOT NULL,
    zone text NOT NULL,
    next_at timestamptz CHECK ((next_at IS NOT NULL) = is_on),
    told date,
    told_at timestamptz,
    total numeric(38,18),
    deposited numeric(38,18)
);
CREATE INDEX digest_due ON digest (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE price_bar (
    minute timestamptz NOT NULL,
    symbol text NOT NULL,
    low numeric(38,18) NOT NULL,
    high numeric(38,18) NOT NULL,
    PRIMARY KEY (minute, symbol)
);
COMMENT ON TABLE price_bar IS 'lowest and highest price of a minute, for 24 hours';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE price_bar, digest, alert_event, alert")
