"""Who is at the other end: the client's address behind proxies, and allowed origins."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

_UNKNOWN = "unknown"
_V6_CUSTOMER_BITS = 64


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read a list of networks, separated by commas.

    Raises:
        ValueError: one of them is not a network.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies whose X-Forwarded-For is believed; nobody else's is."""

    networks: tuple[Network, ...] = ()

    def client_of(self, peer: str | None, forwarded: Iterable[str]) -> str:
        """Return the address to hold a request against.

        `forwarded`: the values of X-Forwarded-For in order. They are read from the right, because
        each proxy appends the address that it saw and a client can write anything on the left.
        """
        address = _parse(peer)
        if address is None:
            return _UNKNOWN
        hops = [hop.strip() for value in forwarded for hop in value.split(",")]
        while hops and self._trusts(address):
            hop = _parse(hops.pop())
            if hop is None:
                break
            address = hop
        return _customer(address)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


def _parse(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _customer(address: IPv4Address | IPv6Address) -> str:
    # One customer usually holds a whole IPv6 /64: a limit per address would be none.
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _V6_CUSTOMER_BITS), strict=False))
    return str(address)


@dataclass(frozen=True, slots=True)
class Origins:
    """The web origins that may call from a browser: the gateway's own and the listed ones."""

    allowed: frozenset[str] = frozenset()

    def allows(self, origin: str | None, host: str | None) -> bool:
        """Tell whether a browser at `origin` may speak to the server that it calls `host`.

        No origin means no browser: command-line clients and servers carry no ambient credentials.
        """
        if origin is None:
            return True
        if origin in self.allowed:
            return True
        return host is not None and urlsplit(origin).netloc.lower() == host.lower() != ""
