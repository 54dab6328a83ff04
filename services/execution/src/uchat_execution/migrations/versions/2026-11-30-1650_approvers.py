"""Who may be the second person, and who was asked to be."""

from alembic import op

revision = "2026_11_30_1650"
down_revision = "2026_11_30_1640"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE organisation_member
    ADD COLUMN approves boolean NOT NULL DEFAULT false,
    ADD COLUMN label text NOT NULL DEFAULT '';
COMMENT ON COLUMN organisation_member.label IS 'how others of the organisation see them: masked';

CREATE TABLE decision_asked (
    decision_id text COLLATE "C" NOT NULL REFERENCES decision,
    person text COLLATE "C" NOT NULL,
    PRIMARY KEY (decision_id, person)
);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE decision_asked")
    op.execute("ALTER TABLE organisation_member DROP COLUMN approves, DROP COLUMN label")
