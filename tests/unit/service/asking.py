"""Computers and hosts that ask the desk of a service under test, at the time that its clock shows."""

from __future__ import annotations

from secrets import randbits

from tests.support.service import Device, Key, read
from tests.unit.service.conftest import Office
from volact.credential.claims import Activation, HostCertificate, decode
from volact.credential.encoding import crockford, dated
from volact.credential.request import ActivateRequest, HostRequest, parse_request
from volact.errors import VolactError
from volact.service.admission.book import Ask, Granted
from volact.service.devices.desk import Desk, Outcome
from volact.service.ports import Service
from volact.service.usecases.keys import IssuedKey, Order, issue


def issued(office: Office, product: str = "windows-7-professional", kind: str = "mak", **more: object) -> IssuedKey:
    """A key under a new agreement that holds ten licenses of its product."""
    order = {"licensing_id": office.agreement(licenses={product: 10}), "product": product, "kind": kind} | more
    return issue(office.service, Order(**order), act=office.act)[0]  # type: ignore[arg-type]


def asked(service: Service, body: bytes) -> Outcome:
    """What the desk decides on one signed request."""
    signed = parse_request(body)
    assert isinstance(signed.request, ActivateRequest | HostRequest)
    ids = dated(service.clock.now() * 1000, randbits(128).to_bytes(16)), crockford(randbits(75), 15)
    ask = Ask(signed.request, signed.jkt, signed.public.jwk, signed.digest, *ids)
    return Desk(service).decide([ask])[0]


def activated(office: Office, key: IssuedKey, *, device: Device | None = None) -> Activation:
    """The activation of a new computer, or of the one given."""
    device = device or Device("acme.example")
    body = device.activate(_held(key), key.row.product, iat=office.service.clock.now())
    return decode(Activation, _granted(asked(office.service, body)).payload)


def hosting(office: Office, key: IssuedKey, *, device: Device) -> HostCertificate:
    """The first certificate of a host."""
    body = device.host(_held(key), platform="windows-server-2008-r2", iat=office.service.clock.now())
    return decode(HostCertificate, _granted(asked(office.service, body)).payload)


def refused(office: Office, body: bytes) -> str:
    """The code that a request is refused with."""
    outcome = asked(office.service, body)
    assert isinstance(outcome, VolactError), outcome
    return outcome.code


def _held(key: IssuedKey) -> Key:
    return read(key.key, "acme.example")


def _granted(outcome: Outcome) -> Granted:
    assert isinstance(outcome, Granted), outcome
    return outcome
