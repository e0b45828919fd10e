from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cli.service.conftest import Desk
from tests.support.commands import Said, volact
from tests.support.service import Device, Key, Place, read
from volact.credential import jws
from volact.credential.claims import Activation, HostCertificate, decode
from volact.protocol.messages import Answer
from volact.protocol.messages import decode as read_answer

WINDOWS, PLATFORM = "windows-7-professional", "windows-server-2008-r2"
SAID = ("--caller", "Kari Nordmann", "--proof", "invoice of May", "--reason", "new building")


def center(desk: Desk, verb: str, *words: object, json: bool = True) -> Said:
    """One act of the activation center."""
    return desk.run("center", verb, "DIR", *words, *SAID, json=json)


def payload(desk: Desk, body: bytes, *, typ: str) -> bytes:
    """What the service grants to one request."""
    with Place(desk.folder, "acme.example").answering() as answering:
        reply = answering.answer("POST", "/v1/requests", body)
    assert reply.status == 200, reply
    return jws.parse_compact(read_answer(Answer, reply.body).credential, typ=typ).payload


def hosted(desk: Desk, key: Key, host: Device) -> HostCertificate:
    """The first certificate of a host."""
    return decode(HostCertificate, payload(desk, host.host(key, platform=PLATFORM), typ="volact-host+jwt"))


def activated(desk: Desk, key: Key) -> Activation:
    """The activation of a computer."""
    body = Device("acme.example").activate(key, WINDOWS)
    return decode(Activation, payload(desk, body, typ="volact-activation+jwt"))


def shown_later(desk: Desk, key: Key) -> Said:
    """The key as it is shown 30 days from now."""
    return volact("service", "key", "show", desk.folder, key.keyid, shift="+30d")


def test_f44_center_gives_keys_and_raises_one(desk: Desk) -> None:
    """The center gives out a setup key, a MAK and a host key, raises the MAK, and blocks it, each time on record."""
    options = ("--program", "open-license", "--licenses", f"{WINDOWS}=5", "--licenses", "windows-xp-professional=5")
    licensing_id = desk.customer(*options)
    under = ("--licensing-id", licensing_id, "--product")
    setup = center(desk, "setup-key", *under, "windows-xp-professional").data
    assert (setup["kind"], setup["allowance"], setup["remaining"], setup["issued"]) == ("setup", None, None, True)
    assert read(setup["key"], "acme.example").keyid == setup["keyid"]
    assert center(desk, "host-key", *under, WINDOWS).data["allowance"] == 6
    mak = center(desk, "mak", *under, WINDOWS)
    again = center(desk, "mak", *under, WINDOWS, json=False)
    keyid = mak.data["keyid"]
    assert mak.data["key"] in again.out
    assert center(desk, "raise", keyid.lower(), "--activations", 80).data["remaining"] == 80
    assert center(desk, "raise", keyid, "--activations", 70).error == "usage"
    assert center(desk, "block", keyid, "--revoke").data["state"] == "revoked"
    assert center(desk, "block", keyid).data["state"] == "revoked"
    history = desk.run("key", "show", "DIR", keyid)
    lines = history.data["history"]
    assert [line["why"] for line in lines] == ["new building"] * 5
    assert {(line["caller"], line["proof"]) for line in lines} == {("Kari Nordmann", "invoice of May")}
    assert mak.data["key"] not in history.out


@pytest.mark.parametrize("left", [(), SAID[:4], SAID[2:], (*SAID[:5], " "), ("--caller", "", *SAID[2:])])
def test_f44_act_without_proof_is_refused(desk: Desk, left: tuple[str, ...]) -> None:
    """Each act for which caller, proof or reason is missing or blank ends with proof_required and exit code 1."""
    under = ("--licensing-id", "L-0000-0000", "--product", WINDOWS)
    acts = (
        *((verb, *under) for verb in ("setup-key", "mak", "host-key")),
        ("raise", "0000000000", "--activations", 5),
        ("free-slot", "0000000000", "0" * 15),
        ("block", "0000000000"),
    )
    for verb, *words in acts[:: 1 if left == () else 4]:
        assert desk.run("center", verb, "DIR", *words, *left).refused == "proof_required"


def test_f42_refusals_of_the_center_say_cause_and_fix(desk: Desk) -> None:
    """What the center is refused has a stable code, a plain cause and a fix, which `volact errors` lists too."""
    words = ("--licensing-id", "L-0000-0000", "--product", WINDOWS)
    for said in (desk.run("center", "mak", "DIR", *words), center(desk, "mak", *words)):
        error = said.data["error"]
        listed = volact("errors", error["code"], json=False)
        assert error["detail"]
        assert (error["title"] in listed.out, error["fix"] in " ".join(listed.out.split())) == (True, True)


def test_f18_center_frees_a_slot_for_another_host(desk: Desk) -> None:
    """With all slots taken the center frees one: another host takes it, the freed one renews nothing, others do."""
    issued = desk.issue(desk.customer(), WINDOWS, "host", "--activations", 2).data
    key = read(issued["key"], "acme.example")
    hosts = [Device("acme.example") for _ in range(3)]
    first, second = hosted(desk, key, hosts[0]), hosted(desk, key, hosts[1])
    assert center(desk, "free-slot", key.keyid, "0" * 15).refused == "unknown_host"
    freed = center(desk, "free-slot", key.keyid, first.host)
    assert (freed.data["used"], freed.data["host_id"]) == (1, first.host)
    hosted(desk, key, hosts[2])
    with Place(desk.folder, "acme.example").answering() as answering:
        refused = answering.answer("POST", "/v1/requests", hosts[0].renew(first.jti, platform=PLATFORM))
        assert (refused.status, b"host_slot_freed" in refused.body) == (409, True)
        assert answering.answer("POST", "/v1/requests", hosts[1].renew(second.jti, platform=PLATFORM)).status == 200
    shown = desk.run("key", "show", "DIR", key.keyid).data
    assert (shown["used"], len(shown["hosts"])) == (2, 2)
    assert first.host not in {host["host_id"] for host in shown["hosts"]}


def test_f25_retired_activation_comes_back(desk: Desk) -> None:
    """A retired activation is shown as on its way back, and 30 days later any command shows it as left again."""
    issued = desk.issue(desk.customer(), WINDOWS, "mak", "--activations", 1).data
    key = read(issued["key"], "acme.example")
    found = activated(desk, key)
    words = ("activation", "retire", "DIR", found.jti.lower(), "--reason", "scrapped")
    done = desk.run(*words)
    assert set(done.data) == {"activation_id", "keyid", "credited_at", "remaining"}
    assert (done.data["activation_id"], done.data["keyid"], done.data["remaining"]) == (found.jti, key.keyid, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", done.data["credited_at"])
    assert desk.run(*words).data == done.data
    shown = desk.run("key", "show", "DIR", key.keyid).data
    (back,) = shown["returning"]
    assert (back["activation_id"], back["credited_at"]) == (found.jti, done.data["credited_at"])
    assert (shown["activations"], shown["remaining"]) == ([], 0)
    assert desk.run("activation", "retire", "DIR", "nothing", "--reason", "x").refused == "unknown_activation"
    assert desk.run("activation", "retire", "DIR", found.jti).code == 2
    with ThreadPoolExecutor(3) as pool:  # whoever opens the service first settles, and nobody a second time
        later = list(pool.map(lambda _: shown_later(desk, key).data, range(3)))
    assert {(each["used"], each["remaining"], len(each["returning"])) for each in later} == {(0, 1, 0)}
    assert sum("credited" in line["what"] for line in later[-1]["history"]) == 1
