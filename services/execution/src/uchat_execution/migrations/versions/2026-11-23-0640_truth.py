"""What the venue told beside our own orders, and how the books compare with it."""

from alembic import op

revision = "2026_11_23_0640"
down_revision = "2026_11_23_0630"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE reconciliation (
    account text COLLATE "C" PRIMARY KEY REFERENCES account,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    active_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reconciled_at timestamptz,
    full_at timestamptz,
    moves_from timestamptz,
    turn integer NOT NULL DEFAULT 0,
    drift jsonb NOT NULL DEFAULT '{}',
    drift_rounds integer NOT NULL DEFAULT 0,
    adjust_asked_by text,
    adjusted_at timestamptz
);
CREATE INDEX reconciliation_due ON reconciliation (next_at);
COMMENT ON COLUMN reconciliation.next_at IS
    'when the next round is due; whoever takes one moves it ahead first, so that nobody else does';
COMMENT ON COLUMN reconciliation.reconciled_at IS
    'when the last round that was finished had begun: nothing older is unknown';
COMMENT ON COLUMN reconciliation.drift IS
    'units by asset that the venue has more (or less, below zero) than the books';
INSERT INTO reconciliation (account, active_at)
    SELECT account, greatest(opened_at, clock_timestamp() - interval '23 hours') FROM account;

CREATE TABLE trade_cursor (
    account text COLLATE "C" NOT NULL,
    symbol text NOT NULL,
    trade_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, symbol)
);
COMMENT ON TABLE trade_cursor IS 'the last of the trades that are in the books, for each symbol';

CREATE TABLE movement (
    account text COLLATE "C" NOT NULL,
    movement_id text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('deposit', 'withdrawal', 'external', 'adjustment')),
    asset text NOT NULL,
    amount numeric(38,18) NOT NULL,
    value numeric(38,18),
    source text NOT NULL,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    booked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account, movement_id)
);
CREATE INDEX movement_of_account ON movement (account, at DESC, movement_id DESC);
COMMENT ON COLUMN movement.value IS
    'what it was worth in quote currency when it was booked; NULL: nothing came from outside by it';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();

CREATE TABLE database_life (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    identity text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    restored_at timestamptz
);
COMMENT ON TABLE database_life IS
    'which life of which database the books belong to; another one means that they were restored';
"""
COLUMNS = """
ALTER TABLE account ADD COLUMN reopened integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN account.reopened IS
    'how often the venue had lost the paper account: its numbers of trades began anew each time';
ALTER TABLE equity ADD COLUMN deposited numeric(38,18);
COMMENT ON COLUMN equity.deposited IS
    'what had come from outside in all by then: a deposit is no profit. NULL: the opening alone';
ALTER TABLE fill ADD COLUMN source text NOT NULL DEFAULT 'decision'
    CHECK (source IN ('decision', 'external'));
CREATE INDEX fill_of_order ON fill (order_id);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (TABLES, COLUMNS):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX fill_of_order")
    op.execute("ALTER TABLE fill DROP COLUMN source")
    op.execute("ALTER TABLE equity DROP COLUMN deposited")
    op.execute("ALTER TABLE account DROP COLUMN reopened")
    op.execute("DROP TABLE database_life, movement, trade_cursor, reconciliation")
