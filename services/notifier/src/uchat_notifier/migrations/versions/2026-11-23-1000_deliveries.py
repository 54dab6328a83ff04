"""Deliveries, and how far the log is read."""

from alembic import op

revision = "2026_11_23_1000"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE cursor (
    partition integer PRIMARY KEY,
    stream text NOT NULL DEFAULT '',
    last bigint NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);
INSERT INTO cursor (partition) SELECT generate_series(0, 15);
COMMENT ON COLUMN cursor.stream IS 'which making of the stream `last` counts in';

CREATE TABLE followed (
    log text COLLATE "C" PRIMARY KEY,
    partition integer NOT NULL,
    epoch text NOT NULL,
    seq bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX followed_by_partition ON followed (partition, updated_at);
COMMENT ON TABLE followed IS
    'up to which entry each log was told: of those that anything is told of outside of the web';

CREATE TABLE delivery (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery_id uuid NOT NULL UNIQUE,
    partition integer NOT NULL,
    person text COLLATE "C" NOT NULL,
    interface text NOT NULL,
    address text NOT NULL,
    log text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    rev bigint NOT NULL,
    silent boolean NOT NULL,
    trace text,
    status text NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'delivered', 'collapsed', 'failed')),
    code text,
    external_id text,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    delivered_at timestamptz
);
CREATE INDEX delivery_unsent ON delivery (partition, number) WHERE sent_at IS NULL;
CREATE INDEX delivery_by_person ON delivery (person, number);
COMMENT ON TABLE delivery IS
    'what was told to whom, where and when: references and times, never what it says';
COMMENT ON COLUMN delivery.sent_at IS 'when the bus had it; before, this row is the outbox';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE delivery, followed, cursor")
