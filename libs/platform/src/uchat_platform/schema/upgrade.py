"""Bring the schema of a service to its newest version, as the owner of the database."""

import ast
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

if TYPE_CHECKING:
    from alembic.config import Config

ENVIRONMENT: Final = Path(__file__).parent / "alembic"
# Any fixed number: two migrators at once would trip over each other's half-made tables.
MIGRATION_LOCK: Final = 7_274_161_001


@dataclass(frozen=True, slots=True)
class Migrations:
    """The migrations of one schema: the folder with `YYYY-MM-DD-HHMM_slug.py` files."""

    schema: str
    versions: Path

    def head(self) -> str | None:
        """Return the newest revision, or None if there is no migration.

        Read from the files, without Alembic: a start with nothing to migrate should not load it.

        Raises:
            ValueError: the migrations are not one line, each after another.
        """
        revisions = [_revision(path) for path in self.versions.glob("*.py")]
        before = {down for _, down in revisions}
        heads = [revision for revision, _ in revisions if revision and revision not in before]
        if len(heads) > 1:
            raise ValueError(f"Expected one newest migration in {self.versions}, found {heads}")
        return heads[0] if heads else None

    def config(self, statements: "Statements | None" = None) -> "Config":
        """Return Alembic's configuration, made here and not by an ini file."""
        from alembic.config import Config  # noqa: PLC0415 - see head

        config = Config(output_buffer=statements)
        config.set_main_option("script_location", str(ENVIRONMENT))
        config.set_main_option("version_locations", str(self.versions))
        config.set_main_option("path_separator", "os")
        config.attributes["schema"] = self.schema
        return config


class Statements(io.StringIO):
    """Collects what Alembic writes, one text for each `op.execute`."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def write(self, text: str, /) -> int:
        """Keep one text, which may hold several statements."""
        # asyncpg answers a text without a statement by an AttributeError.
        if any(line and not line.startswith("--") for line in text.splitlines()):
            self.texts.append(text)
        return len(text)


async def upgrade(owner_dsn: str, migrations: Migrations, target: str = "head") -> bool:
    """Apply what is missing; return whether anything was.

    The schema exists already (`roles.ensure_service` makes it). Each migration is a transaction of
    its own; one that fails leaves those before it.
    """

    def write(revision: str | None, config: "Config") -> None:
        from alembic import command  # noqa: PLC0415 - see Migrations.head

        command.upgrade(config, f"{revision}:{target}" if revision else target, sql=True)

    return await _run(owner_dsn, migrations, target, write)


async def downgrade(owner_dsn: str, migrations: Migrations, target: str = "base") -> bool:
    """Take migrations back, down to `target`; return whether anything was done."""

    def write(revision: str | None, config: "Config") -> None:
        from alembic import command  # noqa: PLC0415 - see Migrations.head

        command.downgrade(config, f"{revision}:{target}", sql=True)

    return await _run(owner_dsn, migrations, target, write)


async def current(owner_dsn: str, schema: str) -> str | None:
    """Return the revision that a schema has now, None before its first migration."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        return await _current(connection, schema)
    finally:
        await connection.close()


async def _run(
    owner_dsn: str,
    migrations: Migrations,
    target: str,
    write: Callable[[str | None, "Config"], None],
) -> bool:
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        # Up or down, a migration that cannot get its lock gives way to the service that runs.
        await connection.execute("SET lock_timeout = '5s'")
        await connection.execute(f'SET search_path = "{migrations.schema}"')
        revision = await _current(connection, migrations.schema)
        if revision == (migrations.head() if target == "head" else target):
            return False
        if revision is None and target == "base":
            return False
        if revision is None:
            # A way back to the base leaves the table, the way up from there makes it again.
            await connection.execute(f'DROP TABLE IF EXISTS "{migrations.schema}".alembic_version')
        statements = Statements()
        write(revision, migrations.config(statements))
        for text in statements.texts:
            await connection.execute(text)
        return bool(statements.texts)
    finally:
        await connection.close()


async def _current(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> str | None:
    table = f'"{schema}".alembic_version'
    if await connection.fetchval("SELECT to_regclass($1)", table) is None:
        return None
    revision: str | None = await connection.fetchval(f"SELECT version_num FROM {table}")  # noqa: S608 - a name of ours
    return revision


def _revision(path: Path) -> tuple[str | None, str | None]:
    found: dict[str, str | None] = {}
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name, value = statement.targets[0].id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name, value = statement.target.id, statement.value
        else:
            continue
        if name in ("revision", "down_revision") and isinstance(value, ast.Constant):
            found[name] = None if value.value is None else str(value.value)
    return found.get("revision"), found.get("down_revision")
