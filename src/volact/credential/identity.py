"""What names a computer: hashed components, the device id made of the stable ones, and the mark of the newest vector.

Every hash is keyed by the publisher, so that two publishers cannot join what they see (spec C-9).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from volact.credential.encoding import b64, crockford
from volact.credential.strictjson import dumps
from volact.errors import Malformed

DEV_BITS, DEV_SYMBOLS = 75, 15


def component_hash(name: str, value: str, *, publisher: str) -> str:
    """The hash of one component, as base64url text."""
    key = sha256(b"volact/hw/v1\n" + publisher.encode()).digest()
    return b64(hmac.digest(key, f"{name}={value}".encode(), sha256))


def hash_components(components: Mapping[str, str], publisher: str) -> dict[str, str]:
    """The component vector of a computer: every component's name and hash, sorted by name; raises Malformed."""
    for name in components:
        if not name or "=" in name or min(name) < " ":
            raise Malformed("a component's name is empty, or holds `=` or a control character")
    return {name: component_hash(name, value, publisher=publisher) for name, value in sorted(components.items())}


def device_id(stable: Mapping[str, str], publisher: str) -> str:
    """The `dev` (75 bits as 15 Crockford symbols) of the hashed stable components; raises ValueError for none."""
    if not stable:
        raise ValueError("without a stable component every computer would be the same")
    lines = "".join(f"{name}={value}\n" for name, value in sorted(stable.items()))
    return _first_bits(sha256(f"volact/dev/v1\n{publisher}\n{lines}".encode()).digest())


def random_device_id(random: bytes) -> str:
    """The `dev` of a computer with nothing stable to name it: 75 bits of at least 10 random bytes."""
    if len(random) < 10:
        raise ValueError("too few random bytes")
    return _first_bits(random)


def vector_mark(vector: Mapping[str, str]) -> str:
    """The `mv` of a vector: SHA-256 of it, written as JSON sorted by name, as base64url text."""
    return b64(sha256(dumps(dict(sorted(vector.items())))).digest())


def _first_bits(data: bytes) -> str:
    return crockford(int.from_bytes(data[:10], "big") >> 80 - DEV_BITS, DEV_SYMBOLS)
