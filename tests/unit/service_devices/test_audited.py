"""What admission enters into the audit: each new right once, with who asked, and nothing for what gives none."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.service_devices.books import HOST, MAK, NOW, TERMS, activation, book, hosting, renewal
from volact.credential.claims import Activation, HostCertificate, decode
from volact.service.admission.batch import decide
from volact.service.admission.book import Ask, Granted

asks = st.lists(st.builds(activation, st.integers(0, 15), st.integers(0, 3), content=st.integers(0, 1)), max_size=60)


@given(asks, st.integers(0, 8))
def test_each_activation_is_entered_once(asked: list[Ask], allowance: int) -> None:
    """An activation has one entry, naming it, its device key and the request that took it; nothing else has one."""
    record = book(allowance=allowance)
    decisions = decide(record, TERMS, asks=asked)
    given_first = {}
    for ask, found in zip(asked, decisions, strict=True):
        if isinstance(found, Granted):
            given_first.setdefault(ask.jkt, (decode(Activation, found.payload).jti, ask))
    entries = [(row.act, row.subject, row.at, json.loads(row.detail)) for row in record.changes.audit]
    expected = [
        ("activated", MAK, NOW, {"activation_id": jti, "device": jkt, "request": ask.digest, "rid": ask.request.rid})
        for jkt, (jti, ask) in given_first.items()
    ]
    assert entries == expected


def test_hosts_are_entered_when_they_take_something() -> None:
    """A host's first activation and each re-activation are entered with the request; renewals, repetitions are not."""
    record = book()
    first, again = hosting(1), hosting(2, dev=1)
    granted = decide(record, TERMS, asks=[first, first, hosting(1, 1)])[2]
    assert isinstance(granted, Granted)
    decide(record, TERMS, asks=[renewal(1, 2, predecessor=decode(HostCertificate, granted.payload).jti), again])
    entries = [(row.act, row.subject, json.loads(row.detail)) for row in record.changes.audit]
    assert [each[:2] for each in entries] == [("host activated", HOST), ("host activated again", HOST)]
    for (_, _, detail), ask in zip(entries, (first, again), strict=True):
        assert (detail["device"], detail["request"], detail["rid"]) == (ask.jkt, ask.digest, ask.request.rid)
