"""The values that a host keeps and tells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import msgspec

from volact.client.records import Identity
from volact.credential.claims import HostCertificate
from volact.credential.request import LeaseRequest
from volact.credential.telephone.certificate import is_telephone_certificate

DAY = 86_400
HOUR = 3_600


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a host was made with, and who it is."""

    pin: str
    publisher: str
    platform: str
    virtual: bool
    identity: Identity
    dev: str
    mv: str
    jkt: str  # the device key for new activations
    service: str | None = None
    machines: dict[str, str] = {}  # of device keys before that one: on which machine (its `dev`) each was made


class InstalledKey(msgspec.Struct, frozen=True, kw_only=True):
    """A host key after its installation: what it became, never the key."""

    keyid: str
    product_group: str
    first_group: str
    proof_key: bytes
    installed: int
    cloned: int | None = None  # when a renewal was told that another copy had renewed


@dataclass(frozen=True)
class Certificate:
    """A host certificate on record; `newest` says whether no later one of its key is."""

    claims: HostCertificate
    text: str
    newest: bool

    @cached_property
    def by_telephone(self) -> bool:
        """Whether it is a telephone certificate, whose `dev` is of its key and tells no machine."""
        return is_telephone_certificate(self.text)

    @cached_property
    def jkt(self) -> str:
        """The thumbprint of the device key that signs under it."""
        return self.claims.cnf.public.kid


@dataclass(frozen=True, slots=True)
class LeaseAsk:
    """One request for a lease whose signature holds; `now` is the host's clock when it came."""

    request: LeaseRequest
    jkt: str
    digest: str
    now: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """A lease on record: the exact payload that is signed, and the certificate that it is given under."""

    payload: bytes
    certificate: Certificate
    renewed: bool | None  # None where the answer was on record already


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer on record."""

    digest: str
    payload: bytes
    certificate: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about a request that comes in: its answer, its computer in the count, an earlier lease."""

    recorded: Recorded | None = None
    last_counted: int | None = None
    leased: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What goes on record for one request: where its computer is counted, and the lease where one is given."""

    ask: LeaseAsk
    counted_in: str | None
    payload: bytes | None = None
    certificate: str | None = None
    lease_expires: int | None = None


@dataclass(frozen=True, slots=True)
class Computer:
    """One computer that asked, as the inventory lists it."""

    dev: str
    hint: str
    products: tuple[str, ...]
    virtual: bool
    first_seen: int
    last_seen: int
    lease_expires: int | None
