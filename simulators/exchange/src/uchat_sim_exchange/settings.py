"""Settings of the exchange simulator."""

from decimal import Decimal
from pathlib import Path

from pydantic import Field

from uchat_platform.settings import BaseServiceSettings
from uchat_sim_exchange.domain.money import Fees
from uchat_sim_exchange.prices.choosing import Choice, SourceName
from uchat_sim_exchange.rules import Rules


class ExchangeSettings(BaseServiceSettings):
    """Where the exchange listens, where its journal lies and which market it makes."""

    exchange_port: int = Field(default=8002, description="Port of the REST API; 0: any free one")
    exchange_data: Path = Field(
        default=Path(".uchat/exchange"), description="Directory of the journal"
    )
    market_source: SourceName = Field(
        default="auto", description="Where prices come from; auto: live ones if they come in 2 s"
    )
    market_live_url: str = Field(
        default="https://data-api.binance.vision", description="A public API shaped like Binance's"
    )
    market_replay_file: Path | None = Field(default=None, description="Candles, CSV or JSON lines")
    market_replay_speed: float = Field(default=1.0, gt=0, le=86_400, description="Times as fast")
    market_seed: str = Field(default="uchat", description="Seed of the synthetic prices")
    exchange_latency_ms: float = Field(
        default=0, ge=0, le=60_000, description="Median latency of orders and cancels"
    )
    exchange_maker_bps: Decimal = Field(
        default=Decimal(10), ge=0, le=1000, description="Commission of who rests, basis points"
    )
    exchange_taker_bps: Decimal = Field(
        default=Decimal(10), ge=0, le=1000, description="Commission of who takes, basis points"
    )
    exchange_weight_per_minute: int = Field(
        default=0, ge=0, description="Request weight an address may use; 0: any, Binance: 6000"
    )

    def choice(self) -> Choice:
        """Return which prices are asked for."""
        return Choice(
            self.market_source,
            self.market_live_url,
            self.market_replay_file,
            self.market_replay_speed,
        )

    def rules(self) -> Rules:
        """Return the rules that the exchange starts with."""
        return Rules(
            fees=Fees(self.exchange_maker_bps, self.exchange_taker_bps),
            place_ms=self.exchange_latency_ms,
            cancel_ms=self.exchange_latency_ms,
            weight_per_minute=self.exchange_weight_per_minute,
            seed=self.market_seed,
        )
