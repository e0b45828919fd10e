"""The management API on keys and the center's acts: counted once, shown on record, never in a kept answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_managed_record import neighbor, organization_of, pages
from tests.support.managed import Managing, managing
from tests.support.service import Device, Place, read
from volact.credential.telephone.installation import make_installation_id, named_dev
from volact.service.ledger import keys

Found = Callable[[Path], Place]
CALL = {"caller": "K. Berg", "proof": "invoice 114", "reason": "new site"}


@pytest.fixture
def office(found: Found, tmp_path: Path) -> Iterator[Managing]:
    """A running front over a new publisher with one customer."""
    with managing(found(tmp_path / "service")) as office:
        yield office


def order(office: Managing, **more: Any) -> dict[str, Any]:
    """An order of keys of the customer."""
    return {"licensing_id": office.place.licensing_id, "product": "tracer-9", "kind": "mak"} | more


def shown(office: Managing, keyid: str) -> str:
    """A key as a reveal shows it."""
    (told,) = office.call("POST", "/reveals", token=office.token("keys:reveal"), body={"keyids": [keyid]}).json()[
        "keys"
    ]
    return str(told["key"])


def kept(office: Managing) -> str:
    """Everything that is kept of answers."""
    with office.place.opened() as service:
        return "".join(row[0] for row in service.ledger.execute("SELECT answer FROM idempotency"))


def test_f25_api_keys_are_issued_once_and_set_with_a_reason(office: Managing) -> None:
    """A key is issued once however often the order is sent, allows what the program says, and is changed with a reason
    on record, never below what is used."""
    token = office.token("keys:read", "keys:write", "audit:read")
    made = [office.post("/keys", order(office), token=token, key="one-order") for _ in range(3)]
    assert [reply.status_code for reply in made] == [201] * 3
    assert len({reply.text for reply in made}) == 1
    (listed,) = pages(office, "/keys", token=token)
    keyid = listed["keyid"]
    assert listed == made[0].json()["keys"][0]
    device = Device(office.place.publisher)
    key = read(shown(office, keyid), office.place.publisher)
    assert office.devices.answer("POST", "/v1/requests", device.activate(key, "tracer-9")).status == 200
    change = {"activations": 3, "reason": "fewer computers"}
    assert office.call("PATCH", f"/keys/{keyid}", token=token, body=change).json()["remaining"] == 2
    refused = office.call("PATCH", f"/keys/{keyid}", token=token, body=change | {"activations": 0}).json()
    assert refused["code"] == "allowance_below_used"
    (entry,) = pages(office, "/audit", token=token, subject=keyid, act="allowance set")
    assert (entry["detail"]["why"], entry["detail"]["to"]) == ("fewer computers", 3)
    assert entry["detail"]["request"]


def test_f26_api_and_command_line_agree_on_what_remains(office: Managing) -> None:
    """What remains of a key is the same number by API as in the record, after each activation."""
    token = office.token("keys:read", "keys:write")
    keyid = office.post("/keys", order(office, activations=4), token=token).json()["keys"][0]["keyid"]
    key = read(shown(office, keyid), office.place.publisher)
    for used in range(1, 5):
        body = Device(office.place.publisher).activate(key, "tracer-9")
        assert office.devices.answer("POST", "/v1/requests", body).status == 200
        told = office.get(f"/keys/{keyid}", token=token).json()
        assert (told["used"], told["remaining"]) == (used, office.place.row(key).remaining)
    assert told["level"] == 100
    check = office.get(f"/keys/{keyid}/rollout-check", token=token, computers=5).json()
    assert (check["enough"], check["ask_for"]) == (False, 5)


def test_f30_api_gives_no_keys_outside_of_the_agreements_days(office: Managing) -> None:
    """Both kinds of key are given side by side while the agreement lasts; after its last day nothing is given or
    raised, and what was given stays."""
    token = office.token()
    both = [office.post("/keys", order(office, kind=kind), token=token) for kind in ("mak", "host")]
    assert [reply.status_code for reply in both] == [201, 201]
    path = f"/agreements/{office.place.licensing_id}"
    assert office.call("PATCH", path, token=token, body={"valid_until": "2020-01-01"}).status_code == 200
    keyid = both[0].json()["keys"][0]["keyid"]
    raised = {"activations": 100_000, "reason": "more"}
    codes = [
        office.post("/keys", order(office), token=token).json()["code"],
        office.call("PATCH", f"/keys/{keyid}", token=token, body=raised).json()["code"],
        office.post("/center/raise", {"keyid": keyid, "activations": 100_000, **CALL}, token=token).json()["code"],
    ]
    assert codes == ["agreement_ended"] * 3
    assert office.get(f"/keys/{keyid}", token=token).json()["state"] == "active"


def test_f44_api_center_gives_raises_frees_and_blocks_with_caller_proof_and_reason(office: Managing) -> None:
    """Each act of the center is done once under its Idempotency-Key, is refused with one of the three left empty, and
    is on record with all three."""
    token = office.token("center:act", "keys:read", "hosts:read", "audit:read")
    wanted = {"licensing_id": office.place.licensing_id, "product": "solver-server-9", "kind": "host"}
    given = [office.post("/center/keys", wanted | CALL, token=token, key="the-host-key") for _ in range(2)]
    assert given[0].json() == given[1].json()
    keyid, key = given[0].json()["keyid"], read(given[0].json()["key"], office.place.publisher)
    assert key.keyid == keyid
    for empty in CALL:
        refused = office.post("/center/keys", wanted | CALL | {empty: " "}, token=token).json()
        assert (refused["code"], refused["missing"]) == ("proof_required", [empty])
    assert office.devices.answer("POST", "/v1/requests", Device(office.place.publisher).host(key)).status == 200
    (host,) = pages(office, "/hosts", token=token, keyid=keyid)
    raised = office.post("/center/raise", {"keyid": keyid, "activations": 8, **CALL}, token=token).json()
    freed = office.post("/center/free-slot", {"keyid": keyid, "host_id": host["host_id"], **CALL}, token=token).json()
    blocked = office.post("/center/block", {"keyid": keyid, **CALL}, token=token).json()
    assert (raised["allowance"], freed["used"], blocked["state"]) == (8, 0, "blocked")
    acts = [row for row in pages(office, "/audit", token=token, subject=keyid) if "caller" in row["detail"]]
    assert [row["act"] for row in acts] == [
        "issued", "given out by the activation center", "allowance raised", "host slot freed", "blocked",
    ]  # fmt: skip
    assert all(row["detail"]["proof"] == CALL["proof"] and row["detail"]["why"] == CALL["reason"] for row in acts)
    assert key.text not in kept(office)


def test_keys_are_shown_by_a_reveal_alone_and_each_time_on_record(office: Managing) -> None:
    """No answer that is kept holds a key; a reveal shows it to a token with that scope, each time on record."""
    token = office.token("keys:write", "keys:read", "audit:read")
    keyids = [row["keyid"] for row in office.post("/keys", order(office, count=3), token=token).json()["keys"]]
    texts = [shown(office, keyid) for keyid in keyids]
    assert [read(text, office.place.publisher).keyid for text in texts] == keyids
    for text in texts:
        assert text not in kept(office)
        assert text.replace("-", "") not in kept(office)
    for keyid in keyids:
        assert len(pages(office, "/audit", token=token, subject=keyid, act="revealed")) == 1
    assert office.call("POST", "/reveals", token=token, body={"keyids": keyids}).json()["code"] == "scope_missing"


def test_an_order_among_many_that_is_refused_stops_no_other(office: Managing) -> None:
    """Each order has its own result, in order, and the same request again gives the same results."""
    token = office.token("keys:write", "keys:read")
    rows = [order(office, count=2), order(office, product="none"), order(office, kind="oem"), order(office)]
    done = [office.post("/issues", {"rows": rows}, token=token, key="many-orders") for _ in range(2)]
    assert done[0].json() == done[1].json()
    told = done[0].json()["rows"]
    assert [(row["row"], row["result"], len(row["keyids"])) for row in told] == [
        (1, "issued", 2), (2, "refused", 0), (3, "refused", 0), (4, "issued", 1),
    ]  # fmt: skip
    assert [row["error"]["code"] for row in told if row["error"]] == ["unknown_product", "kind_not_offered"]
    assert len(pages(office, "/keys", token=token)) == 3
    too_many = {"rows": [order(office, count=10_000), order(office)]}
    assert office.post("/issues", too_many, token=token).json()["code"] == "usage"


def test_a_write_that_is_under_way_is_not_begun_again(office: Managing) -> None:
    """The same request while the first one is being answered is told to wait; another body under its key is refused."""
    token = office.token("keys:write", "keys:read")

    async def both() -> list[int]:
        sent = [
            office.sent("POST", "/keys", token=token, body=order(office, count=500), key="sent-at-once") for _ in "ab"
        ]
        return [reply.status_code for reply in await asyncio.gather(*sent)]

    assert sorted(office.runner.run(both())) == [201, 409]
    with office.place.opened() as service:
        assert len(tuple(keys.every(service.ledger))) == 500
    other = office.post("/keys", order(office, count=2), token=token, key="sent-at-once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_what_was_answered_is_answered_after_a_restart_too(found: Found, tmp_path: Path) -> None:
    """A caller that lost the answer gets it from the next process, and nothing is issued twice."""
    place = found(tmp_path / "service")
    with managing(place) as office:
        token = office.token("keys:write", "keys:read")
        first = office.post("/keys", order(office), token=token, key="before-restart")
    with managing(place) as office:
        again = office.post("/keys", order(office), token=token, key="before-restart")
        assert again.text == first.text
        assert again.headers["idempotency-replayed"] == "true"
        assert len(pages(office, "/keys", token=token)) == 1


def test_a_neighbors_token_learns_nothing_of_keys(office: Managing) -> None:
    """Keys of another organization are answered like keys that are not; the holder's own are shown."""
    token = office.token()
    keyid = office.post("/keys", order(office), token=token).json()["keys"][0]["keyid"]
    stranger, absent = neighbor(office), "0" * 10
    mine = office.token(organization_id=organization_of(office, office.place.licensing_id))
    for method, path, body in (
        ("GET", "/keys/{}", None),
        ("GET", "/keys/{}/rollout-check?computers=1", None),
        ("POST", "/reveals", {"keyids": ["{}"]}),
    ):
        told = []
        for id in (keyid, absent):
            asked = None if body is None else {"keyids": [id]}
            told.append(office.call(method, path.format(id), token=stranger, body=asked).text.replace(id, absent))
        assert told[0] == told[1]
        assert "key_unknown" in told[0]
        asked = None if body is None else {"keyids": [keyid]}
        assert "key_unknown" not in office.call(method, path.format(keyid), token=mine, body=asked).text
    assert pages(office, "/keys", token=stranger) == []
    assert len(pages(office, "/keys", token=mine)) == 1


