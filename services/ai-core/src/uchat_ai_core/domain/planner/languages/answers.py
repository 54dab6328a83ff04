"""Answers in Spanish and German, from the same results as the English ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from uchat_ai_core.domain.planner import replies as tools
from uchat_ai_core.domain.planner.alert_calls import SET_ALERT
from uchat_ai_core.domain.planner.alerts import AlertWish
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.languages.messages import MESSAGES
from uchat_ai_core.domain.planner.languages.others import READ
from uchat_ai_core.domain.planner.orders import Orders
from uchat_ai_core.domain.planner.replies import Reply, Result, unavailable
from uchat_ai_core.domain.planner.words import (
    clock,
    figure,
    gain,
    gain_pct,
    money,
    pct,
    price,
    quoted,
    signed_pct,
)
from uchat_contracts.trading import venue_name

_FIXED: Final = {
    Ask.GREETING: "greeting", Ask.HOW_ARE_YOU: "how_are_you", Ask.THANKS: "thanks",
    Ask.GOODBYE: "goodbye", Ask.IDENTITY: "identity", Ask.CAPABILITIES: "offer",
    Ask.DECLINE: "declined",
}  # fmt: skip
_EXAMPLES: Final = {"es": ("compra", "200 dólares de"), "de": ("kaufe", "200 Dollar")}
_PRICES: Final = frozenset({Ask.PRICE, Ask.COMPARE, Ask.MARKET, Ask.MOVERS})
_AWAY: Final = (None, "unavailable")
_MOST: Final = 5


class Speaker:
    """Says things in one language."""

    def __init__(self, language: str) -> None:
        self._messages = MESSAGES[language]
        self.language = language

    def say(self, key: str, /, **gaps: str) -> str:
        """Return a message with its gaps filled."""
        return self._messages[key].format(**gaps)

    def listed(self, items: Sequence[str]) -> str:
        """Return items as a list in words."""
        last = f" {self._messages['and']} "
        return last.join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message: its language, what it said there, and what was understood of it."""

    language: str
    said: str
    understood: Understanding
    orders: Orders | None = None


def in_kind(asked: Asked, reply: Reply, results: Mapping[str, Result]) -> Reply:
    """Return an answer in the language of its question; tables and figures stay as they are.

    A language that is only recognised gets a polite word first; what no message is there for stays
    English, and that is said.
    """
    if asked.language in READ:
        return replace(reply, summary=f"{READ[asked.language]} {reply.summary}", brief="")
    if asked.language not in MESSAGES:
        return reply
    speaker = Speaker(asked.language)
    told = _told(speaker, asked, results)
    if not told:
        return replace(reply, summary=f"{speaker.say('english')} {reply.summary}", brief="")
    offers = asked.understood.ask in (Ask.GREETING, Ask.UNKNOWN)
    return Reply(told, speaker.say("offer") if offers else "", reply.tables)


def _told(speaker: Speaker, asked: Asked, results: Mapping[str, Result]) -> str:
    ask, orders = asked.understood.ask, asked.orders
    if ask in _FIXED:
        return speaker.say(_FIXED[ask])
    if any(unavailable(each) and each.get("code") in _AWAY for each in results.values()):
        return speaker.say("away")
    if orders is not None and orders.lacks:
        return _lacking(speaker, orders)
    if asked.understood.alert is not None:
        return _alert(speaker, asked.understood.alert, results)
    for tool, answer in _BY_TOOL.items():
        if tool == tools.GET_QUOTES and ask not in _PRICES:
            continue  # prices beside an answer that has no message
        if tool in results and not unavailable(results[tool]):
            return answer(speaker, results[tool])
    return speaker.say("unsure", said=quoted(asked.said)) if ask is Ask.UNKNOWN else ""


def _lacking(speaker: Speaker, orders: Orders) -> str:
    verb, size = _EXAMPLES[speaker.language]
    symbol = orders.symbols[0] if orders.symbols else "BTC"
    name = {"asset": "lacks_asset", "size": "lacks_size"}.get(orders.lacks, "")
    if orders.lacks == "account":
        return speaker.say("lacks_account")
    if orders.flaw or (not name and orders.lacks not in ("price", "trigger")):
        return ""
    if not name:
        return speaker.say("lacks_price")
    return speaker.say(name, **_gaps(name, symbol, f"{verb} {size} {symbol}"))


