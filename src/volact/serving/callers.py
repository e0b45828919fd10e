"""Who called, as far as that is kept: the address itself of IPv4, the network of IPv6; also behind a trusted proxy.

A caller writes what it likes into `X-Forwarded-For`, so only what a trusted proxy added to it counts: read from its
right end, past other trusted proxies, up to the first address that is none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from volact.errors import Refusal, Refused
from volact.serving.asgi import HttpRequest

IPV6_BITS = 64  # what one customer has, at the least
UNKNOWN = "unknown"
_LONGEST_ID = 64

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells callers apart; `trusted` are the networks of proxies whose word on the caller is believed."""

    trusted: tuple[Network, ...] = ()

    def address(self, http: HttpRequest) -> str:
        """The caller's address, an IPv6 one as its network of 64 bits; `unknown` where there is none."""
        caller = _ip(http.client)
        if caller is None:
            return http.client or UNKNOWN
        if self._trusts(caller):
            for told in reversed(http.headers.get("x-forwarded-for", "").split(",")):
                found = _ip(told.strip())
                if found is None:
                    break
                caller = found
                if not self._trusts(caller):
                    break
        return _shown(caller)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.trusted)


def read_network(text: str) -> Network:
    """The network of a CIDR or of one address; raises Refused `usage`."""
    try:
        return ip_network(text)
    except ValueError as err:
        raise Refused(Refusal("usage", f"{text} is not a network like 10.0.0.0/8: {err}")) from err


def request_id(http: HttpRequest) -> str | None:
    """The id that a proxy gave the request (`X-Request-Id`), where it is short and printable ASCII."""
    text = http.headers.get("x-request-id", "")
    return text if 0 < len(text) <= _LONGEST_ID and text.isascii() and text.isprintable() else None


@lru_cache(maxsize=4096)
def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


@lru_cache(maxsize=4096)
def _shown(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), IPV6_BITS), strict=False))
