"""Settings of the venue worker."""

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from uchat_execution.domain.venues import BY_NAME
from uchat_platform.settings import BaseServiceSettings


class WorkerSettings(BaseServiceSettings):
    """Which exchanges it reaches, and the key that their keys are sealed under."""

    grpc_port: int = Field(default=0, description="Port of the gRPC server; 0: any free one")
    venues: str = Field(default="", description="Exchanges to connect, as `binance,okx`")
    venue_key_file: Path | None = Field(
        default=None, description="32 bytes in base64; keys of exchanges are sealed under them"
    )
    venue_urls: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="Where an exchange is reached instead of its own address, for tests",
    )

    @field_validator("venues")
    @classmethod
    def _known(cls, value: str) -> str:
        unknown = sorted(set(names(value)) - BY_NAME.keys())
        if unknown:
            raise ValueError(
                f"no such exchange: {', '.join(unknown)}; there are {', '.join(BY_NAME)}"
            )
        return value

    @model_validator(mode="after")
    def _refuse_insecure_production(self) -> Self:
        # In place of what the other services check: it has no database, and signs for nobody.
        if self.environment != "production":
            return self
        if self.venue_urls:
            raise ValueError("UCHAT_VENUE_URLS is for tests: refused in production")
        if self.service_keys_file is None or self.venue_key_file is None:
            raise ValueError("UCHAT_SERVICE_KEYS_FILE and UCHAT_VENUE_KEY_FILE are needed")
        return self


def names(text: str) -> list[str]:
    """Return the names in a comma-separated list."""
    return [name for name in (each.strip() for each in text.split(",")) if name]
