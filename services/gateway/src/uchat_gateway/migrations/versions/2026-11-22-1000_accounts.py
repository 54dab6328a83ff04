"""Accounts, sign-ins and the hashes of refresh tokens."""

from alembic import op

revision = "2026_11_22_1000"
down_revision = None
branch_labels = None
depends_on = None

UP = """
CREATE TABLE accounts (
    account_id text PRIMARY KEY,
    person_id text NOT NULL UNIQUE,
    email text,
    email_key text UNIQUE,
    password_hash text,
    full_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'trader', 'approver', 'admin')),
    status text NOT NULL CHECK (status IN ('active', 'disabled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((email IS NULL) = (email_key IS NULL)),
    CHECK ((email IS NULL) = (password_hash IS NULL))
);

CREATE TABLE sign_ins (
    sid text PRIMARY KEY,
    account_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text
);
CREATE INDEX sign_ins_account ON sign_ins (account_id);
CREATE INDEX sign_ins_ended ON sign_ins (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    sid text NOT NULL REFERENCES sign_ins ON DELETE CASCADE,
    issued_at timestamptz NOT NULL DEFAULT now(),
    spent_at timestamptz,
    successor_hash bytea,
    successor_sealed bytea,
    client_hash bytea
);
CREATE INDEX refresh_tokens_sid ON refresh_tokens (sid);
"""

DOWN = "DROP TABLE refresh_tokens, sign_ins, accounts;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
