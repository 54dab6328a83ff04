"""Modes, trading states, limits by scope, signed mandates."""

from alembic import op

revision = "2026_11_23_0630"
down_revision = "2026_11_23_0620"
branch_labels = None
depends_on = None

STATES = """
CREATE TABLE trading_mode (
    person text COLLATE "C" PRIMARY KEY,
    mode text NOT NULL DEFAULT 'assisted'
        CHECK (mode IN ('manual', 'assisted', 'autonomous', 'emergency')),
    rev integer NOT NULL DEFAULT 0,
    changed_at timestamptz,
    changed_via text
);
COMMENT ON COLUMN trading_mode.rev IS
    'counts the changes of the mode and of the account''s state together, as told to the person';

CREATE TABLE trading_state (
    account text COLLATE "C" NOT NULL REFERENCES account,
    source text NOT NULL,
    state text NOT NULL CHECK (state IN ('reducing', 'halted')),
    reason jsonb NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account, source)
);
COMMENT ON TABLE trading_state IS
    'what each source wants of an account; the strictest counts, no row: active';

CREATE TABLE risk_limits (
    scope text COLLATE "C" PRIMARY KEY,
    limits jsonb,
    rev integer NOT NULL DEFAULT 1,
    changed_by text NOT NULL,
    changed_via text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE risk_limits IS
    'of a person, `org:<id>` or `everybody`; a narrower scope is never looser than a wider one';
COMMENT ON COLUMN risk_limits.limits IS 'NULL: those of the wider scope again';

CREATE TABLE safety_event (
    about text COLLATE "C" NOT NULL,
    rev integer NOT NULL,
    person text COLLATE "C" NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (about, rev)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON safety_event
    FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
COMMENT ON TABLE safety_event IS
    'every change of a mode, a state, a mandate, a stop switch and limits, as it was told';

CREATE TABLE equity_peak (
    account text COLLATE "C" PRIMARY KEY,
    profit numeric(38,18) NOT NULL
);
COMMENT ON TABLE equity_peak IS
    'the high-water mark: the most that an account was noted to be worth beyond what was deposited';
INSERT INTO equity_peak (account, profit)
    SELECT account, max(total - opening) FROM equity JOIN account USING (account) GROUP BY account;
CREATE FUNCTION equity_marks_peak() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- `deposited` comes with a later migration; without it there is the opening alone.
    INSERT INTO execution.equity_peak AS p (account, profit)
    SELECT NEW.account, NEW.total - coalesce((to_jsonb(NEW)->>'deposited')::numeric, a.opening)
    FROM execution.account a WHERE a.account = NEW.account
    ON CONFLICT (account) DO UPDATE SET profit = excluded.profit WHERE p.profit < excluded.profit;
    RETURN NULL;
END $$;
CREATE TRIGGER equity_marks_peak AFTER INSERT ON equity
    FOR EACH ROW EXECUTE FUNCTION equity_marks_peak();
CREATE INDEX orders_stopped_out ON orders (account, updated_at)
    WHERE type = 'stop' AND state IN ('filled', 'partially_filled');
"""

MANDATES = """
ALTER TABLE mandate ADD COLUMN per_order numeric(38,18) CHECK (per_order > 0);
ALTER TABLE mandate ADD COLUMN drawdown_stop numeric(38,18)
    CHECK (drawdown_stop > 0 AND drawdown_stop <= 1);
ALTER TABLE mandate ADD COLUMN key_id text;
ALTER TABLE mandate ADD COLUMN signature text;
ALTER TABLE mandate ADD COLUMN suspended jsonb;
COMMENT ON COLUMN mandate.signature IS
    'Ed25519 over the policy, by the key of the service: a row changed by hand is not used';
UPDATE mandate SET suspended = jsonb_build_object('code', 'mandate_unsigned', 'text',
    'It was granted before mandates were signed. Grant it anew to use it.') WHERE ended IS NULL;
"""

SWITCHES = """
INSERT INTO kill_switch (scope) SELECT 'org:' || organisation FROM organisation
    ON CONFLICT DO NOTHING;
CREATE FUNCTION switch_of_organisation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO execution.kill_switch (scope) VALUES ('org:' || NEW.organisation)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER switch_of_organisation AFTER INSERT ON organisation
    FOR EACH ROW EXECUTE FUNCTION switch_of_organisation();
COMMENT ON TABLE kill_switch IS
    'a person, `org:<id>` or `everybody`; a claim holds all of its rows FOR SHARE';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (STATES, MANDATES, SWITCHES):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER switch_of_organisation ON organisation")
    op.execute("DROP FUNCTION switch_of_organisation()")
    for column in ("per_order", "drawdown_stop", "key_id", "signature", "suspended"):
        op.execute(f"ALTER TABLE mandate DROP COLUMN {column}")
    op.execute("DROP INDEX orders_stopped_out")
    op.execute("DROP TRIGGER equity_marks_peak ON equity")
    op.execute("DROP FUNCTION equity_marks_peak()")
    op.execute("DROP TABLE equity_peak, safety_event, risk_limits, trading_state, trading_mode")
