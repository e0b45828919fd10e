"""Batches of requests at the desk of a service, on both databases."""

from __future__ import annotations

from secrets import randbits

import msgspec

from tests.support.service import Device, read
from tests.unit.service.asking import issued
from tests.unit.service.conftest import Office
from volact.credential.encoding import crockford
from volact.credential.request import ActivateRequest, parse_request
from volact.errors import VolactError
from volact.service.admission.book import Ask, Granted
from volact.service.devices.desk import Desk
from volact.service.ledger import given, keys
from volact.service.usecases.keys import IssuedKey


def _ask(office: Office, key: IssuedKey, fresh_id: str = "") -> Ask:
    held = read(key.key, "acme.example")
    signed = parse_request(Device("acme.example").activate(held, key.row.product, iat=office.service.clock.now()))
    assert isinstance(signed.request, ActivateRequest)
    fresh_id = fresh_id or crockford(randbits(130), 26)
    return Ask(signed.request, signed.jkt, signed.public.jwk, signed.digest, fresh_id, crockford(randbits(75), 15))


def test_defect_of_one_request_does_not_reach_the_others_of_its_batch(office: Office) -> None:
    """A request that brings out a defect is answered as one and takes nothing; the others of its batch are granted."""
    key = issued(office)
    first = _ask(office, key)
    batch = [first, _ask(office, key, first.fresh_id), _ask(office, key)]  # one identifier for two activations
    outcomes = Desk(office.service).decide(batch)
    assert [type(each) for each in outcomes] == [Granted, VolactError, Granted]
    row = keys.key(office.service.ledger, key.row.keyid)
    assert row is not None
    held = [each.jkt for each in given.activations_of(office.service.ledger, row.keyid)]
    assert (held, row.used) == ([batch[0].jkt, batch[2].jkt], 2)


def test_batch_is_granted_again_by_number_and_takes_nothing(office: Office) -> None:
    """A batch that comes again, in another order and with more in it, gets the same payloads and takes only the new."""
    key = issued(office)
    batch = [_ask(office, key) for _ in range(3)]
    first = Desk(office.service).decide(batch)
    again = Desk(office.service).decide([*reversed(batch), _ask(office, key)])
    assert [msgspec.structs.replace(each, repeated=True) for each in first if isinstance(each, Granted)] == [
        *reversed(again[:3])
    ]
    row = keys.key(office.service.ledger, key.row.keyid)
    assert row is not None
    assert row.used == 4
