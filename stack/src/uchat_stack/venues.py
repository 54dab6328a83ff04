"""The venue worker: it reaches live exchanges, and runs only if the settings name any."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from uchat_platform.embedded.ports import LOOPBACK
from uchat_platform.embedded.process import Spec
from uchat_stack.http import is_ready
from uchat_stack.layout import Layout
from uchat_stack.settings import StackSettings, python

VENUES: Final = "venues"
_OWN: Final = ("UCHAT_LOG_LEVEL", "UCHAT_ENVIRONMENT", "UCHAT_VENUE_URLS", "UCHAT_OTLP_ENDPOINT")


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueWorker:
    """Its ports; `venues` as the user named them, empty: it is not started."""

    layout: Layout
    settings: StackSettings
    port: int
    health_port: int

    @property
    def venues(self) -> str:
        """Return which exchanges are to be reached."""
        return self.settings.environment.get("UCHAT_VENUES", "").strip()

    @property
    def address(self) -> str:
        """Return where execution reaches it; empty: there is none."""
        return f"ipv4:{LOOPBACK}:{self.port}" if self.venues else ""

    def specs(self, environment: Mapping[str, str]) -> list[Spec]:
        """Return how to run it, given what any program of ours needs."""
        if not self.venues:
            return []

        async def ready(pid: int) -> bool:
            del pid
            return await is_ready(self.health_port)

        given = self.settings.environment
        told = {
            "UCHAT_VENUES": self.venues,
            "UCHAT_VENUE_KEY_FILE": str(self.layout.venue_key),
            "UCHAT_SERVICE_KEYS_FILE": str(self.layout.service_keys),
            "UCHAT_BIND": LOOPBACK,
            "UCHAT_GRPC_PORT": str(self.port),
            "UCHAT_HEALTH_PORT": str(self.health_port),
        }
        return [
            Spec(
                name=VENUES,
                argv=[python(), "-m", "uchat_execution.worker"],
                log=self.layout.log(VENUES),
                ready=ready,
                env={**environment, **{k: given[k] for k in _OWN if k in given}, **told},
                poll_s=0.1,
                start_timeout_s=120.0,
                stop_timeout_s=10.0,
            )
        ]
