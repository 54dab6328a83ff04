"""Which tools an understood message needs before it can be answered."""

# ruff: noqa: E501 - sentences are read whole
from collections.abc import Sequence
from typing import Any, Final

from uchat_ai_core.domain.planner import alert_calls
from uchat_ai_core.domain.planner.account_slot import shown, without_account
from uchat_ai_core.domain.planner.alerts import meant
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.context import (
    PRICES,
    Capital,
    assets_meant,
    capital_of,
    money_of,
    profile_of,
)
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.orders import Orders, Wish, read_orders
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.replies import (
    ALLOCATION,
    CANCEL,
    CONVERT,
    DECISIONS,
    GET_QUOTES,
    LIMITS,
    LIQUIDATION,
    LIST_INSTRUMENTS,
    MANDATES,
    ORDERS,
    PNL,
    PORTFOLIO,
    POSITION,
    PREVIEW,
    PROPOSE,
    PROPOSE_ALLOCATION,
    PROPOSE_REBALANCE,
    REMEMBERED,
    REVOKE,
    SET_MODE,
    STOP,
    TRADES,
    TRADING,
    WITHIN_MANDATE,
    Call,
)
from uchat_ai_core.domain.planner.requests import Kind, Request, requested
from uchat_ai_core.domain.planner.symbols import ALIASES
from uchat_ai_core.domain.turn import TurnIn

_ALONE: Final[dict[Ask, str]] = {
    Ask.INSTRUMENTS: LIST_INSTRUMENTS,
    Ask.PENDING: DECISIONS,
    Ask.APPROVE: DECISIONS,
    Ask.AUTONOMOUS: MANDATES,
    Ask.LIMITS: LIMITS,
    Ask.STOPPED: LIMITS,
    Ask.EMERGENCY: STOP,
    Ask.REVOKE: REVOKE,
    Ask.LIQUIDATE: LIQUIDATION,
    Ask.TRADING: TRADING,
    Ask.MODE: TRADING,
    Ask.WIDEN: TRADING,
}
_ON_ASSETS: Final[dict[Ask, str]] = {Ask.ORDERS: ORDERS, Ask.TRADES: TRADES, Ask.CANCEL: CANCEL}
_ON_AN_ACCOUNT: Final = frozenset({PREVIEW, ORDERS})
"""Of the tools that stand in for others: those that can be asked of one account."""
_PERIODS: Final = (
    ("day", ("today", "day", "24 hours")),
    ("week", ("week",)),
    ("month", ("month",)),
)
_ON_PAPER_ONLY: Final[dict[Kind, str]] = {
    Kind.REBALANCE: "I can rebalance the paper account only. On {place} say each order, as “buy 0.01 BTC on Binance”.",
    Kind.WITHIN_MANDATE: "A mandate is for the paper account: every order on {place} is approved by you. Say it, as “buy 0.01 BTC on Binance”.",
}
_PRESENT: Final = (
    ("bought", "buy"), ("buying", "buy"), ("purchasing", "buy"), ("sold", "sell"),
    ("selling", "sell"), ("convert", "sell"), ("change", "sell"),
)  # fmt: skip


def orders_in(turn: TurnIn, understood: Understanding) -> Orders | None:
    """Return the orders that a message asks for, or asks about."""
    meant = assets_meant(turn.history)
    elsewhere = _elsewhere(understood.request)
    if elsewhere:
        return Orders(lacks="account", flaw=elsewhere)
    if understood.request is not None and understood.request.kind is Kind.ORDER:
        return read_orders(understood.request.sentence, meant=meant)
    text = turn.message.text
    if understood.ask is Ask.PREVIEW:
        for past, present in _PRESENT:
            text = text.replace(past, present)
        read = read_orders(text, meant=meant)
        return read if not read.lacks else None
    if understood.ask is Ask.TRADE and text.rstrip().endswith("?"):
        ordered = requested(text.rstrip().rstrip("?"))
        if ordered is not None and ordered.kind is Kind.ORDER:
            read = read_orders(ordered.sentence, meant=meant)
            return read if not read.lacks else None
    return None


