"""The assets of pages under addresses that change with them, so that a browser asks for each once."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

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


class Assets:
    """The shared assets, and a room's own beside them, by name."""

    def __init__(self, more: Mapping[str, bytes]) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(ASSETS.iterdir())} | dict(more)
        self._pressed = {
            name: gzip.compress(body, mtime=0) for name, body in self._files.items() if name.endswith(_PRESSED)
        }
        self._mark = hashlib.sha256(b"".join(self._files.values())).hexdigest()[:12]

    def linked(self, name: str) -> str:
        """The address of an asset as it is now."""
        return f"{PREFIX}{self._mark}/{name}"

    def found(self, path: str, accept_encoding: str) -> Asset | None:
        """The asset at an address of `linked`, or None; compressed for a browser that takes that."""
        _, _, name = path.removeprefix(PREFIX).partition("/")
        plain = self._files.get(name)
        if not path.startswith(PREFIX) or plain is None:
            return None
        media = MEDIA[name[name.rindex(".") :]]
        if name in self._pressed and "gzip" in accept_encoding:
            encoded = (("content-encoding", "gzip"), ("vary", "accept-encoding"))
            return Asset(self._pressed[name], media, (_FOREVER, *encoded))
        return Asset(plain, media, (_FOREVER, ("vary", "accept-encoding")))
