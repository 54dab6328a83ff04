"""What one version of a plan changes over the former, in words and figures."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import zip_longest
from typing import Final

from uchat_contracts.trading import Change, Leg, Plan
from uchat_execution.domain.money import money, quantity

_SHOWN: Final = Decimal("0.1")
_KINDS: Final = {
    "market": "market order",
    "limit": "limit order",
    "stop": "stop order",
    "take_profit": "take-profit order",
}
_FORCES: Final = {
    "gtc": "good till cancelled",
    "ioc": "immediate or cancel",
    "fok": "fill or kill",
}


def changes(former: Plan, plan: Plan) -> list[Change]:
    """Return what a plan changes over the former one: leg by leg, then totals.

    Legs belong together by symbol and side, in their order. A drift of the market's price that
    reads as 0.0 % is not told; a change that somebody made is, however small.
    """
    found: list[Change] = []
    for before, after in _pairs(former, plan):
        if before is None and after is not None:
            found.append(_added(after))
        elif after is None and before is not None:
            found.append(_removed(before))
        elif before is not None and after is not None:
            found += _leg(before, after, plan.quote_currency)
    found += _sum("total", "Total", former.total, plan.total, plan.quote_currency)
    found += _sum("fees", "Fees", former.fees, plan.fees, plan.quote_currency)
    return found


def _pairs(former: Plan, plan: Plan) -> Iterator[tuple[Leg | None, Leg | None]]:
    before, after = _by_wish(former), _by_wish(plan)
    for key in dict.fromkeys([*before, *after]):
        yield from zip_longest(before.get(key, []), after.get(key, []))


def _by_wish(plan: Plan) -> dict[tuple[str, str], list[Leg]]:
    legs: defaultdict[tuple[str, str], list[Leg]] = defaultdict(list)
    for leg in plan.legs:
        legs[leg.symbol, leg.side].append(leg)
    return legs


def _leg(before: Leg, after: Leg, quote: str) -> list[Change]:
    found = _words(before, after)
    found += _figure("quantity", after, before.quantity, after.quantity, after.symbol)
    if after.limit_price is None and after.trigger_price is None and _tells(before, after):
        found += _figure("price", after, before.price, after.price, quote)
    for what in ("limit_price", "trigger_price"):
        found += _figure(what, after, getattr(before, what), getattr(after, what), quote)
    return found


def _words(before: Leg, after: Leg) -> list[Change]:
    was, now = _terms(before), _terms(after)
    if was == now:
        return []
    text = f"{after.symbol}: was a {was}, now a {now}"
    return [Change(what="legs", leg=after.n, symbol=after.symbol, was=was, now=now, text=text)]


def _terms(leg: Leg) -> str:
    words = [_KINDS[leg.type]]
    if leg.time_in_force != "gtc":
        words.append(_FORCES[leg.time_in_force])
    if leg.post_only:
        words.append("post-only")
    return ", ".join(words)


def _figure(
    what: str, leg: Leg, before: Decimal | None, after: Decimal | None, unit: str
) -> list[Change]:
    if before == after:
        return []
    name = {"limit_price": "limit", "trigger_price": "trigger", "quantity": "quantity"}.get(what)
    subject = f"{leg.symbol} {name}" if name else leg.symbol
    return [
        Change(
            what=what,
            leg=leg.n,
            symbol=leg.symbol,
            was=_plain(before),
            now=_plain(after),
            text=_sentence(subject, before, after, unit),
        )
    ]


def _sum(what: str, subject: str, before: Decimal, after: Decimal, unit: str) -> list[Change]:
    if before == after or _percent(before, after) == 0:
        return []
    was, now = money(before, unit), money(after, unit)
    if was == now:
        return []
    text = f"{subject}: was {was}, now {now}{_by(before, after)}"
    return [Change(what=what, was=_plain(before), now=_plain(after), text=text)]


def _sentence(subject: str, before: Decimal | None, after: Decimal | None, unit: str) -> str:
    if before is None:
        return f"{subject}: none before, now {_read(after)} {unit}"
    if after is None:
        return f"{subject}: was {_read(before)} {unit}, now none"
    return f"{subject}: was {_read(before)} {unit}, now {_read(after)} {unit}{_by(before, after)}"


def _by(before: Decimal, after: Decimal) -> str:
    share = _percent(before, after)
    return f", {share:+f} %" if share else ""


def _added(leg: Leg) -> Change:
    now = _order(leg)
    return Change(what="legs", leg=leg.n, symbol=leg.symbol, now=now, text=f"New: {now}")


def _removed(leg: Leg) -> Change:
    was = _order(leg)
    return Change(what="legs", symbol=leg.symbol, was=was, text=f"No longer: {was}")


def _order(leg: Leg) -> str:
    return f"{leg.side} {_read(leg.quantity)} {leg.symbol}"


def _tells(before: Leg, after: Leg) -> bool:
    return _percent(before.price, after.price) != 0


def _percent(before: Decimal, after: Decimal) -> Decimal | None:
    """The change in percent to one decimal; None: there was nothing to compare with."""
    if before <= 0:
        return None
    return ((after - before) / before * 100).quantize(_SHOWN, ROUND_HALF_EVEN)


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else quantity(value)


def _read(value: Decimal | None) -> str:
    if value is None:
        return "none"
    text = format(value, ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text
