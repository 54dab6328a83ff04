"""What models took of whom, by day."""

from alembic import op

revision = "2026_11_30_1630"
down_revision = "2026_11_22_1000"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE model_usage (
    day date NOT NULL,
    person text NOT NULL,
    model text NOT NULL,
    answers bigint NOT NULL,
    requests bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cost numeric(20, 10) NOT NULL,
    PRIMARY KEY (day, person, model)
);
"""

DOWN = """
DROP TABLE model_usage;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
