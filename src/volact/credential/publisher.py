"""The publisher file that products and hosts start from, and the pin that is compiled into a product (spec C-4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from volact.credential import jws, strictjson
from volact.credential.fields import Publisher
from volact.errors import Malformed

_VERSION = "([1-9][0-9]{0,8})"
_PIN = re.compile(rf"volact1\.([A-Za-z0-9_-]{{42}}[AEIMQUYcgkosw048])\.{_VERSION}\.{_VERSION}\.{_VERSION}")


@dataclass(frozen=True, slots=True)
class Pin:
    """What a build of a product trusts: the payload hash of root version 1, and the lowest versions that it accepts."""

    hash: str
    root: int = 1
    catalog: int = 1
    revocations: int = 1

    @classmethod
    def parse(cls, text: str) -> Pin:
        """Reads the text that `service publisher-file` prints; raises Malformed."""
        found = _PIN.fullmatch(text.strip())
        if not found:
            raise Malformed("not a pin: `volact service publisher-file` prints one", code="root_untrusted")
        return cls(found[1], int(found[2]), int(found[3]), int(found[4]))

    @property
    def text(self) -> str:
        """The pin as one word."""
        return f"volact1.{self.hash}.{self.root}.{self.catalog}.{self.revocations}"


class PublisherFile(msgspec.Struct, frozen=True, kw_only=True):
    """Root versions 1 to N, catalog and revocations of a publisher, and where its service answers."""

    publisher: Publisher
    roots: tuple[str, ...]
    catalog: str
    revocations: str
    service: str | None = None


def read_publisher_file(data: bytes) -> PublisherFile:
    """Reads a publisher file of at most 16 MiB without believing it; raises Malformed with `root_untrusted`."""
    try:
        return msgspec.convert(strictjson.loads(data, 4 * jws.DOCUMENT_LIMIT), PublisherFile)
    except (Malformed, msgspec.ValidationError) as err:
        raise Malformed(f"not a publisher file: {err}", code="root_untrusted") from err


def write_publisher_file(file: PublisherFile) -> bytes:
    """Writes a publisher file."""
    return msgspec.json.encode(file) + b"\n"
