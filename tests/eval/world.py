"""Where the cases happen: a market of twenty coins, an account that holds three, a brain."""

import random
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2] / "services/ai-core/tests"))
from account_world import Account, fill, mandate, open_order

from uchat_ai_core.domain.planner.number_words import with_digits
from uchat_ai_core.domain.turn import Answered, Said, TurnIn, text_of
from uchat_contracts.trading import Order, PlanRequest

if TYPE_CHECKING:
    from uchat_ai_core.adapters.brain import PydanticBrain

LOG = "unified_01JD0000000000000000000000"
PERSON = "user_01JD0000000000000000000000"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
COINS = {
    "BTC": ("Bitcoin", "51234.50", "1.42"), "ETH": ("Ethereum", "2845.10", "-0.87"),
    "SOL": ("Solana", "142.37", "3.15"), "BNB": ("BNB", "602.90", "0.12"),
    "XRP": ("XRP", "0.6123", "-2.31"), "ADA": ("Cardano", "0.4519", "0.64"),
    "DOGE": ("Dogecoin", "0.1234", "5.02"), "AVAX": ("Avalanche", "36.81", "-1.93"),
    "DOT": ("Polkadot", "6.982", "-0.41"), "LINK": ("Chainlink", "17.245", "2.08"),
    "LTC": ("Litecoin", "84.11", "0.33"), "UNI": ("Uniswap", "9.412", "-3.77"),
}  # fmt: skip


class Market:
    """Twelve coins with fixed prices of one time."""

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Any]:
        asked = list(symbols) or list(COINS)
        found = [_quote(symbol) for symbol in asked if symbol in COINS]
        return {"quotes": found, "unknown": [each for each in asked if each not in COINS]}

    async def instruments(self) -> list[dict[str, str]]:
        return [
            {"symbol": symbol, "name": name, "quote_currency": "USDT"}
            for symbol, (name, *_) in COINS.items()
        ]

    async def closes(self, symbols: Sequence[str], days: int) -> dict[str, list[float]]:
        return {each: _closes(each, days) for each in symbols if each in COINS}


def _closes(symbol: str, days: int) -> list[float]:
    """A path that is the same in every run and ends at the price of now."""
    chance = random.Random(symbol)
    steps = [chance.gauss(0.002 * (1 - 2 * (len(symbol) % 2)), 0.03) for _ in range(days - 1)]
    price = float(COINS[symbol][1])
    path = [price]
    for step in steps:
        path.append(path[-1] / (1 + step))
    return path[::-1]


def _quote(symbol: str) -> dict[str, Any]:
    name, price, change = COINS[symbol]
    value = Decimal(price)
    return {
        "symbol": symbol, "name": name, "quote_currency": "USDT", "price": price,
        "bid": f"{value * Decimal('0.9995'):.6f}", "ask": f"{value * Decimal('1.0005'):.6f}",
        "change_24h_pct": change, "as_of": "2026-11-22T12:00:00Z", "source": "synthetic",
        "simulated": True,
    }  # fmt: skip


def account() -> Account:
    """Return an account with three coins, some cash, an open order, a trade and a mandate."""
    prices = {symbol: Decimal(price) for symbol, (_, price, _) in COINS.items()}
    return Account(
        cash=Decimal(50_000),
        held={"BTC": Decimal("0.1"), "ETH": Decimal(2), "SOL": Decimal(20)},
        cost={"BTC": Decimal("48012.34"), "ETH": Decimal(3010), "SOL": Decimal("120.5")},
        open_orders=[
            open_order("BTC", "45000"),
            open_order("ETH", "2500"),
            *(_stop(symbol) for symbol in ("BTC", "SOL")),
        ],
        fills=[fill("BTC")],
        signed=[mandate("100", "25")],
        most_share=Decimal(1),
        prices=prices,
    )


