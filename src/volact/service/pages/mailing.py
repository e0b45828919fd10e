"""Where e-mail of the pages goes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from volact.errors import Refusal, Refused, Words, say

_PORTS = {"smtp": 25, "smtps": 465}
_SUBMISSION = 587


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server; without a host, e-mail is written to standard error, link and all."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    sender: str = "volact@localhost"

    @classmethod
    def read(cls, url: str, *, sender: str, password: str) -> Mail:
        """Reads smtp://USER@HOST:PORT?starttls, or smtps://USER@HOST; raises Refused (`usage`).

        A password never stands in the URL, and goes over TLS or to this computer alone.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as err:
            raise _misused(say("--mail cannot be read: {err}", err=str(err))) from err
        if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query not in ("", "starttls"):
            raise _misused(say("--mail takes smtp://USER@HOST:PORT?starttls or smtps://USER@HOST, not {url}", url=url))
        if parts.password is not None:
            raise _misused(say("a password in --mail would be seen by everybody on this computer: use --mail-password"))
        starttls, tls = parts.query == "starttls", parts.scheme == "smtps"
        if password and not (starttls or tls or _is_here(host)):
            raise _misused(say("the password would go to {host} as it is: add ?starttls, or use smtps://", host=host))
        port = port or (_SUBMISSION if starttls else _PORTS[parts.scheme])
        return cls(host, port, unquote(parts.username or ""), password, starttls, tls, sender)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _misused(detail: Words) -> Refused:
    return Refused(Refusal("usage", detail))
