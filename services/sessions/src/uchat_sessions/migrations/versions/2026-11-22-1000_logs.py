"""Logs, their entries and keys, cursors, the outbox, people."""

from alembic import op

revision = "2026_11_22_1000"
down_revision = None
branch_labels = None
depends_on = None

# Hot tables carry no foreign keys: every writer holds the row lock of the log, which is the guard,
# and a check per row would cost the append path a trigger each.
TABLES = """
CREATE TABLE log (
    log text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    chain bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    waiting integer NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX log_by_person ON log (person);
COMMENT ON COLUMN log.chain IS 'hash of the latest entry, chained over all entries from the first';
COMMENT ON COLUMN log.waiting IS 'messages that nobody has answered yet: rows in unanswered';

CREATE TABLE log_key (
    log text COLLATE "C" PRIMARY KEY,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE log_key IS
    'data keys, wrapped; apart from the entries, so that backups of them can live shorter';

CREATE TABLE entry (
    log text COLLATE "C" NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    created_at timestamptz NOT NULL,
    kind text NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    sealed_by text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    chain bytea NOT NULL,
    PRIMARY KEY (log, seq, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX entry_settings ON entry (log, seq) WHERE kind LIKE 'session.%';
COMMENT ON COLUMN entry.body IS 'AES-GCM of the JSON of `data`; bound to log, message id and kind';
COMMENT ON COLUMN entry.sealed_by IS
    'the log whose key opens the body: what a person''s log says of a conversation ends with it';

CREATE TABLE entry_key (
    log text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    seq bigint,
    message_id text COLLATE "C" NOT NULL,
    body_mac bytea NOT NULL,
    code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (log, key)
);
COMMENT ON TABLE entry_key IS
    'what makes a proposal unique in its log for good: its entry, or the code of its rejection';

CREATE TABLE unanswered (
    log text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (log, message_id)
);
CREATE INDEX unanswered_by_age ON unanswered (created_at, log, seq);

CREATE TABLE cursor (
    partition integer PRIMARY KEY,
    stream text NOT NULL DEFAULT '',
    last bigint NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);
INSERT INTO cursor (partition) SELECT generate_series(0, 15);
COMMENT ON COLUMN cursor.stream IS 'which making of the stream `last` counts in';

CREATE TABLE outbox (
    created_at timestamptz NOT NULL,
    log_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    trace text,
    PRIMARY KEY (created_at, log_id, seq)
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE outbox IS 'entries that have still to be announced: references, never text';

CREATE TABLE person (
    person text COLLATE "C" PRIMARY KEY,
    home text COLLATE "C" NOT NULL,
    display_name bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identity (
    provider text NOT NULL,
    external_id text NOT NULL,
    person text COLLATE "C" NOT NULL REFERENCES person DEFERRABLE INITIALLY DEFERRED,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, external_id)
);

CREATE TABLE conversation (
    log text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    create_key text NOT NULL,
    title bytea NOT NULL,
    mode text,
    home boolean NOT NULL DEFAULT false,
    archived boolean NOT NULL DEFAULT false,
    pinned boolean NOT NULL DEFAULT false,
    UNIQUE (person, create_key)
);
COMMENT ON COLUMN conversation.title IS
    'sealed by the key of the log; no bytes: none, or erased';

CREATE TABLE purge (
    log text COLLATE "C" PRIMARY KEY,
    due_at timestamptz NOT NULL,
    rounds_left integer NOT NULL
);
COMMENT ON TABLE purge IS
    'erased logs whose traces in the streams and caches have still to be removed (again)';
"""

# Runs as the owner of the tables, so that a service that may only use them can have months made.
MONTHS = """
CREATE FUNCTION make_months(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sessions, pg_temp AS $$
DECLARE
    parent text; first date; made integer := 0; name text; n integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sessions.make_months'));
    FOREACH parent IN ARRAY ARRAY['entry', 'outbox'] LOOP
        FOR n IN 0..least(ahead, 24) LOOP
            first := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n);
            name := parent || to_char(first, '_YYYY_MM');
            CONTINUE WHEN to_regclass('sessions.' || name) IS NOT NULL;
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    name, parent, first || ' 00:00Z',
                    (first + interval '1 month')::date || ' 00:00Z');
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                -- The default partition already holds rows of that month: it goes on holding them.
                NULL;
            END;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION make_months(integer) FROM PUBLIC;
"""

DEFAULTS = """
CREATE TABLE entry_default PARTITION OF entry DEFAULT;
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(MONTHS)
    op.execute("SELECT make_months(3)")
    op.execute(DEFAULTS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION make_months(integer)")
    op.execute(
        "DROP TABLE purge, conversation, identity, person, outbox, cursor, unanswered,"
        " entry_key, entry, log_key, log"
    )