def _alert(speaker: Speaker, wish: AlertWish, results: Mapping[str, Result]) -> str:
    """Say that an alert of a price was set, or what it leaves open; the rest stays English."""
    if wish.action != "set" or (not results and not wish.lacks):
        return ""
    if not results:
        return speaker.say(f"alert_{wish.lacks}") if wish.lacks in ("asset", "price") else ""
    result = results.get(SET_ALERT, {"error": ""})
    plain = wish.kind == "price" and wish.symbol and wish.level is not None
    if not plain or unavailable(result) or result.get("beyond") or wish.level is None:
        return ""
    gaps = {"symbol": wish.symbol, "price": price(format(wish.level, "f"))}
    return speaker.say(f"alert_{wish.way}", **gaps)


def _gaps(name: str, symbol: str, example: str) -> dict[str, str]:
    return {"example": example} | ({"symbol": symbol} if name == "lacks_size" else {})


def _quotes(speaker: Speaker, result: Result) -> str:
    quotes: list[dict[str, Any]] = result["quotes"]
    if not quotes:
        return ""
    kind = "quoted" if any(each["simulated"] for each in quotes) else "quoted_live"
    quoted_at = speaker.say(kind, time=clock(quotes[0]["as_of"]))
    if len(quotes) > _MOST:
        ranked = sorted(quotes, key=lambda each: float(each["change_24h_pct"]))
        best, worst = ranked[-1], ranked[0]
        up = sum(float(each["change_24h_pct"]) > 0 for each in quotes)
        return speaker.say(
            "market", up=str(up), down=str(len(quotes) - up), best=best["symbol"],
            best_change=signed_pct(best["change_24h_pct"]), worst=worst["symbol"],
            worst_change=signed_pct(worst["change_24h_pct"]),
        ) + f" {quoted_at}"  # fmt: skip
    lines = [
        speaker.say(
            "price", name=each.get("name") or each["symbol"], price=price(each["price"]),
            currency=each["quote_currency"], change=signed_pct(each["change_24h_pct"]),
        )
        for each in quotes
    ]  # fmt: skip
    return " ".join([*lines, quoted_at])


def _portfolio(speaker: Speaker, result: Result) -> str:
    held = [str(each["symbol"]) for each in result["holdings"]]
    if "total" not in result:
        return ""
    name = "portfolio" if held else "portfolio_cash"
    gaps = {"total": money(result["total"]), "currency": result["quote_currency"]}
    if held:
        cash = result.get("cash_in_all", result["cash"])
        gaps |= {"cash": money(cash), "coins": speaker.listed(held)}
    return speaker.say(name, **gaps)


def _position(speaker: Speaker, result: Result) -> str:
    held = result.get("holding")
    if held is None:
        return speaker.say("no_position", symbol=result["symbol"])
    if "value" not in held or "unrealised" not in held:
        return ""
    return speaker.say(
        "position", symbol=result["symbol"], quantity=figure(held["quantity"]),
        value=money(held["value"]), gain=gain(held["unrealised"]),
        currency=result["quote_currency"],
    )  # fmt: skip


def _performance(speaker: Speaker, result: Result) -> str:
    if "change" not in result or "total_now" not in result:
        return ""
    return speaker.say(
        "performance", change=gain(result["change"]), currency=result["quote_currency"],
        total=money(result["total_now"]), fees=money(result["fees"]),
    )  # fmt: skip


def _proposal(speaker: Speaker, result: Result) -> str:
    if "denied" in result:
        return speaker.say("denied", reason=str(result["denied"]["text"]))
    if not result.get("proposed"):
        return ""
    return speaker.say(
        "proposal", orders=_legs(speaker, result), total=money(result["total"]),
        currency=result["quote_currency"], fees=money(result["fees"]),
        account=_account(speaker, result),
    )  # fmt: skip


def _account(speaker: Speaker, result: Result) -> str:
    if result.get("simulated", True):
        return speaker.say("on_paper")
    return speaker.say("on_venue", venue=venue_name(str(result["venue"])))


