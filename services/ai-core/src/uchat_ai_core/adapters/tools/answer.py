"""What the tools on a person's account share: who asks, errors as results, and the source."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_contracts.parts import Source
from uchat_platform import telemetry
from uchat_platform.auth import Actor
from uchat_platform.errors import NotFoundError, UchatError, UnavailableError

_AWAY: Final[dict[str, Any]] = {
    "error": "the account does not answer; give no figure of it, and say that it cannot be reached",
    "code": "unavailable",
}
_ROLES: Final = frozenset({"trader"})


@dataclass(frozen=True, slots=True)
class Told:
    """A result, the time of its data, and whether it is of a simulated account."""

    data: dict[str, Any]
    as_of: datetime
    simulated: bool


def actor_of(deps: TurnDeps) -> Actor:
    """Return the person whose message is answered, on the interface where it was written.

    Raises:
        NotFoundError: the message does not say whose it is.
    """
    message = deps.turn.message
    if message.user_id is None:
        raise NotFoundError("There is no account to this message", code="no_account")
    return Actor(message.user_id, _ROLES, message.interface)


async def answer(deps: TurnDeps, tool: str, work: Awaitable[Told]) -> dict[str, Any]:
    """Return the result and note it as a source; a refusal is a result that says why."""
    with telemetry.span(f"tool {tool}"):
        try:
            told = await work
        except UnavailableError:
            return dict(_AWAY)
        except UchatError as e:
            refused = {"error": e.detail, "code": e.code}
            deps.cite([Source(tool=tool, as_of=now(), simulated=False, data=refused)])
            return refused
    deps.cite([Source(tool=tool, as_of=told.as_of, simulated=told.simulated, data=told.data)])
    return told.data


def now() -> datetime:
    """Return the time of what was asked for just now."""
    return datetime.now(UTC)
