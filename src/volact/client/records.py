"""What each file of a home says; one file per concern, so that a damaged one costs only itself (spec D-2)."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Channel = Literal["volume", "retail", "oem"]


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of one file; each kind has a file name of its own."""


class Publisher(Record, frozen=True, kw_only=True):
    """Whose computer this home is: the recorded pin, and where the publisher's service answers."""

    pin: str
    publisher: str
    service: str | None = None


class Roots(Record, frozen=True, kw_only=True):
    """Root versions 1 to N as they were signed."""

    texts: tuple[str, ...]


class CatalogText(Record, frozen=True, kw_only=True):
    """The newest catalog as it was signed."""

    text: str


class RevocationsText(Record, frozen=True, kw_only=True):
    """The newest revocation list as it was signed."""

    text: str


class Host(Record, frozen=True, kw_only=True):
    """The activation host that is asked."""

    url: str


UNDRAWN = ""  # the random id of a home that was generalized, until its first use


class Identity(Record, frozen=True, kw_only=True):
    """How this computer is told from others: the path of a declaration (never its contents), or a random id."""

    path: str | None = None
    random: str | None = None


class Device(Record, frozen=True, kw_only=True):
    """What this computer was when its device key was made: the public key, its `dev`, and the vector behind it."""

    jwk: dict[str, str]
    dev: str
    vector: dict[str, str]


class Installation(Record, frozen=True, kw_only=True):
    """How and when a product was installed; `installed_at` in seconds, never moved by installing again."""

    channel: Channel
    installed_at: int
    arch: str | None = None
    virtual: bool = False


class InstalledKey(Record, frozen=True, kw_only=True):
    """The newest installed key, of which only its first group is kept; `generic` has no keyid."""

    kind: str
    installed_at: int
    keyid: str | None = None
    group: int | None = None
    first_group: str | None = None


class Held(Record, frozen=True, kw_only=True):
    """A believed credential, the vector that it was given for, and whom it came from."""

    credential: str
    vector: dict[str, str]
    source: str
    got_at: int
    certificate: str | None = None


class LeaseHeld(Held, frozen=True, kw_only=True):
    """The lease of a host."""


class ActivationHeld(Held, frozen=True, kw_only=True):
    """An activation of the publisher."""


class SetupHeld(Record, frozen=True, kw_only=True):
    """What a key opened offline: the believed grant, and the key's proof key (base64url), whose hash the grant lists.

    Nothing binds it to a computer; whoever may read it could use the key elsewhere, as whoever knows the key can.
    """

    grant: str
    keyid: str
    proof: str
    got_at: int


class ConfirmationHeld(Record, frozen=True, kw_only=True):
    """A believed confirmation by telephone in digits, the installation ID that it answers, and the vector then."""

    installation: str
    confirmation: str
    vector: dict[str, str]
    got_at: int


class Pending(Record, frozen=True, kw_only=True):
    """The last request's bytes, on disk before they were first sent."""

    request: str


class PendingFile(Pending, frozen=True, kw_only=True):
    """The last request that was written to a file."""


class Noticed(Record, frozen=True, kw_only=True):
    """When a license was first noticed on a machine that it was not given for, in seconds."""

    hardware_changed_at: int


class Attempt(Struct, frozen=True, kw_only=True):
    """One try: whom was asked, when, the refusal's code, None where it succeeded, and the request's number."""

    method: str
    source: str
    at: int
    next_at: int
    code: str | None = None
    detail: str = ""
    fields: dict[str, Any] = {}
    rid: str | None = None


class Tried(Record, frozen=True, kw_only=True):
    """The newest tries, the newest first."""

    attempts: tuple[Attempt, ...] = ()


class LogFork(Struct, frozen=True, kw_only=True):
    """Two checkpoints of the publisher's log that do not fit, and when this was seen, in seconds."""

    detail: str
    kept: str
    offered: str
    at: int


class LogWatched(Record, frozen=True, kw_only=True):
    """The publisher's log as seen here: the checkpoint up to which all is proved, the newest, what does not fit."""

    proven: str
    newest: str
    forked: LogFork | None = None


FILES: dict[type[Record], str] = {
    Publisher: "publisher",
    Roots: "roots",
    CatalogText: "catalog",
    RevocationsText: "revocations",
    Host: "host",
    Identity: "identity",
    LogWatched: "log",
    Device: "device",
    Installation: "installation",
    InstalledKey: "key",
    LeaseHeld: "lease",
    ActivationHeld: "activation",
    SetupHeld: "setup",
    ConfirmationHeld: "confirmation",
    Pending: "pending",
    PendingFile: "pending-file",
    Noticed: "noticed",
    Tried: "tried",
}
