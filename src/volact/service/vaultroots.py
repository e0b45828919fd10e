"""Root keys: made once, exported under a passphrase of their own, opened again only to sign the next root version."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from volact.credential.encoding import crockford
from volact.credential.keys import Signer, SoftwareSigner
from volact.errors import Refusal, Refused

_PASSPHRASE_BITS = 130


def draw_passphrase(random: bytes) -> str:
    """A passphrase of 130 bits, in groups that a person can copy, from at least 17 random bytes."""
    text = crockford(int.from_bytes(random[:17], "big") >> 6, _PASSPHRASE_BITS // 5)
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def draw_root_key(passphrase: str) -> tuple[Signer, bytes]:
    """A new root key, and its export: PKCS#8 PEM, encrypted under the passphrase."""
    seed = os.urandom(32)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))
    return SoftwareSigner(seed), pem


def open_root_keys(files: Mapping[Path, bytes], passphrase: str) -> tuple[Signer, ...]:
    """The root keys of exported files; raises Refused (`passphrase_wrong`) where the passphrase does not open all."""
    return tuple(_open(path, pem, passphrase=passphrase) for path, pem in files.items())


def _open(path: Path, pem: bytes, *, passphrase: str) -> Signer:
    try:
        key = load_pem_private_key(pem, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        detail = f"the passphrase does not open {path.name}"
        raise Refused(Refusal("passphrase_wrong", detail, {"file": str(path)})) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(Refusal("passphrase_wrong", f"{path.name} holds no Ed25519 key", {"file": str(path)}))
    return SoftwareSigner(key.private_bytes_raw())
