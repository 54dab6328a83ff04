"""Shares the accounts out among the replicas, so that not each of them follows each account."""

import zlib
from typing import Final

from uchat_platform.partitions import PartitionOwnership

_PARTS: Final = 16


def share_of_accounts(dsn: str) -> PartitionOwnership:
    """Return this replica's share of the accounts, by parts."""

    async def nothing(_part: int) -> None:
        return

    return PartitionOwnership(
        dsn, "execution.streams", count=_PARTS, on_acquire=nothing, on_release=nothing
    )


def part_of(account: str) -> int:
    """Return the part that an account is in."""
    return zlib.crc32(account.encode()) % _PARTS
