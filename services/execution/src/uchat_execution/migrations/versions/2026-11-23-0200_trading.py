"""Accounts, decisions, orders, the ledger, mandates, the kill switch."""

from alembic import op

revision = "2026_11_23_0200"
down_revision = None
branch_labels = None
depends_on = None

PEOPLE = """
CREATE TABLE account (
    account text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    venue text NOT NULL,
    simulated boolean NOT NULL,
    quote_currency text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'archived')),
    opening numeric(38,18) NOT NULL,
    deposited numeric(38,18) NOT NULL DEFAULT 0,
    at_venue boolean NOT NULL DEFAULT false,
    rev integer NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz
);
CREATE UNIQUE INDEX account_of_person ON account (person) WHERE state = 'active';
COMMENT ON COLUMN account.rev IS 'counts the changes of the portfolio, as told to the person';
COMMENT ON COLUMN account.at_venue IS 'the venue knows it: paper accounts are opened there too';

CREATE TABLE kill_switch (
    scope text COLLATE "C" PRIMARY KEY,
    is_on boolean NOT NULL DEFAULT false,
    rev integer NOT NULL DEFAULT 0,
    changed_at timestamptz,
    changed_via text,
    effective_at timestamptz
);
COMMENT ON TABLE kill_switch IS
    'a person, or `everybody`; a claim holds the row FOR SHARE, throwing it waits for that';
INSERT INTO kill_switch (scope) VALUES ('everybody');

CREATE TABLE mandate (
    mandate_id text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    op_id text,
    per_day numeric(38,18) NOT NULL CHECK (per_day > 0),
    quote_currency text NOT NULL,
    symbols text[] NOT NULL,
    rev integer NOT NULL DEFAULT 1,
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_via text NOT NULL,
    expires_at timestamptz NOT NULL,
    ended text CHECK (ended IN ('revoked', 'expired')),
    ended_at timestamptz,
    revoked_via text,
    used_day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    used numeric(38,18) NOT NULL DEFAULT 0 CHECK (used >= 0)
);
CREATE UNIQUE INDEX mandate_active ON mandate (person) WHERE ended IS NULL;
CREATE UNIQUE INDEX mandate_op ON mandate (person, op_id);
COMMENT ON COLUMN mandate.used IS 'of the UTC day `used_day`; raised by a conditional update only';

CREATE TABLE merge (
    link_id text COLLATE "C" PRIMARY KEY,
    gone text COLLATE "C" NOT NULL,
    into_person text COLLATE "C" NOT NULL,
    state text NOT NULL CHECK (state IN ('begun', 'finished', 'refused')),
    keep text,
    superseded text[] NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX merge_of_gone ON merge (gone);
"""

