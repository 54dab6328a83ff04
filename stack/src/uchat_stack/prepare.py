"""Between servers and services: roles, tables and streams.

A process of its own: the supervisor, which lives as long as the product, should not hold the
libraries that this needs.
"""

import asyncio
import json
import sys
import traceback
from pathlib import Path
from typing import cast

from uchat_platform.embedded.postgres import DATABASE
from uchat_platform.embedded.roles import ensure_database
from uchat_stack.layout import Layout
from uchat_stack.migrate import migrate
from uchat_stack.secrets import OWNER
from uchat_stack.services import PROVISIONER
from uchat_stack.streams import provision


async def prepare(layout: Layout, nats_url: str, postgres: str) -> None:
    """Make the database, its roles and tables, and the streams; `postgres` is host:port."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_database(layout, postgres))
        group.create_task(_streams(layout, nats_url))


async def _database(layout: Layout, postgres: str) -> None:
    passwords = cast("dict[str, str]", json.loads(layout.passwords.read_text()))
    server = f"postgresql://uchat:{passwords[OWNER]}@{postgres}"
    await ensure_database(f"{server}/postgres", DATABASE)
    changed = await migrate(f"{server}/{DATABASE}", passwords)
    print("migrated:", ", ".join(changed) or "nothing to do")


async def _streams(layout: Layout, nats_url: str) -> None:
    for line in await provision(nats_url, layout.seed(PROVISIONER)):
        print(line)


def main() -> None:
    """Prepare what the arguments name: data directory, NATS URL, Postgres' host:port."""
    data_dir, nats_url, postgres = sys.argv[1:]
    try:
        asyncio.run(prepare(Layout(Path(data_dir)), nats_url, postgres))
    except BaseExceptionGroup as several:
        traceback.print_exc()
        # The last line of the log is what `uchat up` shows.
        sys.exit("; ".join(f"{type(e).__name__}: {e}" for e in several.exceptions))


if __name__ == "__main__":
    main()
