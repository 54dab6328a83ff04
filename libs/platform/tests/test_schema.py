from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from uchat_platform.embedded import roles
from uchat_platform.embedded.ports import free_port
from uchat_platform.embedded.postgres import PostgresServer
from uchat_platform.embedded.process import Child
from uchat_platform.schema import upgrade as schema
from uchat_platform.schema.dump import dump
from uchat_platform.schema.upgrade import Migrations

pytestmark = pytest.mark.integration

FIRST = """
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute('''
        CREATE TABLE log (
            id text PRIMARY KEY, seq bigint NOT NULL DEFAULT 0, month date NOT NULL,
            at timestamptz NOT NULL DEFAULT '2026-11-01 00:00:00Z', share text DEFAULT '100%'
        );
        CREATE INDEX log_by_month ON log (month) WHERE seq > 0
    ''')


def downgrade() -> None:
    op.execute("DROP TABLE log")
"""
SECOND = """
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE log ADD COLUMN note text CHECK (length(note) < 9)")


def downgrade() -> None:
    op.execute("ALTER TABLE log DROP COLUMN note")
"""


@pytest_asyncio.fixture
async def owner_dsn(tmp_path: Path) -> AsyncIterator[str]:
    server = PostgresServer(
        data=tmp_path / "pg",
        port=free_port(),
        password="owner",
        log=tmp_path / "postgres.log",
        durable=False,
    )
    child = Child(await server.prepare())
    await child.start()
    await roles.ensure_database(server.dsn("postgres"), "uchat")
    await roles.ensure_service(server.dsn(), "sessions", "secret")
    yield server.dsn()
    await child.stop()


@pytest.fixture
def migrations(tmp_path: Path) -> Migrations:
    versions = tmp_path / "versions"
    versions.mkdir()
    (versions / "2026-11-22-1000_log.py").write_text(FIRST)
    (versions / "2026-11-22-1100_note.py").write_text(SECOND)
    return Migrations("sessions", versions)


async def test_upgrade_downgrade_and_upgrade_again_give_one_schema(
    owner_dsn: str, migrations: Migrations
) -> None:
    await schema.upgrade(owner_dsn, migrations)
    await schema.upgrade(owner_dsn, migrations)
    assert await schema.current(owner_dsn, "sessions") == migrations.head() == "0002"
    first = await dump(owner_dsn, "sessions")
    assert "note text" in first
    assert "CREATE INDEX log_by_month" in first
    assert "00:00:00" in first
    assert "'100%'" in first

    await schema.downgrade(owner_dsn, migrations)
    assert await schema.current(owner_dsn, "sessions") is None
    assert await dump(owner_dsn, "sessions") == "SCHEMA sessions\n"
    await schema.upgrade(owner_dsn, migrations)
    assert await dump(owner_dsn, "sessions") == first


async def test_role_of_the_service_may_use_what_a_migration_makes(
    owner_dsn: str, migrations: Migrations
) -> None:
    await schema.upgrade(owner_dsn, migrations)
    service = await asyncpg.connect(roles.service_dsn(owner_dsn, "sessions", "secret"))
    await service.execute("INSERT INTO log VALUES ('a', 1, '2026-11-01', now(), '', 'x')")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute("DROP TABLE log")
    await service.close()


def test_newest_migration_is_found_without_loading_any(migrations: Migrations) -> None:
    assert migrations.head() == "0002"
    (migrations.versions / "2026-11-22-1200_other.py").write_text('revision: str = "0003"\n')
    with pytest.raises(ValueError, match="Expected one newest migration"):
        migrations.head()
    (migrations.versions / "2026-11-22-1200_other.py").write_text(
        'revision: str = "0003"\ndown_revision: str | None = "0002"\n'
    )
    assert migrations.head() == "0003"