def test_devices_are_answered_while_many_keys_are_issued(office: Managing) -> None:
    """Activations go on while 2,000 keys are drawn: they wait for a commit, and not for the keys."""
    place, token = office.place, office.token("keys:write", "keys:read")
    key = place.key("tracer-9", "mak", activations=500)
    bodies = [Device(place.publisher).activate(key, "tracer-9") for _ in range(100)]

    async def all_of_it() -> tuple[int, int]:
        issuing = asyncio.create_task(
            office.sent("POST", "/keys", token=token, body=order(office, count=2_000), key="many-keys")
        )
        answered = 0
        for body in bodies:
            if issuing.done():
                break
            answered += (await office.devices.sent("POST", "/v1/requests", body)).status == 200
        return answered, (await issuing).status_code

    answered, status = office.runner.run(all_of_it())
    assert status == 201
    assert answered > 5


def test_f24_api_center_confirms_a_computer_once(office: Managing) -> None:
    """A confirmation is given once under its Idempotency-Key and the same again under another one, and takes one in
    all; an ID that was misheard is named by its groups and takes nothing."""
    place, token = office.place, office.token("center:act", "audit:read")
    key = place.key("tracer-9", "mak", activations=2)
    made = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev="0" * 15)
    wanted = {"installation_id": "-".join(made.groups)} | CALL
    given = [office.post("/center/confirmations", wanted, token=token, key=f"a-call-{turn}") for turn in "aab"]
    assert [reply.status_code for reply in given] == [201] * 3
    assert given[0].json() == given[1].json()
    assert given[2].json()["groups"] == given[0].json()["groups"]
    assert [reply.json()["repeated"] for reply in given] == [False, False, True]
    assert place.row(key).used == 1
    misheard = {"installation_id": "-".join([*made.groups[:2], "0000001", *made.groups[3:]])} | CALL
    refused = office.post("/center/confirmations", misheard, token=token).json()
    assert (refused["code"], refused["groups"]) == ("installation_id_mistyped", [3])
    (entry,) = pages(office, "/audit", token=token, subject=key.keyid, act="activated")
    assert (entry["detail"]["channel"], entry["detail"]["caller"]) == ("center", CALL["caller"])


