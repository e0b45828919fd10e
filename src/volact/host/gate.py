"""Who may ask: private and loopback addresses, and the networks that the host was started with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from volact.errors import Refusal, Refused
from volact.serving.asgi import Receive, Scope, Send, problem_reply, send_reply
from volact.serving.run import App

PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "::1/128",
    "fc00::/7", "fe80::/10",
)  # fmt: skip


class Gate:
    """Lets connections of allowed addresses through to an ASGI application; others get `address_not_allowed`."""

    def __init__(self, app: App, allow: Sequence[str] = ()) -> None:
        self._app = app
        self._networks = tuple(_network(text) for text in (*PRIVATE, *allow))
        self._is_allowed = lru_cache(maxsize=65_536)(self._judge)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one ASGI connection."""
        client = scope.get("client")
        if scope["type"] != "http" or self._is_allowed(client[0] if client else ""):
            await self._app(scope, receive, send)
            return
        refusal = Refusal("address_not_allowed", "this host answers private addresses, and those it was started with")
        await send_reply(problem_reply(refusal), send, bare=scope["method"] == "HEAD")

    def _judge(self, text: str) -> bool:
        try:
            address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks if network.version == address.version)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as err:
        raise Refused(Refusal("usage", f"--allow takes a network like 10.20.0.0/16, not {text}")) from err
