"""The settings of the Telegram adapter."""

from datetime import timedelta
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from uchat_platform.settings import BaseServiceSettings

TELEGRAM: Final = "https://api.telegram.org"
_PRACTICE_RATE: Final = 1.0
_OWN_SERVER_RATE: Final = 50.0


class TelegramSettings(BaseServiceSettings):
    """Which bot it is, how updates come, and where the others are.

    Without a token the adapter is idle. `telegram_chat_rate` is calls a second into one chat, 0:
    what Telegram bears (1), or much more at a server of one's own.
    """

    telegram_token: SecretStr = SecretStr("")
    telegram_api: str = TELEGRAM
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_webhook_port: int = 8443
    telegram_chat_rate: float = Field(default=0, ge=0)
    telegram_rate: float = Field(default=25, gt=0, description="calls a second in all")
    telegram_poll: timedelta = timedelta(seconds=25)
    public_url: str = "http://127.0.0.1:8000"
    sessions_addr: str = "ipv4:127.0.0.1:50051"
    execution_addr: str = "ipv4:127.0.0.1:50052"
    notifier_addr: str = "ipv4:127.0.0.1:50053"
    database_connections: int = Field(default=4, ge=2)

    @property
    def api(self) -> str:
        """Return the base address of the Bot API."""
        return self.telegram_api.rstrip("/") or TELEGRAM

    @property
    def at_telegram(self) -> bool:
        """Tell whether it is the real one."""
        return (urlsplit(self.api).hostname or "").endswith("telegram.org")

    @property
    def chat_rate(self) -> float:
        """Return how many calls a second one chat gets."""
        default = _PRACTICE_RATE if self.at_telegram else _OWN_SERVER_RATE
        return self.telegram_chat_rate or default

    @property
    def total_rate(self) -> float:
        """Return how many calls a second there are in all."""
        return self.telegram_rate if self.at_telegram else max(self.telegram_rate, 500.0)

    @model_validator(mode="after")
    def _check_webhook(self) -> Self:
        if self.telegram_mode == "webhook" and not self.telegram_webhook_url:
            raise ValueError("UCHAT_TELEGRAM_WEBHOOK_URL is needed for webhooks")
        if self.telegram_mode == "webhook" and not self.telegram_webhook_secret.get_secret_value():
            raise ValueError("UCHAT_TELEGRAM_WEBHOOK_SECRET is needed for webhooks")
        return self
