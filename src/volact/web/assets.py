"""The shared assets under addresses that change with them, so that a browser asks for each once."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache

from volact.web.pages import ASSETS, MEDIA

PREFIX = "/assets/"
_FOREVER = ("cache-control", "public, max-age=31536000, immutable")
_PRESSED = (".css", ".js", ".txt")


@dataclass(frozen=True, slots=True)
class Asset:
    """What is sent for one asset."""

    body: bytes
    media: str
    headers: tuple[tuple[str, str], ...]


def linked(name: str) -> str:
    """The address of an asset as it is now."""
    return f"{PREFIX}{_mark()}/{name}"


def found(path: str, accept_encoding: str) -> Asset | None:
    """The asset at an address of `linked`, or None; compressed for a browser that takes that."""
    _, _, name = path.removeprefix(PREFIX).partition("/")
    plain = _files().get(name)
    if not path.startswith(PREFIX) or plain is None:
        return None
    suffix = name[name.rindex(".") :]
    if suffix in _PRESSED and "gzip" in accept_encoding:
        encoded = (("content-encoding", "gzip"), ("vary", "accept-encoding"))
        return Asset(_pressed(name), MEDIA[suffix], (_FOREVER, *encoded))
    return Asset(plain, MEDIA[suffix], (_FOREVER, ("vary", "accept-encoding")))


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(ASSETS.iterdir())}


@cache
def _pressed(name: str) -> bytes:
    return gzip.compress(_files()[name], mtime=0)


@cache
def _mark() -> str:
    return hashlib.sha256(b"".join(_files().values())).hexdigest()[:12]
