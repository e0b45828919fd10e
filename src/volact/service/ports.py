"""What every use case of the service stands on: the ledger, and its seams to keys, clock and randomness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from volact.credential.keys import Signer
from volact.credential.telephone.keys import TelephoneKey, TelephoneSigner
from volact.service.clock import SigningClock
from volact.service.ledger.ports import Ledger
from volact.service.vault import Envelope


class Vault(Protocol):
    """Private keys that sign and cannot be read, and the envelope of the product keys in the ledger."""

    @property
    def envelope(self) -> Envelope:
        """What seals and opens product keys and proof keys."""
        ...

    def signer(self, kid: str) -> Signer | None:
        """The signing key of that thumbprint, or None."""
        ...

    def make(self) -> Signer:
        """Makes a new signing key."""
        ...

    def telephone(self, kid: str) -> TelephoneSigner | None:
        """The key of that thumbprint that signs confirmations, or None."""
        ...

    def make_telephone(self) -> TelephoneKey:
        """Makes a new key that signs confirmations; gives what is public of it."""
        ...


class Draw(Protocol):
    """Random bytes that nobody can guess."""

    def __call__(self, size: int, /) -> bytes:
        """That many bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """What the activation center records beside the act: who called, what was shown as proof, and why."""

    caller: str
    proof: str
    reason: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, and when (seconds): what every audit row says, and for whom where the activation center acts.

    `request` is what the request is called that the act came with, in the log and in the caller's own.
    """

    who: str
    now: int
    call: Call | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One opened service: its ledger, for one thread at a time, and its seams."""

    ledger: Ledger
    vault: Vault
    clock: SigningClock
    draw: Draw
