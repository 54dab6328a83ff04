SCHEMA sessions

TABLE conversation
  log text COLLATE "C" NOT NULL
  person text COLLATE "C" NOT NULL
  create_key text NOT NULL
  title bytea NOT NULL
  mode text
  home boolean NOT NULL DEFAULT false
  archived boolean NOT NULL DEFAULT false
  pinned boolean NOT NULL DEFAULT false
  CONSTRAINT conversation_person_create_key_key UNIQUE (person, create_key)
  CONSTRAINT conversation_pkey PRIMARY KEY (log)

TABLE cursor
  partition integer NOT NULL
  stream text NOT NULL DEFAULT ''::text
  last bigint NOT NULL DEFAULT 0
  moved_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT cursor_pkey PRIMARY KEY (partition)

TABLE entry
  log text COLLATE "C" NOT NULL
  seq bigint NOT NULL
  created_at timestamp with time zone NOT NULL
  kind text NOT NULL
  message_id text COLLATE "C" NOT NULL
  sealed_by text COLLATE "C" NOT NULL
  body bytea NOT NULL
  chain bytea NOT NULL
  CONSTRAINT entry_pkey PRIMARY KEY (log, seq, created_at)
  CONSTRAINT entry_seq_check CHECK ((seq > 0))
  PARTITION BY RANGE (created_at)
  CREATE INDEX entry_settings ON ONLY sessions.entry USING btree (log, seq) WHERE (kind ~~ 'session.%'::text)

TABLE entry_default PARTITION OF entry DEFAULT

TABLE entry_key
  log text COLLATE "C" NOT NULL
  key text COLLATE "C" NOT NULL
  seq bigint
  message_id text COLLATE "C" NOT NULL
  body_mac bytea NOT NULL
  code text
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT entry_key_pkey PRIMARY KEY (log, key)

TABLE identity
  provider text NOT NULL
  external_id text NOT NULL
  person text COLLATE "C" NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT identity_person_fkey FOREIGN KEY (person) REFERENCES sessions.person(person) DEFERRABLE INITIALLY DEFERRED
  CONSTRAINT identity_pkey PRIMARY KEY (provider, external_id)

TABLE log
  log text COLLATE "C" NOT NULL
  person text COLLATE "C" NOT NULL
  last_seq bigint NOT NULL DEFAULT 0
  chain bytea NOT NULL DEFAULT decode(repeat('00'::text, 32), 'hex'::text)
  waiting integer NOT NULL DEFAULT 0
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  erased_at timestamp with time zone
  CONSTRAINT log_pkey PRIMARY KEY (log)
  CONSTRAINT log_waiting_check CHECK ((waiting >= 0))
  CREATE INDEX log_by_person ON sessions.log USING btree (person)

TABLE log_key
  log text COLLATE "C" NOT NULL
  wrapped bytea NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT log_key_pkey PRIMARY KEY (log)

TABLE outbox
  created_at timestamp with time zone NOT NULL
  log_id text COLLATE "C" NOT NULL
  seq bigint NOT NULL
  trace text
  CONSTRAINT outbox_pkey PRIMARY KEY (created_at, log_id, seq)
  PARTITION BY RANGE (created_at)

TABLE outbox_default PARTITION OF outbox DEFAULT

TABLE person
  person text COLLATE "C" NOT NULL
  home text COLLATE "C" NOT NULL
  display_name bytea NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT person_pkey PRIMARY KEY (person)

TABLE purge
  log text COLLATE "C" NOT NULL
  due_at timestamp with time zone NOT NULL
  rounds_left integer NOT NULL
  CONSTRAINT purge_pkey PRIMARY KEY (log)

TABLE unanswered
  log text COLLATE "C" NOT NULL
  message_id text COLLATE "C" NOT NULL
  seq bigint NOT NULL
  created_at timestamp with time zone NOT NULL
  CONSTRAINT unanswered_pkey PRIMARY KEY (log, message_id)
  CREATE INDEX unanswered_by_age ON sessions.unanswered USING btree (created_at, log, seq)

CREATE OR REPLACE FUNCTION sessions.make_months(ahead integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'sessions', 'pg_temp'
AS $function$
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
END $function$


SCHEMA ai_core

TABLE turn_lease
  log text NOT NULL
  owner text NOT NULL
  epoch bigint NOT NULL
  until timestamp with time zone NOT NULL
  answered_seq bigint NOT NULL DEFAULT 0
  answered_at timestamp with time zone
  CONSTRAINT turn_lease_pkey PRIMARY KEY (log)
  CREATE INDEX turn_lease_until ON ai_core.turn_lease USING btree (until)


SCHEMA gateway

TABLE accounts
  account_id text NOT NULL
  person_id text NOT NULL
  email text
  email_key text
  password_hash text
  full_name text NOT NULL
  role text NOT NULL
  status text NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT accounts_check CHECK (((email IS NULL) = (email_key IS NULL)))
  CONSTRAINT accounts_check1 CHECK (((email IS NULL) = (password_hash IS NULL)))
  CONSTRAINT accounts_email_key_key UNIQUE (email_key)
  CONSTRAINT accounts_person_id_key UNIQUE (person_id)
  CONSTRAINT accounts_pkey PRIMARY KEY (account_id)
  CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'trader'::text, 'approver'::text, 'admin'::text])))
  CONSTRAINT accounts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'disabled'::text])))

TABLE refresh_tokens
  token_hash bytea NOT NULL
  sid text NOT NULL
  issued_at timestamp with time zone NOT NULL DEFAULT now()
  spent_at timestamp with time zone
  successor_hash bytea
  successor_sealed bytea
  client_hash bytea
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash)
  CONSTRAINT refresh_tokens_sid_fkey FOREIGN KEY (sid) REFERENCES gateway.sign_ins(sid) ON DELETE CASCADE
  CREATE INDEX refresh_tokens_sid ON gateway.refresh_tokens USING btree (sid)

TABLE sign_ins
  sid text NOT NULL
  account_id text NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  expires_at timestamp with time zone NOT NULL
  ended_at timestamp with time zone
  end_reason text
  CONSTRAINT sign_ins_account_id_fkey FOREIGN KEY (account_id) REFERENCES gateway.accounts(account_id) ON DELETE CASCADE
  CONSTRAINT sign_ins_pkey PRIMARY KEY (sid)
  CREATE INDEX sign_ins_account ON gateway.sign_ins USING btree (account_id)
  CREATE INDEX sign_ins_ended ON gateway.sign_ins USING btree (ended_at) WHERE (ended_at IS NOT NULL)
