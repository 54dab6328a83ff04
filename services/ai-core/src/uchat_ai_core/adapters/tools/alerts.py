"""Tools on what the person is told of: alerts and the daily summary. They move no money."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError
from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelRetry

from uchat_ai_core.adapters.tools.account import decimal_of
from uchat_ai_core.adapters.tools.answer import Told, actor_of, answer, now
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.data import plain
from uchat_ai_core.domain.planner.alert_permits import allows_alert, allows_change, allows_digest
from uchat_ai_core.domain.planner.context import assets_meant
from uchat_contracts.trading import Alert, AlertKind, AlertRequest, AlertWay, DigestSettings

Change = Literal["snooze", "delete", "resume"]


class WantedAlert(BaseModel):
    """What to be told of. Leave out what its kind has none of."""

    kind: AlertKind = Field(
        description="price (symbol, level), percent (symbol, percent, window_minutes), portfolio "
        "(level), drawdown (percent), fill (of an order; symbol optional)"
    )
    symbol: str = Field(default="", description="A base asset, as BTC")
    way: AlertWay = Field(
        default="either",
        description="above or below the level; of percent: above is up, below is down; either: the "
        "person did not say",
    )
    level: str = Field(default="", description="A price, or a portfolio's value, in USDT")
    percent: str = Field(default="", description="As 5")
    window_minutes: int = Field(default=0, description="Of percent: 1 to 1440")
    repeat: bool = Field(default=False, description="Tell it each time, instead of once")


async def set_alert(ctx: RunContext[TurnDeps], alert: WantedAlert) -> dict[str, Any]:
    """Have the person told of something on every interface. Only when they asked for it.

    Args:
        ctx: The run.
        alert: Exactly what they asked for.
    """
    wanted: dict[str, Any] = {
        "kind": alert.kind,
        "symbol": alert.symbol.upper() or None,
        "way": alert.way,
        "level": decimal_of(alert.level) if alert.level else None,
        "percent": decimal_of(alert.percent) if alert.percent else None,
        "window_s": alert.window_minutes * 60 or None,
        "repeat": alert.repeat,
    }
    try:
        request = AlertRequest.model_validate(wanted)
    except ValidationError as e:
        raise ModelRetry(str(e.errors()[0]["msg"])) from e
    _assure(allows_alert(ctx.deps.asked, request, assets_meant(ctx.deps.turn.history)))
    return await answer(ctx.deps, "set_alert", _set(ctx.deps, request))


async def list_alerts(ctx: RunContext[TurnDeps], symbol: str = "") -> dict[str, Any]:
    """Return the person's alerts that are not over, with their state.

    Args:
        ctx: The run.
        symbol: Only those on one base asset; empty: all.
    """
    return await answer(ctx.deps, "list_alerts", _list(ctx.deps, symbol.upper()))


async def change_alerts(
    ctx: RunContext[TurnDeps],
    action: Change,
    symbol: str = "",
    *,
    every: bool = False,
    hours: str = "1",
    fills: bool = False,
) -> dict[str, Any]:
    """Snooze, delete or resume alerts. Only when the person asked for it.

    If several fit and `every` is false, nothing is changed and those that fit are returned.

    Args:
        ctx: The run.
        action: snooze (silent for some hours), delete, or resume.
        symbol: Those on one base asset; empty: of any.
        every: All that fit, instead of the only one.
        hours: How long a snoozed one is silent, up to 744.
        fills: Only those on filled orders.
    """
    asset, silent = symbol.upper(), decimal_of(hours)
    asked = ctx.deps.asked
    _assure(allows_change(asked, action, asset, silent, every=every, fills=fills))
    work = _change(ctx.deps, action, asset, silent, every=every, fills=fills)
    return await answer(ctx.deps, "change_alerts", work)


async def get_digest(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """Return when the person gets their daily summary, if at all.

    Args:
        ctx: The run.
    """
    return await answer(ctx.deps, "get_digest", _digest(ctx.deps))


async def set_digest(
    ctx: RunContext[TurnDeps],
    on: bool,
    time: str = "",
    zone: str = "",
) -> dict[str, Any]:
    """Set when the person gets their daily summary. Only when they asked for it.

    Args:
        ctx: The run.
        on: Whether they get one at all.
        time: Their local time, as "08:00"; empty: as it was.
        zone: An IANA time zone, as Europe/Berlin; empty: as it was.
    """
    _assure(allows_digest(ctx.deps.asked, time, zone, on=on))
    return await answer(ctx.deps, "set_digest", _set_digest(ctx.deps, time, zone, on=on))


def _assure(refusal: str) -> None:
    if refusal:
        raise ModelRetry(refusal)


async def _set(deps: TurnDeps, request: AlertRequest) -> Told:
    # The same turn answered twice sets it once; another wish of the same turn is another alert.
    said = f"{request.kind}:{request.symbol}:{request.way}:{request.level}:{request.percent}"
    op_id = f"{deps.turn.message.message_id}:{said}:{request.window_s}"[:200]
    alert = await deps.trading.set_alert(actor_of(deps), request, op_id)
    return _told(_data(alert))


async def _list(deps: TurnDeps, symbol: str) -> Told:
    alerts = await deps.trading.alerts(actor_of(deps))
    return _told({"alerts": [_data(each) for each in _of(alerts, symbol)], "symbol": symbol})


async def _change(
    deps: TurnDeps, action: Change, symbol: str, hours: Decimal, *, every: bool, fills: bool
) -> Told:
    actor = actor_of(deps)
    fitting = _of(await deps.trading.alerts(actor), symbol)
    fitting = [each for each in fitting if each.kind == "fill" or not fills]
    changed: list[Alert] = []
    for alert in fitting if every or len(fitting) == 1 else ():
        if action == "delete":
            changed.append(await deps.trading.delete_alert(actor, alert.alert_id))
        else:
            until = now() + timedelta(hours=float(hours)) if action == "snooze" else None
            changed.append(await deps.trading.snooze_alert(actor, alert.alert_id, until))
    return _told(
        {
            "changed": [_data(each) for each in changed],
            "fitting": [_data(each) for each in fitting],
        }
    )


async def _digest(deps: TurnDeps) -> Told:
    return _told(plain(await deps.trading.digest(actor_of(deps))))


async def _set_digest(deps: TurnDeps, time: str, zone: str, *, on: bool) -> Told:
    actor = actor_of(deps)
    known = await deps.trading.digest(actor)
    try:
        wanted = DigestSettings(on=on, time=time or known.time, zone=zone or known.zone)
    except ValidationError as e:
        raise ModelRetry("expected a time as 08:00 and a zone as Europe/Berlin") from e
    return _told(plain(await deps.trading.set_digest(actor, wanted)))


def _of(alerts: Sequence[Alert], symbol: str) -> list[Alert]:
    return [each for each in alerts if symbol in ("", each.symbol)]


def _data(alert: Alert) -> dict[str, Any]:
    shown = plain(alert)
    data = {name: shown[name] for name in _SHOWN if name in shown}
    return data if alert.fired is None else data | {"told": alert.fired.n}


_SHOWN = (
    "alert_id", "kind", "symbol", "state", "text", "repeat", "beyond", "snoozed_until", "way",
    "level", "percent",
)  # fmt: skip


def _told(data: dict[str, Any]) -> Told:
    return Told(data, now(), simulated=False)
