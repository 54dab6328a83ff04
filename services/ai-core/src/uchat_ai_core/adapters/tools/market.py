"""Tools that read the market. They change nothing, and each result is noted as a source."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any, Final

from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelRetry

from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.untrusted import with_plain_names
from uchat_contracts.parts import Source
from uchat_platform import telemetry
from uchat_platform.errors import UchatError

_AWAY: Final[dict[str, Any]] = {"error": "market data does not answer; give no figure"}
_DOLLARS: Final = frozenset({"USD", "USDT", "USDC", ""})
_QUANTUM: Final = Decimal("0.00000001")


async def get_quotes(ctx: RunContext[TurnDeps], symbols: list[str]) -> dict[str, Any]:
    """Return the latest quotes: price, bid, ask and change over 24 hours, with source and time.

    Args:
        ctx: The run.
        symbols: Base assets, as ["BTC", "ETH"]; an empty list quotes everything that is listed.
    """
    with telemetry.span("tool get_quotes"):
        try:
            result = await ctx.deps.market.quotes(symbols)
        except UchatError:
            return dict(_AWAY)
    result = {**result, "quotes": with_plain_names(result["quotes"])}
    _cite_quotes(ctx.deps, "get_quotes", result["quotes"], result)
    return result


async def list_instruments(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """Return the coins that can be quoted, by symbol and name.

    Args:
        ctx: The run.
    """
    with telemetry.span("tool list_instruments"):
        try:
            result = {"instruments": with_plain_names(await ctx.deps.market.instruments())}
        except UchatError:
            return dict(_AWAY)
    ctx.deps.cite(
        [
            Source(
                tool="list_instruments",
                as_of=datetime.now(UTC),
                simulated=True,
                data={"symbols": [each["symbol"] for each in result["instruments"]]},
            )
        ]
    )
    return result


async def convert(
    ctx: RunContext[TurnDeps], amount: str, unit: str, symbols: list[str]
) -> dict[str, Any]:
    """Return how much of each asset an amount of US dollars or USDT would buy at the ask.

    With an asset as the unit and no symbols: what that many units are worth at the bid.

    Args:
        ctx: The run.
        amount: A decimal number, as "500" or "0.5".
        unit: USD, USDT or USDC, or a base asset.
        symbols: Base assets to buy, as ["BTC"]; none where the unit is an asset.
    """
    try:
        value = Decimal(amount)
    except InvalidOperation as e:
        raise ModelRetry(f"expected a decimal amount, found {amount!r}") from e
    sells = unit.upper() not in _DOLLARS
    if sells:
        symbols = [unit.upper()]
    with telemetry.span("tool convert"):
        try:
            result = await ctx.deps.market.quotes(symbols)
        except UchatError:
            return dict(_AWAY)
    convert_one = _worth if sells else _conversion
    conversions = [convert_one(value, unit.upper(), quote) for quote in result["quotes"]]
    found = {"conversions": conversions, "unknown": result["unknown"]}
    _cite_quotes(ctx.deps, "convert", conversions, found)
    return found


def _worth(amount: Decimal, unit: str, quote: dict[str, Any]) -> dict[str, Any]:
    worth = (amount * Decimal(quote["bid"])).quantize(Decimal("0.01"), ROUND_DOWN)
    return {
        "symbol": unit,
        "quantity": format(amount, "f"),
        "worth": format(worth, "f"),
        "bid": quote["bid"],
        "quote_currency": quote["quote_currency"],
        "as_of": quote["as_of"],
        "source": quote["source"],
        "simulated": quote["simulated"],
    }


def _conversion(amount: Decimal, unit: str, quote: dict[str, Any]) -> dict[str, Any]:
    quantity = (amount / Decimal(quote["ask"])).quantize(_QUANTUM, ROUND_DOWN)
    return {
        "symbol": quote["symbol"],
        "quantity": format(quantity.normalize(), "f"),
        "amount": {"value": format(amount, "f"), "unit": unit or "USD"},
        "ask": quote["ask"],
        "quote_currency": quote["quote_currency"],
        "as_of": quote["as_of"],
        "source": quote["source"],
        "simulated": quote["simulated"],
    }


def _cite_quotes(
    deps: TurnDeps, tool: str, quotes: list[dict[str, Any]], data: dict[str, Any]
) -> None:
    if not quotes:
        return
    as_of = min(datetime.fromisoformat(quote["as_of"]) for quote in quotes)
    simulated = any(quote["simulated"] for quote in quotes)
    deps.cite([Source(tool=tool, as_of=as_of, simulated=simulated, data=data)])