def _stop(symbol: str) -> Order:
    price = Decimal(COINS[symbol][1]) * Decimal("0.8")
    changed = {"order_id": f"stop_{symbol}", "type": "stop", "side": "sell", "status": "waiting"}
    return open_order(symbol).model_copy(
        update=changed | {"limit_price": None, "trigger_price": price.quantize(Decimal("0.01"))}
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a conversation's last message."""

    answered: Answered
    text: str
    effect: str
    turn: TurnIn


async def converse(
    brain_of: Any, messages: Sequence[str], *, mode: str = "trading", language: str = ""
) -> Heard:
    """Say the messages, the earlier ones on Telegram and the last one on the web; judge the last.

    `brain_of(market, account)` makes the brain.
    """
    books, market = account(), Market()
    brain: PydanticBrain = brain_of(market, books)
    history: list[Said] = []
    for place, text in enumerate(messages, 1):
        last = place == len(messages)
        interface = "web_chat" if last else "telegram"
        message = _said(text, len(history) + 1, "user", interface)
        books.asked.clear()
        turn = TurnIn(LOG, message, mode, tuple(history))
        answered = [event async for event in brain.turn(turn)][-1]
        assert isinstance(answered, Answered)
        said = text_of(answered.parts)
        if last:
            told = text if _SHARE.search(text) else " ".join(messages)
            return Heard(answered, said, _effect(answered, books.asked, told), turn)
        history += [message, _said(said, len(history) + 2, "assistant", interface)]
    raise ValueError("expected a message")


def _said(text: str, seq: int, role: str, interface: str) -> Said:
    at = NOON + timedelta(minutes=seq)
    return Said(f"msg_{seq:026d}", seq, role, text, interface, at, user_id=PERSON)


_CALLS = {"stop_trading": "stop", "revoke": "revoke", "cancel": "cancel", "set_mode": "mode"}
_BY_TOOL = {"trade_within_mandate": "within", "propose_liquidation": "liquidate"}


def _effect(answered: Answered, asked: Sequence[str], text: str) -> str:
    """Tell what was done or proposed, as the cases write it; two things are joined by ` + `."""
    calls = (call.partition(" ") for call in asked)
    done = [f"{_CALLS[name]} {rest}".strip() for name, _, rest in calls if name in _CALLS]
    tools = {source.tool for source in answered.sources}
    if "propose_rebalance" in tools:
        done += [each for each in asked if each.startswith("rebalance")]
    else:
        done += [_proposal(plan, answered, tools, text) for plan in answered.proposals]
    return " + ".join(dict.fromkeys(done))


def _proposal(plan: PlanRequest, answered: Answered, tools: set[str], text: str) -> str:
    if plan.purpose == "allocation":
        amounts = [s.data["amount"] for s in answered.sources if "profile" in s.data]
        return f"invest {amounts[0]}"
    named = [name for tool, name in _BY_TOOL.items() if tool in tools]
    return named[0] if named else "; ".join(_leg(leg, text) for leg in plan.legs)


_WHOLE_SHARES = (25, 30, 50, 75)
_COMMA = re.compile(r"(?<=\d),(?=\d)")  # "0,03 BTC" is a figure that was named
# Who names a share means a part of what is held, whatever figures were named before.
_SHARE = re.compile(
    r"half|quarter|third|all\b|%|percent|mitad|cuarto|tercio|viertel|drittel", re.IGNORECASE
)
_ONE = re.compile(r"\b(?:einen?|una?)(?= (?:eth|btc|sol|ether|bitcoin|solana)\b)", re.IGNORECASE)
_PARTS_OF_CASH = {"12500": "25%", "25000": "50%", "49500": "100%"}


def _leg(leg: Any, text: str) -> str:
    # A part of what is held or of the cash comes as a figure; it is a part unless it was named.
    held = account().held
    if leg.all:
        size = "100%"
    elif leg.amount is not None:
        plain = _plain(leg.amount)
        size = f"${plain}" if plain in text else _PARTS_OF_CASH.get(plain, f"${plain}")
    else:
        size = _plain(leg.quantity)
        share = leg.quantity / held[leg.symbol] * 100 if leg.symbol in held else None
        named = re.findall(r"[\d.]*\d", _COMMA.sub(".", with_digits(_ONE.sub("1", text))))
        numbers = {_plain(Decimal(each)) for each in named}
        if leg.side == "sell" and share is not None and size not in numbers:
            # What is written as a percentage is one; halves and the like are too.
            is_part = share in _WHOLE_SHARES or _plain(share) in numbers
            size = f"{_plain(share)}%" if is_part else size
    limit = f" @{_plain(leg.limit_price)}" if leg.limit_price is not None else ""
    waits = ""
    if leg.trigger_price is not None:
        falls = (leg.side == "sell") == (leg.type == "stop")
        waits = f" {'<' if falls else '>'}{_plain(leg.trigger_price)}"
    return f"{leg.side} {leg.symbol} {size}{limit}{waits}"


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
