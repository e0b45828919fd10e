"""Where webhooks may go: https on 443 to addresses of the whole internet, and what an operator names beside (S-11.6).

A target is judged twice: its text when the webhook is added, its addresses whenever something is sent there. What is
connected to is an address that was judged, never a name that could be looked up once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from volact.errors import Refusal, Refused, Words, say

REFUSED = "webhook_target_refused"
_LONGEST = 2_000
_PORTS = {"https": 443, "http": 80}
_LAST_PORT = 65_535
_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]|[^\[\]:@]+)(?::(?P<port>\d{1,5}))?")
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")  # what some resolvers read as an address of IPv4

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ODD = tuple(  # special by RFC 6890 and its registry, and not called so by every version of `ipaddress`
    ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20")
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was read once: scheme, host (a name in lower case, or an address), port, and what is asked for."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_plain(self) -> bool:
        """Whether it is reached as every target may be: https on 443."""
        return (self.scheme, self.port) == ("https", _PORTS["https"])

    @property
    def is_public(self) -> bool:
        """Whether it needs no operator's word, as far as its text tells."""
        try:
            return self.is_plain and is_global(ip_address(self.host))
        except ValueError:  # a name
            return self.is_plain

    @property
    def authority(self) -> str:
        """The host as a request names it, with its port where that is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an operator allows beside: hosts, on one port or on their scheme's own, and networks, on any port."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, texts: Iterable[str]) -> Allowed:
        """Reads HOST[:PORT] and CIDR; raises Refused `usage`."""
        hosts, networks = set[tuple[str, int | None]](), list[Network]()
        for text in texts:
            try:
                networks.append(ip_network(text))
            except ValueError:
                hosts.add(_host_and_port(text))
        return cls(frozenset(hosts), tuple(networks))

    def names(self, target: Target) -> bool:
        """Whether the target is allowed by its name, whatever addresses that has."""
        own = target.port == _PORTS[target.scheme]
        return (target.host, target.port) in self.hosts or (own and (target.host, None) in self.hosts)

    def holds(self, address: Address) -> bool:
        """Whether the address lies in one of the networks."""
        return any(address in network for network in self.networks)


def read_target(url: str) -> Target:
    """Reads a URL; raises Refused (`webhook_target_refused`) for one whose readers could differ, or that is no URL."""
    if not 0 < len(url) <= _LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}'):
        raise _refused(
            say("a URL has at most {most} characters of ASCII, without blanks and backslashes", most=_LONGEST)
        )
    if "#" in url:
        raise _refused(say("a fragment (#) is sent to nobody: leave it off"))
    try:
        parts = urlsplit(url)
    except ValueError as err:
        raise _refused(say("the URL cannot be read: {err}", err=str(err))) from err
    if parts.scheme not in _PORTS:
        raise _refused(say("a target is an https URL"))
    if "@" in parts.netloc:
        raise _refused(say("user and password do not belong into the URL: the signature shows whom a delivery is from"))
    authority = _AUTHORITY.fullmatch(parts.netloc)
    port = int(authority["port"] or _PORTS[parts.scheme]) if authority else 0
    if authority is None or not 0 < port <= _LAST_PORT:
        raise _refused(say("the URL names no host, or no port that there is"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _host(authority["host"].lower().strip("[]")), port, path)


def judged(target: Target, addresses: Sequence[Address], *, allowed: Allowed) -> tuple[Address, ...]:
    """The addresses to connect to; raises Refused (`webhook_target_refused`) where one of them may not be."""
    if allowed.names(target):
        return tuple(addresses)
    for address in addresses:
        if allowed.holds(address):
            continue
        if not target.is_plain:
            raise _refused(say("plain http and other ports than 443 are for targets alone that --webhook-allow names"))
        if not is_global(address):
            raise _refused(say("the target's name leads to an internal address"))
    return tuple(addresses)


def is_global(address: Address) -> bool:
    """Whether the address, and the one of IPv4 that it holds, is one of the whole internet and of one machine."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address in _NAT64:
            return is_global(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour and not is_global(address.sixtofour):
            return False
        if address not in _GLOBAL_6:
            return False
    odd = any(address in network for network in _ODD)
    return address.is_global and not odd and not address.is_multicast and not address.is_reserved


def _host(text: str) -> str:
    """A host as it is compared; raises Refused for a name that is none, and for an address in an odd form."""
    if ":" in text:
        try:
            address = IPv6Address(text)
        except ValueError as err:
            raise _refused(say("the address of IPv6 in the URL is none")) from err
        return str(address)
    if _NUMBER.fullmatch(text):
        try:
            return str(IPv4Address(text))
        except ValueError as err:
            raise _refused(say("the address of IPv4 in the URL is not of the form 192.0.2.1")) from err
    if not _NAME.fullmatch(text):
        raise _refused(say("the URL names no host; a name with other letters is written as xn--..."))
    return text


def _host_and_port(text: str) -> tuple[str, int | None]:
    authority = _AUTHORITY.fullmatch(text)
    try:
        if authority is None or not 0 < int(authority["port"] or 1) <= _LAST_PORT:
            raise _refused(say("this is neither"))
        return _host(authority["host"].lower().strip("[]")), int(authority["port"]) if authority["port"] else None
    except Refused as err:
        detail = say(
            "--webhook-allow takes HOST, HOST:PORT or a network like 10.0.0.0/8, not {text}: {why}",
            text=text,
            why=err.refusal.words,
        )
        raise Refused(Refusal("usage", detail)) from err


def _refused(detail: Words) -> Refused:
    return Refused(Refusal(REFUSED, detail))
