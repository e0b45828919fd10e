"""Books, terms and asks for the tests of admission: values only."""

from __future__ import annotations

from pathlib import Path

from volact.credential.claims import Organization
from volact.credential.encoding import b64, crockford, digest
from volact.credential.keys import SoftwareSigner
from volact.credential.request import ActivateRequest, HostRequest
from volact.licensing.catalogfile import read_catalog_text
from volact.service.admission.book import Ask, Book, Customer, Terms
from volact.service.ledger.rows import KeyRow

NOW = 1_800_000_000
DAY = 86_400
MAK, HOST, RETAIL, TRIAL = "0000000001", "0000000002", "0000000003", "0000000004"
CATALOG = read_catalog_text((Path(__file__).resolve().parents[3] / "catalogs" / "demo.toml").read_text("utf-8"))
TERMS = Terms(
    publisher="acme.example",
    now=NOW,
    catalog=CATALOG,
    catalog_version=1,
    revocations_version=1,
    kid="issuing-2",
    usable=frozenset({"issuing-1", "issuing-2"}),
)
_KEYS = [SoftwareSigner(bytes([number]) * 32).public for number in range(64)]


def book(*, allowance: int = 10, used: int = 0, state: str = "active", slots: int = 6) -> Book:
    """A book with a multiple activation key, a host key, a retail key and a trial key."""
    rows = (
        _key(MAK, "mak", "tracer-9", allowance=allowance, used=used, state=state),
        _key(HOST, "host", "solver-server-9", allowance=slots, used=0, state=state),
        _key(RETAIL, "retail", "tracer-9", allowance=1, used=0, state=state),
        _key(TRIAL, "trial", "tracer-9", allowance=1, used=0, state=state),
    )
    customer = Customer(Organization("O-1", "Nordlys Energi"), "GB")
    return Book(keys={row.keyid: row for row in rows}, customers={row.keyid: customer for row in rows})


def activation(
    device: int, number: int = 0, *, keyid: str = MAK, product: str = "tracer-9", content: int = 0, iat: int = NOW
) -> Ask:
    """Device key `device` asks with its request number `number`; another `content` is another payload."""
    request = ActivateRequest(
        aud="acme.example",
        via="online",
        iat=iat,
        rid=_rid(number),
        dev=_dev(device),
        mv=digest(bytes([content])),
        keyid=keyid,
        proof=digest(b"proof"),
        product=product,
    )
    return _ask(request, device, fresh=(device, number, content), content=content)


def hosting(device: int, number: int = 0, *, dev: int | None = None, keyid: str = HOST, platform: str = "linux") -> Ask:
    """A host with device key `device` on hardware `dev` asks for its first certificate."""
    request = HostRequest(
        aud="acme.example",
        via="online",
        iat=NOW,
        rid=_rid(number),
        dev=_dev(device if dev is None else dev),
        mv=digest(b""),
        platform=platform,
        virtual=False,
        keyid=keyid,
        proof=digest(b"proof"),
    )
    return _ask(request, device, fresh=(device, number, 100), content=0)


def renewal(device: int, number: int, *, predecessor: str, dev: int | None = None) -> Ask:
    """A host asks for the certificate that follows another one."""
    request = HostRequest(
        aud="acme.example",
        via="online",
        iat=NOW,
        rid=_rid(number),
        dev=_dev(device if dev is None else dev),
        mv=digest(b""),
        platform="linux",
        virtual=False,
        predecessor=predecessor,
    )
    return _ask(request, device, fresh=(device, number, 101), content=0)


def _ask(request: ActivateRequest | HostRequest, device: int, *, fresh: tuple[int, int, int], content: int) -> Ask:
    seed = int.from_bytes(digest(repr(fresh).encode()).encode(), "big")
    key = _KEYS[device]
    kind = type(request).__name__
    return Ask(
        request=request,
        jkt=key.kid,
        jwk=key.jwk,
        digest=digest(f"{kind} {request!r} {content}".encode()),
        fresh_id=crockford(seed % 2**130, 26),
        fresh_host=crockford(seed % 2**75, 15),
    )


def _key(keyid: str, kind: str, group: str, *, allowance: int, used: int, state: str) -> KeyRow:  # fmt: skip
    return KeyRow(
        keyid=keyid,
        licensing_id="L-1",
        kind=kind,
        product_group=group,
        product=group,
        state=state,
        allowance=allowance,
        used=used,
        first_group="XXXXX",
        sealed_key=b"",
        sealed_proof_key=b"",
        at=NOW,
    )


def _rid(number: int) -> str:
    return b64(number.to_bytes(16, "big"))


def _dev(number: int) -> str:
    return crockford(number, 15)