def capital_in(turn: TurnIn, understood: Understanding) -> Capital | None:
    """Return the money that an answer is about: named in the message, or remembered."""
    if understood.ask in (Ask.CAPITAL, Ask.ALLOCATION, Ask.INVEST, Ask.OPPORTUNITY):
        named = [found for a in understood.amounts if (found := money_of(a)) is not None]
        return named[0] if named else capital_of(turn)
    return None


def calls_for(
    turn: TurnIn, understood: Understanding, orders: Orders | None, capital: Capital | None
) -> tuple[Call, ...]:
    """Return the tools to call; those of one answer are called at the same time."""
    ask = understood.ask
    if orders is not None and orders.lacks == "account":
        return ()
    if understood.alert is not None:
        return alert_calls.alert_calls(meant(understood.alert, assets_meant(turn.history)))
    if ask.startswith("recall_"):
        kind = ask.removeprefix("recall_")
        return (Call(REMEMBERED, {"about": understood.topic, "kind": kind}),)
    if ask in _ALONE:
        return (Call(_ALONE[ask], _at(turn, understood) if ask is Ask.LIQUIDATE else {}),)
    if ask in (Ask.MARKET, Ask.MOVERS):
        return (Call(GET_QUOTES, {"symbols": []}),)
    return (
        _on_account(turn, understood)
        or _on_capital(turn, understood, capital)
        or _on_trade(understood, orders)
        or _on_market(understood)
    )


def without_effect(calls: Sequence[Call]) -> tuple[Call, ...]:
    """Return the calls with which a question is answered again, without doing anything again."""
    shown = {
        PROPOSE: PREVIEW,
        PROPOSE_ALLOCATION: ALLOCATION,
        LIQUIDATION: DECISIONS,
        WITHIN_MANDATE: MANDATES,
        REVOKE: MANDATES,
        CANCEL: ORDERS,
        STOP: LIMITS,
        SET_MODE: TRADING,
        PROPOSE_REBALANCE: PORTFOLIO,
        **alert_calls.WITHOUT_EFFECT,
    }
    return tuple(
        _shown_by(shown[call.tool], call) if call.tool in shown else call for call in calls
    )


def _shown_by(tool: str, call: Call) -> Call:
    at = {} if tool in _ON_AN_ACCOUNT else {"venue"}
    return Call(tool, {name: each for name, each in call.arguments.items() if name not in at})


def _on_account(turn: TurnIn, understood: Understanding) -> tuple[Call, ...]:
    ask, symbols = understood.ask, understood.mentions.symbols
    at = _at(turn, understood)
    one = {"symbol": symbols[0]} if symbols else {}
    call: Call | None = None
    if ask in _ON_ASSETS:
        call = Call(_ON_ASSETS[ask], one | at)
    elif ask in (Ask.PORTFOLIO, Ask.PERFORMANCE) and one:
        call = Call(POSITION, one | at)
    elif ask is Ask.RISK and not one:
        return (Call(PORTFOLIO), Call(LIMITS))
    elif ask is Ask.PORTFOLIO:
        call = Call(PORTFOLIO, at)
    elif ask is Ask.PERFORMANCE:
        call = Call(PNL, {"period": _period(turn.message.text)} | at)
    elif ask is Ask.WITHIN_MANDATE:
        call = Call(WITHIN_MANDATE, {"profile": profile_of(turn)})
    elif ask is Ask.REBALANCING:
        call = Call(PROPOSE_REBALANCE, {"profile": profile_of(turn)})
    elif ask is Ask.SET_MODE and understood.request is not None:
        call = Call(SET_MODE, {"mode": understood.request.kind.removesuffix("_mode")})
    elif ask is Ask.AGAIN:
        call = Call(DECISIONS, {"which": "over"})
    return (call,) if call is not None else ()


