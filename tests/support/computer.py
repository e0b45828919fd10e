"""A computer as a host sees it: a device key, a `dev`, and the requests that it signs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from hashlib import sha256

from volact.credential.encoding import b64, crockford, digest
from volact.credential.keys import SoftwareSigner
from volact.credential.request import LeaseRequest, sign_request

_RIDS = itertools.count(1)


@dataclass
class Asker:
    """One computer, told from others by its name."""

    name: str
    publisher: str = "acme.example"
    key: str = "1"
    signer: SoftwareSigner = field(init=False)

    def __post_init__(self) -> None:
        self.signer = SoftwareSigner(sha256(f"{self.name} {self.key}".encode()).digest())

    @property
    def dev(self) -> str:
        """Its device id."""
        return crockford(int.from_bytes(sha256(self.name.encode()).digest()[:10], "big") >> 5, 15)

    def request(self, product: str, iat: int, *, virtual: bool = False, rid: str | None = None) -> LeaseRequest:
        """What it asks for."""
        drawn = b64(sha256(f"{self.name} {self.key} {next(_RIDS)}".encode()).digest()[:16])
        return LeaseRequest(
            aud=self.publisher, via="online", iat=iat, rid=rid or drawn, dev=self.dev, mv=digest(self.name.encode()),
            product=product, virtual=virtual,
        )  # fmt: skip

    def ask(self, product: str, iat: int, *, virtual: bool = False, rid: str | None = None) -> bytes:
        """The signed request."""
        return sign_request(self.request(product, iat, virtual=virtual, rid=rid), self.signer)