DECISIONS = """
CREATE TABLE decision (
    decision_id text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    account text COLLATE "C",
    state text NOT NULL,
    rev integer NOT NULL,
    version integer NOT NULL,
    plan_hash text,
    expires_at timestamptz,
    op_id text,
    card jsonb NOT NULL,
    proposed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX decision_of_person ON decision (person, proposed_at DESC, decision_id DESC);
CREATE INDEX decision_of_account ON decision (account, proposed_at DESC);
CREATE INDEX decision_open ON decision (person, proposed_at DESC, decision_id DESC)
    WHERE state IN ('proposed', 'awaiting_approval', 'approved', 'executing', 'needs_human');
CREATE INDEX decision_waiting ON decision (expires_at) WHERE state = 'awaiting_approval';

CREATE TABLE decision_event (
    decision_id text COLLATE "C" NOT NULL,
    rev integer NOT NULL,
    state text NOT NULL,
    card jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (decision_id, rev)
);

CREATE TABLE orders (
    order_id text COLLATE "C" PRIMARY KEY,
    decision_id text COLLATE "C" NOT NULL REFERENCES decision,
    version integer NOT NULL,
    leg integer NOT NULL,
    attempt integer NOT NULL DEFAULT 1,
    rev integer NOT NULL DEFAULT 1,
    account text COLLATE "C" NOT NULL REFERENCES account,
    venue text NOT NULL,
    symbol text NOT NULL,
    quote_currency text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    type text NOT NULL,
    quantity numeric(38,18) NOT NULL,
    price numeric(38,18) NOT NULL,
    limit_price numeric(38,18),
    client_order_id text COLLATE "C" NOT NULL,
    state text NOT NULL,
    reason jsonb,
    venue_order_id text,
    filled numeric(38,18) NOT NULL DEFAULT 0,
    quote_filled numeric(38,18) NOT NULL DEFAULT 0,
    fee numeric(38,18) NOT NULL DEFAULT 0,
    fee_asset text NOT NULL,
    reserved numeric(38,18) NOT NULL DEFAULT 0,
    epoch integer NOT NULL DEFAULT 0,
    owner text,
    claimed_at timestamptz,
    sign_ts timestamptz,
    deadline timestamptz,
    unknown_since timestamptz,
    next_at timestamptz NOT NULL DEFAULT now(),
    absent integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (decision_id, version, leg),
    UNIQUE (venue, account, client_order_id)
);
CREATE INDEX orders_of_account ON orders (account, created_at DESC, order_id DESC);
CREATE INDEX orders_due ON orders (next_at)
    WHERE state IN ('ready', 'submitting', 'unknown', 'open', 'partially_filled');
CREATE INDEX orders_unsettled ON orders (account, order_id)
    WHERE state IN ('ready', 'submitting', 'unknown', 'open', 'partially_filled');
CREATE INDEX orders_claimed ON orders (account, claimed_at);
COMMENT ON COLUMN orders.sign_ts IS
    'set at the claim, never renewed: with the window it is a deadline that the venue enforces';
COMMENT ON COLUMN orders.next_at IS 'when somebody should look at it again';
COMMENT ON COLUMN orders.absent IS 'how often, after the deadline, the venue had no such order';

CREATE TABLE order_event (
    order_id text COLLATE "C" NOT NULL,
    rev integer NOT NULL,
    state text NOT NULL,
    source text NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (order_id, rev)
);

CREATE TABLE fill (
    venue text NOT NULL,
    account text COLLATE "C" NOT NULL,
    symbol text NOT NULL,
    trade_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    decision_id text COLLATE "C",
    side text NOT NULL,
    quantity numeric(38,18) NOT NULL,
    price numeric(38,18) NOT NULL,
    fee numeric(38,18) NOT NULL,
    fee_asset text NOT NULL,
    realised numeric(38,18) NOT NULL DEFAULT 0,
    at timestamptz NOT NULL,
    PRIMARY KEY (venue, account, symbol, trade_id)
);
CREATE INDEX fill_of_account ON fill (account, at DESC, trade_id DESC);
"""

LEDGER = """
CREATE TABLE ledger_tx (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_key text COLLATE "C" NOT NULL UNIQUE,
    kind text NOT NULL,
    account text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ledger_tx_of_account ON ledger_tx (account, id);

CREATE TABLE ledger_entry (
    tx_id bigint NOT NULL REFERENCES ledger_tx,
    n smallint NOT NULL,
    book text COLLATE "C" NOT NULL,
    asset text NOT NULL,
    amount numeric(38,18) NOT NULL,
    PRIMARY KEY (tx_id, n)
);
COMMENT ON COLUMN ledger_entry.book IS
    'free:<account>, reserved:<account>, venue:<venue>, fees:<venue>, equity:opening';

CREATE TABLE balance (
    account text COLLATE "C" NOT NULL,
    asset text NOT NULL,
    free numeric(38,18) NOT NULL DEFAULT 0,
    reserved numeric(38,18) NOT NULL DEFAULT 0,
    cost numeric(38,18) NOT NULL DEFAULT 0,
    realised numeric(38,18) NOT NULL DEFAULT 0,
    PRIMARY KEY (account, asset)
) WITH (fillfactor = 70);
COMMENT ON TABLE balance IS
    'a projection of the ledger, moved in the same transaction; cost: of what is held, with fees';

CREATE TABLE equity (
    account text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    total numeric(38,18) NOT NULL,
    PRIMARY KEY (account, at)
);
COMMENT ON TABLE equity IS 'what an account was worth, in its quote currency, hourly and at fills';

CREATE TABLE outbox (
    about text COLLATE "C" NOT NULL,
    rev integer NOT NULL,
    what text NOT NULL,
    person text COLLATE "C" NOT NULL,
    session_id text COLLATE "C",
    body jsonb NOT NULL,
    trace text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (about, rev)
);
CREATE INDEX outbox_by_age ON outbox (created_at);
"""

GUARDS = """
CREATE FUNCTION ledger_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM execution.ledger_entry WHERE tx_id = NEW.tx_id
        GROUP BY asset HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'ledger transaction % is not balanced', NEW.tx_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_is_balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_is_balanced();

CREATE FUNCTION is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_tx
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_event
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_event
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (PEOPLE, DECISIONS, LEDGER, GUARDS):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "DROP TABLE outbox, equity, balance, ledger_entry, ledger_tx, fill, order_event, orders,"
        " decision_event, decision, merge, mandate, kill_switch, account"
    )
    op.execute("DROP FUNCTION ledger_is_balanced(), is_append_only()")