def _on_trade(understood: Understanding, orders: Orders | None) -> tuple[Call, ...]:
    if orders is None:
        return ()
    # Whoever names a coin that may not be listed is told what is.
    symbols = list(orders.symbols)
    known = set(ALIASES.values()).issuperset([*symbols, *(wish.symbol for wish in orders.wishes)])
    others = () if known else (Call(LIST_INSTRUMENTS),)
    if orders.lacks:
        return (Call(GET_QUOTES, {"symbols": symbols}), *others) if symbols else ()
    tool = PROPOSE if understood.request is not None else PREVIEW
    at = {"venue": orders.account} if orders.account else {}
    return (Call(tool, {"orders": [_order(wish) for wish in orders.wishes]} | at), *others)


def _on_market(understood: Understanding) -> tuple[Call, ...]:
    ask, mentions = understood.ask, understood.mentions
    symbols = [*mentions.symbols, *mentions.unlisted]
    money = next((amount for amount in understood.amounts if amount.is_money), None)
    if ask is Ask.CONVERT and money is not None and symbols:
        arguments = {"amount": format(money.value, "f"), "unit": money.unit, "symbols": symbols}
        return (Call(CONVERT, arguments),)
    units = next((amount for amount in understood.amounts if not amount.is_money), None)
    if ask is Ask.CONVERT and units is not None:
        arguments = {"amount": format(units.value, "f"), "unit": units.unit, "symbols": []}
        return (Call(CONVERT, arguments),)
    known = symbols if ask in PRICES else list(mentions.symbols)
    return (Call(GET_QUOTES, {"symbols": known}),) if known else ()


def _on_capital(
    turn: TurnIn, understood: Understanding, capital: Capital | None
) -> tuple[Call, ...]:
    ask = understood.ask
    if capital is None or (ask is Ask.OPPORTUNITY and understood.mentions.symbols):
        return (Call(PORTFOLIO),) if ask is Ask.ALLOCATION else ()
    arguments: dict[str, Any] = {
        "amount": format(capital.value, "f"),
        "profile": profile_of(turn),
    }
    if ask is Ask.INVEST:
        return (Call(PROPOSE_ALLOCATION, arguments | _at(turn, understood)),)
    calls = [Call(PORTFOLIO), Call(ALLOCATION, arguments)]
    if capital.remembered is not None:
        calls.append(Call(REMEMBERED, {"about": "", "kind": "amount"}))
    return tuple(calls)


def _at(turn: TurnIn, understood: Understanding) -> dict[str, Any]:
    """The account that a message names, as an argument."""
    request = understood.request
    place = (
        request.place if request is not None else without_account(plainly(turn.message.text).text)
    )
    return {"venue": place.account} if place.account else {}


def _elsewhere(request: Request | None) -> str:
    """Why a request cannot be for the account that it names."""
    if request is None:
        return ""
    place = request.place
    if place.flaw or not place.is_live:
        return place.flaw
    return _ON_PAPER_ONLY.get(request.kind, "").format(place=shown(place.account))


def _period(text: str) -> str:
    plain = normalise(text).text
    return next((name for name, words in _PERIODS if any(word in plain for word in words)), "all")


def _order(wish: Wish) -> dict[str, Any]:
    sizes = {
        "quantity": wish.quantity,
        "amount": wish.amount,
        "portion": wish.portion,
        "limit_price": wish.limit_price,
        "trigger_price": wish.trigger_price,
    }
    named: dict[str, Any] = {
        name: format(size, "f") for name, size in sizes.items() if size is not None
    }
    if wish.way is not None:
        named["way"] = wish.way
    if wish.time_in_force != "gtc":
        named["time_in_force"] = wish.time_in_force
    if wish.post_only:
        named["post_only"] = True
    return {"side": wish.side, "symbol": wish.symbol} | named