def test_f44_api_center_confirms_a_host_in_the_place_that_it_names(office: Managing) -> None:
    """A host's confirmation has an end and a place; with all places taken, the center names the host that ends, and a
    directory is confirmed when it is asked for."""
    place, token = office.place, office.token("center:act", "hosts:read")
    key = place.key("solver-server-9", "host", activations=1)

    def call(name: str, turn: str, **more: str) -> Any:
        made = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev=named_dev(name))
        wanted = {"installation_id": made.qr} | CALL | more
        return office.post("/center/confirmations", wanted, token=token, key=f"a-host-{turn}")

    first = call("host 1", "one").json()
    assert (first["role"], first["repeated"], len(first["groups"])) == ("host", False, 20)
    assert first["expires"] > first["key"]["at"]
    assert call("host 2", "two").json()["code"] == "host_limit_reached"
    assert call("host 2", "three", slot="0" * 15).json()["code"] == "unknown_host"
    second = call("host 2", "four", slot=first["host_id"]).json()
    assert call("host 2", "four", slot=first["host_id"]).json() == second
    directory = call("d-contoso", "five", slot=second["host_id"], role="directory").json()
    assert directory["role"] == "directory"
    assert call("host 1", "six").json()["code"] == "confirmation_returned"
    shown = pages(office, "/hosts", token=token, keyid=key.keyid)
    assert [(row["way"], row["live"]) for row in shown] == [("telephone", False)] * 2 + [("directory", True)]
    assert place.row(key).used == 1
