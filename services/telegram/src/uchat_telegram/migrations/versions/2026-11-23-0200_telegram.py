"""What the adapter remembers: which messages show what, how far updates are handled, modes."""

from alembic import op

revision = "2026_11_23_0200"
down_revision = None
branch_labels = None
depends_on = None

UP = """
CREATE TABLE shown (
    chat_id bigint NOT NULL,
    about text NOT NULL,
    message_id bigint,
    rev bigint NOT NULL DEFAULT 0,
    mark text,
    log text NOT NULL DEFAULT '',
    seq bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chat_id, about)
) WITH (fillfactor = 70);
CREATE INDEX shown_updated ON shown (updated_at);
CREATE TABLE chat (
    chat_id bigint PRIMARY KEY,
    mode text NOT NULL
);
CREATE TABLE handled_update (
    update_id bigint PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX handled_update_at ON handled_update (at);
CREATE TABLE update_offset (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    next_update_id bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
"""

DOWN = """
DROP TABLE update_offset;
DROP TABLE handled_update;
DROP TABLE chat;
DROP TABLE shown;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
