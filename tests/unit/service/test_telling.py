"""What webhooks are told: each thing that happens, in its transaction, by ids alone."""

from __future__ import annotations

import json

import pytest

from tests.support.service import Device, read
from tests.unit.service.asking import activated, asked, hosting, issued, refused
from tests.unit.service.conftest import DAY, Office
from tests.unit.service.telling import bodies, webhook
from volact.credential.encoding import b64
from volact.errors import Refusal, Refused
from volact.service.ledger.connection import writing
from volact.service.ledger.denials import Denied
from volact.service.ports import Call
from volact.service.usecases import telling
from volact.service.usecases.center import block_key
from volact.service.usecases.denying import record_denials
from volact.service.usecases.keys import block, change_allowance
from volact.service.usecases.retiring import retire, settle

WINDOWS = "windows-server-2008-r2"


def percents(office: Office) -> list[int]:
    """The levels that were told, the first one first."""
    return [body["data"]["percent"] for body in bodies(office, type=telling.EXHAUSTION)]


def test_an_activation_is_told(office: Office) -> None:
    """An activation is one event with its id, its key, whose that is, and the product; asked for again it is none."""
    webhook(office, telling.ACTIVATED)
    key, device = issued(office), Device("acme.example")
    given = activated(office, key, device=device)
    activated(office, key, device=device)
    (body,) = bodies(office)
    assert body == {
        "type": "activation.created",
        "timestamp": "2026-11-24T09:13:20Z",
        "data": {
            "keyid": key.row.keyid,
            "licensing_id": key.row.licensing_id,
            "organization_id": given.organization.id,
            "product": "windows-7-professional",
            "activation_id": given.jti,
        },
    }


def test_nothing_is_written_that_nobody_wants(office: Office) -> None:
    """Without a webhook that wants its type, and with a disabled one, what happens leaves no event."""
    key = issued(office)
    activated(office, key)
    given = webhook(office, telling.BLOCKED)
    activated(office, key)
    office.service.ledger.execute("UPDATE webhooks SET state = 'disabled'")
    block(office.service, key.row.keyid, revoked=False, act=office.act)
    assert bodies(office) == []
    office.service.ledger.execute("UPDATE webhooks SET state = 'paused'")
    block(office.service, key.row.keyid, revoked=True, act=office.act)
    assert [body["data"]["state"] for body in bodies(office)] == ["revoked"]
    rows = office.service.ledger.execute("SELECT webhook_id, state FROM deliveries").fetchall()
    assert list(map(tuple, rows)) == [(given.row.webhook_id, "waiting")]


def test_each_webhook_has_a_delivery_of_what_it_wants(office: Office) -> None:
    """One event has one delivery for each webhook that wants its type, under one id."""
    every, some, other = webhook(office), webhook(office, telling.BLOCKED), webhook(office, telling.CLONE)
    key = issued(office)
    activated(office, key)
    block(office.service, key.row.keyid, revoked=False, act=office.act)
    rows = office.service.ledger.execute(
        "SELECT e.type, d.webhook_id FROM deliveries AS d JOIN events AS e USING (event_id)"
    )
    assert sorted(map(tuple, rows)) == sorted(
        [
            ("activation.created", every.row.webhook_id),
            ("key.blocked", every.row.webhook_id),
            ("key.blocked", some.row.webhook_id),
        ]
    )
    assert other.row.types == ("host.clone_found",)


def test_a_blocked_key_is_told_once_for_each_state(office: Office) -> None:
    """A key that is blocked, and later revoked, is told twice; blocked again, by whomever, it is told no more."""
    webhook(office)
    keyid = issued(office).row.keyid
    call = Call(caller="Ola", proof="invoice", reason="leaked")
    block(office.service, keyid, revoked=False, act=office.act)
    block(office.service, keyid, revoked=False, act=office.act)
    block_key(office.service, keyid, revoked=True, call=call, act=office.act)
    block(office.service, keyid, revoked=False, act=office.act)
    assert [(body["type"], body["data"]["state"]) for body in bodies(office)] == [
        ("key.blocked", "blocked"),
        ("key.blocked", "revoked"),
    ]
    assert "Ola" not in str(bodies(office))


def test_exhaustion_is_told_once_for_each_level(office: Office) -> None:
    """Of 20 activations the 16th, 19th and 20th are told, and again after a return gave one back."""
    webhook(office, telling.EXHAUSTION)
    key = issued(office, activations=20)
    given = [activated(office, key) for _ in range(20)]
    assert percents(office) == [80, 95, 100]
    (last,) = [body["data"] for body in bodies(office) if body["data"]["percent"] == 100]
    assert (last["allowance"], last["used"], last["remaining"]) == (20, 20, 0)
    retire(office.service, given[0].jti, reason="gone", act=office.act)
    office.time.go(91 * DAY)
    settle(office.service)
    activated(office, key)
    assert percents(office) == [80, 95, 100, 100]


