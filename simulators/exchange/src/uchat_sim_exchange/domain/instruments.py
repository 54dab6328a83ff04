"""The instruments that are listed, and what the synthetic market assumes about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Final

QUOTE: Final = "USDT"
MIN_NOTIONAL: Final = Decimal(5)
_MAX_STEPS: Final = 900_000_000


@dataclass(frozen=True)
class Instrument:
    """A base asset quoted in USDT.

    `tick` is the smallest price step in USDT. `anchor_price`, `volatility` (of log returns, per
    square root of a year) and `spread_bps` (bid to ask, basis points) shape the synthetic walk
    only; they say nothing about the real market.
    """

    symbol: str
    name: str
    tick: Decimal
    anchor_price: Decimal
    volatility: float
    spread_bps: Decimal

    @property
    def pair(self) -> str:
        """Return the name that the API uses, as BTCUSDT."""
        return self.symbol + QUOTE

    @cached_property
    def step(self) -> Decimal:
        """Return the smallest step of a quantity: a power of ten worth about a dollar at most."""
        return min(Decimal(10) ** (-self.anchor_price.adjusted() - 1), Decimal(1))

    def whole_steps(self, quantity: Decimal) -> Decimal:
        """Return a quantity cut to a multiple of the step."""
        return quantity.quantize(self.step, ROUND_DOWN)

    @property
    def max_quantity(self) -> Decimal:
        """Return the largest quantity of one order."""
        return self.step * _MAX_STEPS


_LISTED: Final[tuple[tuple[str, str, str, str, float, str], ...]] = (
    ("BTC", "Bitcoin", "0.01", "96000", 0.45, "1"),
    ("ETH", "Ethereum", "0.01", "3400", 0.60, "1"),
    ("SOL", "Solana", "0.01", "185", 0.80, "2"),
    ("BNB", "BNB", "0.1", "680", 0.50, "2"),
    ("XRP", "XRP", "0.0001", "2.30", 0.75, "2"),
    ("ADA", "Cardano", "0.0001", "0.78", 0.80, "3"),
    ("DOGE", "Dogecoin", "0.00001", "0.21", 0.90, "3"),
    ("AVAX", "Avalanche", "0.01", "31", 0.85, "4"),
    ("DOT", "Polkadot", "0.001", "6.4", 0.80, "4"),
    ("LINK", "Chainlink", "0.001", "19.5", 0.80, "3"),
    ("LTC", "Litecoin", "0.01", "104", 0.65, "3"),
    ("BCH", "Bitcoin Cash", "0.1", "455", 0.70, "4"),
    ("TRX", "TRON", "0.0001", "0.26", 0.45, "4"),
    ("POL", "Polygon", "0.0001", "0.42", 0.85, "5"),
    ("ATOM", "Cosmos", "0.001", "5.9", 0.80, "5"),
    ("UNI", "Uniswap", "0.001", "10.8", 0.90, "5"),
    ("XLM", "Stellar", "0.0001", "0.33", 0.80, "5"),
    ("NEAR", "NEAR Protocol", "0.001", "4.6", 0.95, "5"),
    ("APT", "Aptos", "0.001", "8.2", 0.95, "5"),
    ("ARB", "Arbitrum", "0.0001", "0.68", 0.95, "6"),
    ("OP", "Optimism", "0.001", "1.62", 0.95, "6"),
    ("FIL", "Filecoin", "0.001", "4.7", 0.90, "6"),
    ("AAVE", "Aave", "0.01", "265", 0.85, "5"),
    ("SUI", "Sui", "0.0001", "3.7", 1.00, "4"),
)

INSTRUMENTS: Final[tuple[Instrument, ...]] = tuple(
    Instrument(symbol, name, Decimal(tick), Decimal(anchor), volatility, Decimal(spread_bps))
    for symbol, name, tick, anchor, volatility, spread_bps in _LISTED
)

BY_PAIR: Final[Mapping[str, Instrument]] = MappingProxyType(
    {instrument.pair: instrument for instrument in INSTRUMENTS}
)
