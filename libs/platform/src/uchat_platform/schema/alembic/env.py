# ruff: noqa: INP001 - Alembic loads this file by its path, it is no package
"""Alembic's environment, the same for every service: writes SQL, `schema.upgrade` runs it."""

from alembic import context

context.configure(
    dialect_name="postgresql",
    # Any other style would double each percent sign of the plain SQL.
    dialect_opts={"paramstyle": "named"},
    version_table="alembic_version",
    version_table_schema=context.config.attributes["schema"],
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