def test_a_lower_allowance_is_told_like_activations(office: Office) -> None:
    """An allowance that is lowered tells each level that is reached by it, and one that is raised tells none."""
    webhook(office, telling.EXHAUSTION)
    key = issued(office, activations=20)
    for _ in range(8):
        activated(office, key)
    for activations in (10, 9, 20, 8):
        change_allowance(office.service, key.row.keyid, activations=activations, reason="less", act=office.act)
    assert percents(office) == [80, 80, 95, 100]


def test_hosts_are_told_activated_again_and_as_copies(office: Office) -> None:
    """A host is told when it takes a slot and when it is activated again; a copy of it once a day."""
    webhook(office, telling.HOST, telling.CLONE)
    key, device = issued(office, "windows-server-2008-r2-standard", "host"), Device("acme.example")
    first = hosting(office, key, device=device)
    office.time.go(60)
    again = hosting(office, key, device=device.reinstalled())
    assert [(body["type"], body["data"]["reactivations"]) for body in bodies(office)] == [
        ("host.activated", 0),
        ("host.activated", 1),
    ]
    assert {body["data"]["host_id"] for body in bodies(office)} == {first.host} == {again.host}

    def copy_asks() -> None:
        renewal = device.renew(first.jti, platform=WINDOWS, iat=office.service.clock.now())
        assert refused(office, renewal) == "clone_detected"

    for _ in range(3):
        copy_asks()
    assert [body["data"]["host_id"] for body in bodies(office, type=telling.CLONE)] == [first.host]
    office.time.go(DAY + 1)
    copy_asks()
    assert len(bodies(office, type=telling.CLONE)) == 2


def test_refusals_are_told_by_key_and_code(office: Office) -> None:
    """Refusals of a proved key are added up by code; those of no key, and whence they came, are told to nobody."""
    webhook(office)
    keyid, today = issued(office).row.keyid, office.service.clock.now() // DAY
    counts = {
        Denied(today, "mak_exhausted", keyid, "192.0.2.1"): 3,
        Denied(today, "mak_exhausted", keyid, "192.0.2.2"): 4,
        Denied(today, "key_blocked", keyid, "192.0.2.2"): 1,
        Denied(today, "key_unknown", "", "192.0.2.3"): 9,
        Denied(today, "key_blocked", "0000000000", "192.0.2.3"): 1,
    }
    record_denials(office.service, counts)
    told = sorted((body["data"]["code"], body["data"]["times"], body["data"]["keyid"]) for body in bodies(office))
    assert told == [("key_blocked", 1, keyid), ("mak_exhausted", 7, keyid)]
    assert "192.0.2" not in str(bodies(office))


def test_an_event_ends_with_its_transaction(office: Office) -> None:
    """What is undone was told to nobody, and what cannot be told is not done."""
    webhook(office)
    key = issued(office)

    def fail() -> None:
        with writing(office.service.ledger):
            telling.tell_blocked(office.service, key.row, now=office.act.now)
            raise Refused(Refusal("usage", "undone"))

    with pytest.raises(Refused):
        fail()
    assert bodies(office) == []
    office.service.ledger.execute("ALTER TABLE events RENAME TO gone")
    body = Device("acme.example").activate(read(key.key, "acme.example"), key.row.product, iat=office.act.now)
    with pytest.raises(Exception, match="events"):
        asked(office.service, body)
    office.service.ledger.execute("ALTER TABLE gone RENAME TO events")
    assert office.service.ledger.execute("SELECT count(*) FROM activations").fetchone()[0] == 0
    assert office.service.ledger.execute("SELECT used FROM keys").fetchone()[0] == 0


def test_no_event_says_a_key_a_proof_or_a_name(office: Office) -> None:
    """What is told holds ids and figures alone: neither the key, nor a proof, nor whose name it is."""
    webhook(office)
    key = issued(office, activations=2)
    device = Device("acme.example")
    activated(office, key, device=device)
    activated(office, key)
    block(office.service, key.row.keyid, revoked=True, act=office.act)
    held = read(key.key, "acme.example")
    text = json.dumps(bodies(office))
    assert len(bodies(office)) == 6
    for secret in (
        key.key,
        b64(held.derived.proof_key),
        "Nordlys",
        "kari",
        device.jkt,
        device.dev,
    ):
        assert secret not in text
