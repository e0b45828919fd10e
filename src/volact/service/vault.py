"""Where the service's private keys live: behind the one-method seam `credential.keys.Signer`, never in the ledger.

Two vaults: `SealedVault` keeps one file a key in a folder, each sealed by the key in another file that belongs into no
backup of the ledger; `ThrowawayVault` keeps keys in memory, for tests. Both make their own keys and give none away.
"""

from __future__ import annotations

import errno
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.signing import SigningKey

from volact.credential.keys import PublicKey, Signer, ed25519_key
from volact.credential.telephone.keys import TelephoneKey, TelephoneSigner
from volact.errors import Damaged, StorageFull

_NONCE = 12
_ENVELOPE = "product-keys"
_TELEPHONE = "telephone-"  # before the thumbprint of a key that signs confirmations


class _LibsodiumSigner:
    """An Ed25519 key held by libsodium: the same bytes as `credential.keys.SoftwareSigner`, in half the time."""

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.public: PublicKey = ed25519_key(bytes(self._key.verify_key))

    def sign(self, message: bytes) -> bytes:
        """Signs the message; the same message gives the same 64 bytes."""
        return self._key.sign(message).signature


class Envelope:
    """Seals what lies in the ledger (AES-256-GCM) to the id that it belongs to, and marks what is not to lie there."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, the same wherever the envelope is."""
        return hmac.digest(self._key, f"volact/derive/v1\n{purpose}".encode(), "sha256")

    def seal(self, data: bytes, subject: str) -> bytes:
        """The data sealed under a fresh nonce; it opens only as that subject's."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, subject.encode())

    def open(self, sealed: bytes, subject: str) -> bytes:
        """The data that was sealed as that subject's; raises Damaged for anything else."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], subject.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged(f"what is sealed for {subject} does not open with this vault's key") from error

    def mark(self, text: str, what: str) -> str:
        """64 bits that stand for a text where it is not to be on record: the same ones for the same kind and text."""
        return hmac.digest(self.derive("marks"), f"{what}\n{text}".encode(), "sha256")[:8].hex()


class ThrowawayVault:
    """Keys in memory, gone with the process: for tests and trials."""

    def __init__(self) -> None:
        self._signers: dict[str, Signer] = {}
        self._telephone: dict[str, TelephoneSigner] = {}
        self.envelope = Envelope(os.urandom(32))

    def make(self) -> Signer:
        """Makes a new signing key."""
        signer = _LibsodiumSigner(os.urandom(32))
        self._signers[signer.public.kid] = signer
        return signer

    def signer(self, kid: str) -> Signer | None:
        """The signing key of that thumbprint, or None."""
        return self._signers.get(kid)

    def make_telephone(self) -> TelephoneKey:
        """Makes a new telephone key; gives what is public of it."""
        signer = TelephoneSigner(os.urandom(32))
        self._telephone[_kid(signer)] = signer
        return signer.public

    def telephone(self, kid: str) -> TelephoneSigner | None:
        """The telephone key of that thumbprint, or None."""
        return self._telephone.get(kid)


class SealedVault:
    """One sealed file a key; a key is read when it is first asked for, so keys made by other processes are found."""

    def __init__(self, folder: Path, seal: bytes) -> None:
        self._folder = folder
        self._seal = Envelope(seal)
        self._signers: dict[str, Signer] = {}
        self._telephone: dict[str, TelephoneSigner] = {}
        envelope = self._read(_ENVELOPE)
        if envelope is None:
            raise Damaged(f"the vault {folder} has lost the key of its product keys")
        self.envelope = Envelope(envelope)

    @classmethod
    def create(cls, folder: Path, seal_file: Path) -> SealedVault:
        """Makes an empty vault and the key that seals it, readable by their owner only."""
        seal = os.urandom(32)
        _write_private(seal_file, seal)
        folder.mkdir(mode=0o700)
        _write_private(folder / f"{_ENVELOPE}.sealed", Envelope(seal).seal(os.urandom(32), _ENVELOPE))
        return cls(folder, seal)

    @classmethod
    def open(cls, folder: Path, seal_file: Path) -> SealedVault:
        """Opens a vault that `create` made; raises Damaged where its seal is missing or is another vault's."""
        try:
            seal = seal_file.read_bytes()
        except FileNotFoundError as error:
            raise Damaged(f"{seal_file} is missing: without it no key of the vault opens") from error
        if len(seal) != 32:
            raise Damaged(f"{seal_file} is not a key of 32 bytes")
        return cls(folder, seal)

    def make(self) -> Signer:
        """Makes a new signing key, on disk before it is returned."""
        seed = os.urandom(32)
        signer = _LibsodiumSigner(seed)
        _write_private(self._folder / f"{signer.public.kid}.sealed", self._seal.seal(seed, signer.public.kid))
        self._signers[signer.public.kid] = signer
        return signer

    @property
    def kids(self) -> frozenset[str]:
        """The thumbprints of its signing keys."""
        names = {path.stem for path in self._folder.glob("*.sealed")} - {_ENVELOPE}
        return frozenset(name for name in names if not name.startswith(_TELEPHONE))

    def signer(self, kid: str) -> Signer | None:
        """The signing key of that thumbprint, or None; raises Damaged for a file that does not open."""
        if kid not in self._signers:
            seed = self._read(kid)
            if seed is None:
                return None
            self._signers[kid] = _LibsodiumSigner(seed)
        return self._signers[kid]

    def make_telephone(self) -> TelephoneKey:
        """Makes a new telephone key, on disk before it is returned; gives what is public of it."""
        seed = os.urandom(32)
        signer = TelephoneSigner(seed)
        name = f"{_TELEPHONE}{_kid(signer)}"
        _write_private(self._folder / f"{name}.sealed", self._seal.seal(seed, name))
        self._telephone[_kid(signer)] = signer
        return signer.public

    def telephone(self, kid: str) -> TelephoneSigner | None:
        """The telephone key of that thumbprint, or None; raises Damaged for a file that does not open."""
        if kid not in self._telephone:
            seed = self._read(f"{_TELEPHONE}{kid}")
            if seed is None:
                return None
            self._telephone[kid] = TelephoneSigner(seed)
        return self._telephone[kid]

    def _read(self, name: str) -> bytes | None:
        try:
            sealed = (self._folder / f"{name}.sealed").read_bytes()
        except FileNotFoundError:
            return None
        return self._seal.open(sealed, name)


def _kid(signer: TelephoneSigner) -> str:
    return PublicKey.listed(signer.public.jwk).kid


def _write_private(path: Path, data: bytes) -> None:
    """A new file for its owner alone, durable when this returns; raises StorageFull, and then leaves none."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull(f"{path} could not be written: the disk is full") from error
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