def _legs(speaker: Speaker, result: Result) -> str:
    legs: list[dict[str, Any]] = result["orders"]
    return speaker.listed([_leg(speaker, each) for each in legs])


def _leg(speaker: Speaker, leg: Mapping[str, Any]) -> str:
    said = speaker.say(leg["side"], quantity=figure(leg["quantity"]), symbol=leg["symbol"])
    terms = [
        speaker.say(term, price=price(leg[f"{term}_price"]))
        for term in ("trigger", "limit")
        if leg.get(f"{term}_price")
    ]
    return " ".join([said, *terms])


def _rebalance(speaker: Speaker, result: Result) -> str:
    if result.get("balanced"):
        return speaker.say("balanced")
    if not result.get("proposed"):
        return _proposal(speaker, result)
    return speaker.say("rebalance", orders=_legs(speaker, result))


def _orders(speaker: Speaker, result: Result) -> str:
    found: list[dict[str, Any]] = result["orders"]
    if not found:
        return speaker.say("no_orders")
    return speaker.say("orders", count=str(len(found)), orders=_named(speaker, found))


def _cancelled(speaker: Speaker, result: Result) -> str:
    found: list[dict[str, Any]] = result["orders"]
    if not found:
        return speaker.say("nothing_cancelled")
    return speaker.say("cancelled", orders=_named(speaker, found))


def _named(speaker: Speaker, orders: Sequence[Mapping[str, Any]]) -> str:
    return speaker.listed(
        [
            speaker.say(
                "order", side=speaker.say(f"side_{each['side']}"),
                quantity=figure(each["quantity"]), symbol=each["symbol"],
            )
            for each in orders
        ]
    )  # fmt: skip


def _risk(speaker: Speaker, result: Result) -> str:
    if not result["symbols"]:
        return speaker.say("no_risk")
    return speaker.say(
        "risk", tail=result["tail_pct"], loss=money(result["var_95"]),
        currency=result["quote_currency"], loss_pct=result["var_95_pct"],
        volatility=result["volatility_pct"],
    )  # fmt: skip


def _setups(speaker: Speaker, result: Result) -> str:
    if not result["setups"]:
        return speaker.say("no_setup")
    first: dict[str, Any] = result["setups"][0]
    return speaker.say(
        "setup", symbol=first["symbol"], entry=price(first["entry"]), stop=price(first["stop"]),
        target=price(first["target"]), days=str(first["horizon_days"]),
    )  # fmt: skip


def _analysis(speaker: Speaker, result: Result) -> str:
    if "indicators" not in result:
        return ""
    quote, seen = result["quote"], result["indicators"]
    return speaker.say(
        "analysis", name=quote.get("name") or quote["symbol"], price=price(quote["price"]),
        currency=quote["quote_currency"], rsi=seen["rsi_14"],
        change=gain_pct(seen["change_7d_pct"]),
    )  # fmt: skip


def _allocation(speaker: Speaker, result: Result) -> str:
    lines: list[dict[str, Any]] = result["lines"]
    return speaker.say(
        "allocation", amount=money(result["amount"]), currency=result["quote_currency"],
        lines=speaker.listed([f"{each['symbol']} {pct(each['weight_pct'])}" for each in lines]),
        cash=money(result["cash"]),
    )  # fmt: skip


def _stopped(speaker: Speaker, result: Result) -> str:
    return speaker.say("stopped") if result.get("on") else ""


_BY_TOOL: Final[Mapping[str, Callable[[Speaker, Result], str]]] = {
    tools.PROPOSE: _proposal,
    tools.LIQUIDATION: _proposal,
    tools.PROPOSE_ALLOCATION: _proposal,
    tools.PROPOSE_REBALANCE: _rebalance,
    tools.CANCEL: _cancelled,
    tools.STOP: _stopped,
    tools.ORDERS: _orders,
    tools.POSITION: _position,
    tools.PNL: _performance,
    tools.ASSESS_RISK: _risk,
    tools.FIND_OPPORTUNITIES: _setups,
    tools.ANALYSE: _analysis,
    tools.ALLOCATION: _allocation,
    tools.PORTFOLIO: _portfolio,
    tools.GET_QUOTES: _quotes,
}
