# ruff: noqa: INP001 - Alembic loads this file by its path, it is no package
"""Alembic's environment, the same for every service: writes SQL, `schema.upgrade` runs it."""

from typing import Any

from alembic import context
from alembic.ddl.postgresql import PostgresqlImpl


class PlainSql(PostgresqlImpl):
    """Passes the text of `op.execute` on as it is: `:00` in a time is no bound parameter."""

    __dialect__ = "postgresql"

    def execute(self, sql: Any, execution_options: dict[str, Any] | None = None) -> None:
        """Write a statement, or several."""
        if isinstance(sql, str):
            self.static_output(sql.strip().removesuffix(";") + ";")
        else:
            super().execute(sql, execution_options)


context.configure(
    dialect_name="postgresql",
    version_table="alembic_version",
    version_table_schema=context.config.attributes["schema"],
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
