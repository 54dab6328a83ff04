"""The settings that every service shares. Environment variables, prefix `UCHAT_`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class BaseServiceSettings(BaseSettings):
    """What a service needs to reach the others. Defaults suit the embedded stack.

    Production refuses to start on a default that is only good enough for a laptop.
    """

    model_config = SettingsConfigDict(env_prefix="UCHAT_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    replica: str = "0"
    bind: str = "127.0.0.1"
    health_port: int = 0
    nats_url: str = "nats://127.0.0.1:4222"
    nkey_seed_file: Path | None = None
    service_keys_file: Path | None = None
    postgres_dsn: SecretStr = SecretStr("postgresql://127.0.0.1:5432/uchat")
    valkey_url: SecretStr = SecretStr("redis://127.0.0.1:6379")
    otlp_endpoint: str = Field(default="", description="OTLP/HTTP collector; empty: no export")
    unsafe_unique_off: bool = False
    unsafe_cursor_off: bool = False
    unsafe_guard_off: bool = False

    @model_validator(mode="after")
    def _refuse_insecure_production(self) -> Self:
        if self.environment != "production":
            return self
        names = (name for name in type(self).model_fields if name.startswith("unsafe_"))
        if any(getattr(self, name) for name in names):
            raise ValueError("UCHAT_UNSAFE_* switches a guard off: refused in production")
        if self.nkey_seed_file is None or self.service_keys_file is None:
            raise ValueError("UCHAT_NKEY_SEED_FILE and UCHAT_SERVICE_KEYS_FILE are needed")
        if "@" not in self.postgres_dsn.get_secret_value():
            raise ValueError("UCHAT_POSTGRES_DSN without a password is refused in production")
        return self
