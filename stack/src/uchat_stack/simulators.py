"""The simulators: an exchange for paper trading, and Telegram for whoever has no bot yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from uchat_platform.embedded.ports import LOOPBACK
from uchat_platform.embedded.process import Spec
from uchat_stack.http import is_ready
from uchat_stack.layout import Layout
from uchat_stack.settings import python

EXCHANGE: Final = "exchange"
TELEGRAM: Final = "telegram_simulator"
# What the simulator takes for a bot; no secret: it listens on this machine only.
TELEGRAM_TOKEN: Final = "4242:simulated-bot-of-this-machine"  # noqa: S105 - see above
TELEGRAM_BOT: Final = "uchat_bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulators:
    """Their ports. `telegram_port` is the user's choice: a person opens its page."""

    layout: Layout
    exchange_port: int
    telegram_port: int
    with_telegram: bool

    @property
    def exchange_url(self) -> str:
        """Where orders are placed."""
        return f"http://{LOOPBACK}:{self.exchange_port}"

    @property
    def telegram_url(self) -> str:
        """Where the Bot API and its page are."""
        return f"http://{LOOPBACK}:{self.telegram_port}"

    def specs(self, environment: Mapping[str, str]) -> list[Spec]:
        """Return how to run them, given what any program of ours needs."""
        market = {
            "UCHAT_EXCHANGE_PORT": str(self.exchange_port),
            "UCHAT_EXCHANGE_DATA": str(self.layout.exchange),
        }
        specs = [self._spec(EXCHANGE, "exchange", self.exchange_port, {**environment, **market})]
        if self.with_telegram:
            told = {
                "UCHAT_TGSIM_PORT": str(self.telegram_port),
                "UCHAT_TGSIM_BOT": TELEGRAM_BOT,
            }
            specs.append(
                self._spec(TELEGRAM, "telegram", self.telegram_port, {**environment, **told})
            )
        return specs

    def _spec(self, name: str, of: str, port: int, environment: dict[str, str]) -> Spec:
        async def ready(pid: int) -> bool:
            del pid
            return await is_ready(port)

        return Spec(
            name=name,
            argv=[python(), "-m", f"uchat_sim_{of}.app"],
            log=self.layout.log(name),
            ready=ready,
            env=environment,
            poll_s=0.1,
            start_timeout_s=120.0,
            stop_timeout_s=10.0,
        )
