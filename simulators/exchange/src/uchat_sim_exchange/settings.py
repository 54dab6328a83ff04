"""Settings of the exchange simulator."""

from pathlib import Path

from pydantic import Field

from uchat_platform.settings import BaseServiceSettings


class ExchangeSettings(BaseServiceSettings):
    """Where the exchange listens, where its journal lies and which market it makes."""

    exchange_port: int = Field(default=8002, description="Port of the REST API; 0: any free one")
    exchange_data: Path = Field(
        default=Path(".uchat/exchange"), description="Directory of the journal"
    )
    market_seed: str = Field(default="uchat", description="Seed of the synthetic prices")
