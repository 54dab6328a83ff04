"""Bring the schemas of all services up to date, in order."""

from collections.abc import Iterator
from dataclasses import dataclass

from uchat_platform.embedded.roles import ensure_service
from uchat_platform.schema import upgrade as schema
from uchat_platform.schema.dump import dump
from uchat_platform.schema.upgrade import Migrations
from uchat_stack.services import SERVICES, migrations


@dataclass(frozen=True, slots=True)
class State:
    """Which revision a schema has and which is its newest."""

    schema: str
    current: str | None
    head: str | None

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to apply."""
        return self.current == self.head


def every() -> Iterator[Migrations]:
    """Yield the migrations of each service that has a database."""
    for service in SERVICES:
        versions = migrations(service.package)
        if versions is not None:
            yield Migrations(service.schema, versions)


async def migrate(owner_dsn: str, passwords: dict[str, str]) -> list[str]:
    """Make schemas and roles, apply what is missing; return the schemas that changed."""
    for service in SERVICES:
        if service.schema in passwords:
            await ensure_service(owner_dsn, service.schema, passwords[service.schema])
    return [each.schema for each in every() if await schema.upgrade(owner_dsn, each)]


async def states(owner_dsn: str) -> list[State]:
    """Return where each schema stands."""
    return [
        State(each.schema, await schema.current(owner_dsn, each.schema), each.head())
        for each in every()
    ]


async def dump_all(owner_dsn: str) -> str:
    """Return every schema as one text."""
    return "\n\n".join([await dump(owner_dsn, each.schema) for each in every()])
