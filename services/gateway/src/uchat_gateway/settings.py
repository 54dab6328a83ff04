"""The gateway's settings: environment variables, prefix `UCHAT_`; read in app.py only."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from uchat_gateway.domain import rates
from uchat_gateway.domain.addresses import parse_networks
from uchat_platform.settings import BaseServiceSettings


def _rate(text: str) -> str:
    rates.Rate.parse(text)
    return text


def _networks(text: str) -> str:
    parse_networks(text)
    return text


Rate = Annotated[str, AfterValidator(_rate)]
"""As `120/minute` or `10 per 5 minutes`."""


class GatewaySettings(BaseServiceSettings):
    """What the edge needs beside what every service needs."""

    port: int = 8000
    sessions_addr: str = "ipv4:127.0.0.1:5001"
    execution_addr: str = "ipv4:127.0.0.1:5002"
    notifier_addr: str = "ipv4:127.0.0.1:5003"
    ai_core_addr: str = "ipv4:127.0.0.1:5004"
    telegram_bot: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{0,32}$")] = Field(
        default="", description="The bot's user name, for links to it; empty: there is no bot"
    )
    telegram_url: str = Field(
        default="", description="Where the bot is found; empty: at t.me by its name"
    )
    jwt_keys_file: Path = Path(".uchat/run/jwt-keys.json")
    issuer: str = "uchat"
    audience: str = "uchat-api"
    access_ttl: timedelta = timedelta(minutes=10)
    refresh_ttl: timedelta = timedelta(days=1)
    refresh_ttl_remembered: timedelta = timedelta(days=30)
    refresh_grace: timedelta = Field(
        default=timedelta(seconds=10),
        description="How long a lost answer may be asked again",
    )
    allowed_origins: str = Field(default="", description="Other sites' origins, comma separated")
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="", description="Networks whose X-Forwarded-For counts, comma separated"
    )
    web_dir: Path = Path("web/dist")
    limit_messages: Rate = "120/minute"
    limit_login: Rate = "20/minute"
    limit_register: Rate = "20/minute"
    limit_refresh: Rate = "120/minute"
    limit_handshake: Rate = "120/minute"
    limit_venue_keys: Rate = "6/minute"
    limit_exports: Rate = "12/minute"
    hash_workers: int = Field(default=2, ge=1, description="Passwords hashed at the same time")
    drain_pause: timedelta = Field(
        default=timedelta(milliseconds=300),
        description="Balancers see readyz fail meanwhile",
    )
    drain_timeout: timedelta = timedelta(seconds=10)
    reply_timeout: timedelta = Field(
        default=timedelta(seconds=30), description="POST message waits so long, then answers 202"
    )
    connections_per_person: int = Field(default=20, ge=1, description="Live ones at once")

    @property
    def origins(self) -> frozenset[str]:
        """The allowed origins of other sites."""
        return frozenset(o.strip() for o in self.allowed_origins.split(",") if o.strip())

    @property
    def bot_url(self) -> str | None:
        """Return where people find the bot, if there is one."""
        if not self.telegram_bot:
            return None
        return self.telegram_url or f"https://t.me/{self.telegram_bot}"
