"""Where the host's device keys lie, one file a key that its owner alone reads, and the fast check of signatures.

A certificate names the key that signs under it, so a new key (after `clone_detected`) and the one before it are held
side by side until the new certificate is there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from volact.client import files
from volact.credential.keys import PublicKey, Signer, ed25519_key
from volact.credential.request import SignedRequest
from volact.errors import Damaged, Malformed


class SodiumSigner:
    """An Ed25519 key held by libsodium: the same bytes as `credential.keys.SoftwareSigner`, in half the time."""

    def __init__(self, seed: bytes) -> None:
        public, self._secret = crypto_sign_seed_keypair(seed)
        self.public: PublicKey = ed25519_key(public)

    def sign(self, message: bytes) -> bytes:
        """Signs the message; the same message gives the same 64 bytes."""
        return crypto_sign(message, self._secret)[:64]


class HostVault:
    """The device keys in one folder."""

    def __init__(self, folder: Path, random: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._random = random
        self._signers: dict[str, Signer] = {}

    def make(self) -> Signer:
        """Makes a new device key, on disk when this returns."""
        seed = self._random(32)
        signer = SodiumSigner(seed)
        files.write(self._path(signer.public.kid), seed, mode=files.SECRET)
        self._signers[signer.public.kid] = signer
        return signer

    def signer(self, jkt: str) -> Signer | None:
        """The device key of that thumbprint, None where it is gone; raises Damaged."""
        if jkt not in self._signers:
            seed = files.read(self._path(jkt))
            if seed is None:
                return None
            if len(seed) != 32:
                raise Damaged(f"{self._path(jkt)} holds no key", file=str(self._path(jkt)))
            self._signers[jkt] = SodiumSigner(seed)
        return self._signers[jkt]

    def _path(self, jkt: str) -> Path:
        return self._folder / f"{jkt}.key"


def check_signature(signed: SignedRequest) -> None:
    """`SignedRequest.check_signature` with libsodium where the key is Ed25519; raises Malformed."""
    if signed.public.alg != "Ed25519" or signed.token.header["alg"] != "Ed25519":
        signed.check_signature()
        return
    signature = signed.token.signature
    try:
        if len(signature) == 64:
            crypto_sign_open(signature + signed.token.signing_input, signed.public.raw)
            return
    except BadSignatureError:
        pass
    raise Malformed("the request was altered, or not signed by the key that it names")
