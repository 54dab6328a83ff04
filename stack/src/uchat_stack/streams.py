"""What the commands do on NATS, as the user that alone may declare streams."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from uchat_contracts.events import DeadLettered
from uchat_platform.bus import Bus, PubAck
from uchat_platform.bus import provision as provisioner
from uchat_platform.bus.dead_letters import DeadLetters
from uchat_platform.crypto import KeyRing
from uchat_platform.health import Health
from uchat_platform.settings import BaseServiceSettings
from uchat_stack.services import PROVISIONER


@dataclass(frozen=True, slots=True)
class Access:
    """Where NATS is, and the keys: of the user and of what is sealed."""

    nats_url: str
    seed_file: Path
    kek_file: Path


async def provision(nats_url: str, seed_file: Path, replicas: int = 1) -> list[str]:
    """Create or update all streams; return one line for each.

    Raises:
        UchatError: NATS cannot be reached, or a change would lose data.
    """
    async with _bus(nats_url, seed_file) as bus:
        return await provisioner.provision(bus, replicas=replicas)


async def dead_letters(access: Access, after: int, limit: int) -> list[tuple[int, DeadLettered]]:
    """Return a page of dead letters with their numbers, oldest first."""
    async with _letters(access) as letters:
        return await letters.list(after=after, limit=limit)


async def dead_letter(access: Access, letter_id: str) -> tuple[DeadLettered, bytes]:
    """Return one dead letter and its body.

    Raises:
        UchatError: there is none, or its body was sealed by another key.
    """
    async with _letters(access) as letters:
        return await letters.show(letter_id)


async def retry(access: Access, letter_id: str) -> PubAck:
    """Publish the message again where it was first published.

    Raises:
        UchatError: there is no such letter, or its body was not kept.
    """
    async with _letters(access) as letters:
        return await letters.retry(letter_id)


@asynccontextmanager
async def _letters(access: Access) -> AsyncGenerator[DeadLetters]:
    async with _bus(access.nats_url, access.seed_file) as bus:
        yield DeadLetters(bus, KeyRing.load(access.kek_file))


@asynccontextmanager
async def _bus(nats_url: str, seed_file: Path) -> AsyncGenerator[Bus]:
    settings = BaseServiceSettings(nats_url=nats_url, nkey_seed_file=seed_file)
    async with await Bus.connect(settings, PROVISIONER, Health(PROVISIONER)) as bus:
        yield bus
