"""What an earlier answer told of the account, how that differs from now, and what made it so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from uchat_contracts.parts import Source
from uchat_contracts.trading import Card, Movement, Trade

Data = dict[str, Any]
_CENT: Final = Decimal("0.01")
_NONE: Final = Decimal(0)
_PORTFOLIO: Final = "get_portfolio"
_POSITION: Final = "get_position"


@dataclass(frozen=True, slots=True)
class Stated:
    """Balances that an answer rested on, in quote currency and in units of each asset.

    `whole`: of the whole portfolio, so that an asset that is not in `units` was not held. `total`
    is of the whole portfolio, `worth` of each asset; both may be unknown.
    """

    at: datetime
    interface: str
    simulated: bool
    whole: bool
    cash: Decimal
    total: Decimal | None
    units: Mapping[str, Decimal]
    worth: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Change:
    """What is another quantity now; `asset` is the quote currency for cash."""

    asset: str
    then: Decimal
    now: Decimal


@dataclass(frozen=True, slots=True)
class Happened:
    """What the books tell since: fills, other movements and decisions, latest first."""

    trades: Sequence[Trade] = ()
    movements: Sequence[Movement] = ()
    cards: Sequence[Card] = ()


def stated_in(sources: Iterable[Source], at: datetime, interface: str) -> Stated | None:
    """Return the balances among the sources of an answer; None: it told of none."""
    found: Stated | None = None
    for source in sources:
        one = _of(source, at, interface)
        if one is not None and (found is None or one.whole or not found.whole):
            found = one if found is None or one.whole else _both(found, one)
    return found


def changes(before: Stated, now: Data, quote: str) -> list[Change]:
    """Return which quantities differ between an answer and a tool's result, cash last.

    Of cash only where both are of the whole: an answer on one asset is asked about that asset.
    """
    whole = "holdings" in now
    held = _units(now)
    # Either may tell of one asset only.
    names = list(held) if not whole else [*held, *(n for n in before.units if n not in held)]
    names = [n for n in names if before.whole or n in before.units]
    found = [Change(n, before.units.get(n, _NONE), held.get(n, _NONE)) for n in names]
    # Cents: interest and dust are no news.
    cash = Change(quote, before.cash, _cash(now))
    whole = whole and before.whole
    if whole and cash.then.quantize(_CENT) != cash.now.quantize(_CENT):
        found.append(cash)
    return [each for each in found if each.then != each.now]


def since_answer(before: Stated, now: Data, changed: Sequence[Change], happened: Happened) -> Data:
    """Return what an answer should say of what changed, as a part of a tool's result.

    {at, interface, total_then | value_then, changed: [{symbol, quantity_then, quantity_now}, or of
    cash {cash_then, cash_now}], because: [fills and movements, latest first, those of cash with an
    `amount`], explained, only_prices}. `explained`: what happened adds up to the changes.
    """
    told: Data = {"at": before.at.isoformat(), "interface": before.interface}
    told |= _worth_then(before, now)
    if not changed:
        return (told | {"only_prices": True}) if len(told) > 2 else {}  # noqa: PLR2004 - when, where
    quote = str(now["quote_currency"])
    because: dict[str, Data] = {}
    explained = True
    for change in changed:
        if change.asset == quote:
            continue
        reasons, complete = _reasons(change, happened)
        because |= reasons
        explained = explained and complete
    because |= {
        each.movement_id: _moved(each, quote)
        for each in happened.movements
        if each.asset == quote and each.at > before.at
    }
    told["changed"] = [_difference(each, quote) for each in changed]
    told["because"] = sorted(because.values(), key=lambda each: each["at"], reverse=True)
    told["explained"] = explained and bool(because)
    return told


def _difference(change: Change, quote: str) -> Data:
    then, now = _text(change.then), _text(change.now)
    if change.asset == quote:
        return {"cash_then": then, "cash_now": now}
    return {"symbol": change.asset, "quantity_then": then, "quantity_now": now}


def _reasons(change: Change, happened: Happened) -> tuple[dict[str, Data], bool]:
    """Walk back from now until what happened adds up to the change."""
    left = change.now - change.then
    steps = [(each.at, each.trade_id, _gained(each), each) for each in happened.trades
             if each.symbol == change.asset]  # fmt: skip
    steps += [(each.at, each.movement_id, each.amount, each) for each in happened.movements
              if each.asset == change.asset]  # fmt: skip
    found: dict[str, Data] = {}
    for _, name, amount, each in sorted(steps, key=lambda step: step[:2], reverse=True):
        if left == 0:
            break
        left -= amount
        found[name] = (
            _moved(each, "") if isinstance(each, Movement) else _filled(each, happened.cards)
        )
    # What does not add up explains nothing.
    return (found, True) if left == 0 else ({}, False)


def _gained(trade: Trade) -> Decimal:
    units = trade.quantity if trade.side == "buy" else -trade.quantity
    return units - trade.fee if trade.fee_asset == trade.symbol else units


def _filled(trade: Trade, cards: Sequence[Card]) -> Data:
    told: Data = {
        "what": "fill",
        "side": trade.side,
        "symbol": trade.symbol,
        "quantity": _text(trade.quantity),
        "price": _text(trade.price),
        "at": trade.at.isoformat(),
    }
    card = next((each for each in cards if each.decision_id == trade.decision_id), None)
    if card is not None and card.resolved is not None and card.resolved.choice == "approve":
        told |= {"approved_at": card.resolved.at.isoformat(), "approved_on": card.resolved.via}
        if card.resolved.mandate_id:
            told["mandate_id"] = card.resolved.mandate_id
    return told


def _moved(movement: Movement, quote: str) -> Data:
    much = _text(abs(movement.amount))
    told = {"what": movement.kind, "came": movement.amount > 0, "at": movement.at.isoformat()}
    if movement.asset == quote:
        return told | {"amount": much}
    return told | {"symbol": movement.asset, "quantity": much}


def _worth_then(before: Stated, now: Data) -> Data:
    """Return what the whole, or the one asset, was worth, if that shows another amount now."""
    if "holdings" in now:
        then, worth, name = before.total, now.get("total"), "total_then"
    else:
        then = before.worth.get(str(now["symbol"]))
        worth, name = now.get("holding", {}).get("value"), "value_then"
    if then is None or worth is None or then.quantize(_CENT) == Decimal(worth).quantize(_CENT):
        return {}
    return {name: _text(then)}


def _of(source: Source, at: datetime, interface: str) -> Stated | None:
    data = source.data
    if source.tool not in (_PORTFOLIO, _POSITION) or "cash" not in data:
        return None
    held = data.get("holdings", [data["holding"]] if "holding" in data else [])
    try:
        worth = {each["symbol"]: Decimal(each["value"]) for each in held if "value" in each}
        total = Decimal(data["total"]) if "total" in data else None
        return Stated(
            at=at,
            interface=interface,
            simulated=source.simulated,
            whole="holdings" in data,
            cash=_cash(data),
            total=total,
            units=_units(data),
            worth=worth,
        )
    except (KeyError, TypeError, InvalidOperation):
        return None  # an older answer's shape: it is not compared


def _cash(data: Data) -> Decimal:
    # What open orders reserve is still there.
    return Decimal(data["cash"]) + Decimal(data.get("cash_reserved", "0"))


def _units(data: Data) -> dict[str, Decimal]:
    if "holdings" in data:
        return {each["symbol"]: Decimal(each["quantity"]) for each in data["holdings"]}
    held = data.get("holding", {}).get("quantity", "0")
    return {str(data["symbol"]): Decimal(held)}


def _both(one: Stated, other: Stated) -> Stated:
    return Stated(
        at=other.at,
        interface=other.interface,
        simulated=other.simulated,
        whole=False,
        cash=other.cash,
        total=None,
        units={**one.units, **other.units},
        worth={**one.worth, **other.worth},
    )


def _text(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
