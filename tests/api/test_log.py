"""The log of a running service: checkpoints in answers, proofs, kills, two at once."""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from msgspec import json as msgjson

from tests.support.service import Answering, Device, Key, Place, Running, start
from volact.credential import merkle
from volact.credential.checkpoint import Checkpoint, Entry, entry_leaf
from volact.credential.claims import Activation
from volact.credential.encoding import digest, unb64
from volact.credential.jws import parse_flattened
from volact.service.ledger import log
from volact.service.usecases.sequencing import catch_up, sequence
from volact.service.usecases.verifying import Verified, verify


def verified(place: Place, *kept: str) -> Verified:
    """The log after everything on record is in it."""
    with place.opened() as service:
        catch_up(service)
        return verify(service, kept=kept)


def get(answering: Answering, path: str) -> dict[str, object]:
    """What a path answers."""
    reply = answering.answer("GET", path)
    assert reply.status == 200, reply.body
    return dict(msgjson.decode(reply.body))


def proof_in(said: dict[str, object]) -> list[bytes]:
    """The hashes of a proof."""
    return [unb64(text) for text in said["proof"]]  # type: ignore[attr-defined]


def activate(answering: Answering, place: Place, key: Key) -> tuple[Activation, Checkpoint, bytes]:
    """A new computer's activation, the checkpoint that came with it, and the request's payload."""
    body = Device(place.publisher).activate(key, "tracer-9")
    reply = msgjson.decode(answering.answer("POST", "/v1/requests", body).body)
    trust = place.trust
    payload = parse_flattened(body, typ="volact-request+jws").payload
    return trust.activation(reply["credential"]), trust.checkpoint(reply["checkpoint"]), payload


def test_every_answer_carries_the_newest_checkpoint(tmp_path: Path) -> None:
    """What was sequenced before an answer is under the checkpoint that comes with it, and proofs lead from each on."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    kept: list[Checkpoint] = []
    with place.opened() as service:
        catch_up(service)
    with place.answering() as answering:
        for _ in range(4):
            kept.append(activate(answering, place, key)[1])
            sequence(answering.app.writer)
        assert [each.size for each in kept] == list(range(kept[0].size, kept[0].size + 4))
        newest = place.trust.checkpoint(answering.answer("GET", "/v1/log/checkpoint").body.decode())
        for before in (*kept, newest):
            said = get(answering, f"/v1/log/consistency/{before.size}/{newest.size}")
            roots = {"first_root": unb64(before.root), "second_root": unb64(newest.root)}
            assert merkle.consistent(before.size, newest.size, proof=proof_in(said), **roots)


def test_an_activation_is_proved_to_who_names_it(tmp_path: Path) -> None:
    """Whoever names an activation gets its entry with the device and the request, and a proof that the log has it."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    with place.answering() as answering:
        given, _, payload = activate(answering, place, key)
        path = f"/v1/log/inclusion/{given.jti}"
        assert answering.answer("GET", path).status == 404
        sequence(answering.app.writer)
        said = get(answering, path)
        newest = place.trust.checkpoint(str(said["checkpoint"]))
        entry = Entry(**said["entry"])  # type: ignore[arg-type]
        leaf = entry_leaf(entry, unb64(str(said["salt"])))
        assert (newest.size, entry.subject) == (said["size"], key.keyid)
        detail = {"activation_id": given.jti, "device": given.cnf.jkt, "request": digest(payload)}
        assert msgjson.decode(entry.detail) == detail
        where = {"size": newest.size, "root": unb64(newest.root)}
        assert merkle.included(leaf, int(str(said["leaf"])), proof=proof_in(said), **where)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path",
    [
        "consistency/1", "consistency/1/", "consistency/0/1", "consistency/2/1", "consistency/1/999999",
        "consistency/01/2", "consistency/-1/2", "consistency/1/2/3", "consistency/x/y", "consistency/1/999999999999999",
        "consistency/²/3", "inclusion/", "inclusion/A", f"inclusion/{'0' * 26}", "inclusion/%27", "",
    ],
)  # fmt: skip
def test_what_the_log_does_not_have_is_not_found(place: Place, running: Running, path: str) -> None:
    """Sizes that never were, and ids of no activation, are answered alike: not found."""
    reply = httpx.get(f"{running.url}/v1/log/{path}")
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


def test_the_log_is_written_before_the_program_ends(tmp_path: Path) -> None:
    """A service that is told to stop leaves nothing out of its log."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    with place.running() as running:
        for _ in range(5):
            assert running.post(Device(place.publisher).activate(key, "tracer-9")).status_code == 200
    with place.opened() as service:
        found = verify(service)
    assert (found.waiting, found.size) == (0, found.entries)


def load(place: Place, key: Key, running: Running, answered: list[str]) -> None:
    """Computers that ask one after the other until the service is gone."""
    with httpx.Client() as client:
        while True:
            try:
                reply = running.post(Device(place.publisher).activate(key, "tracer-9"), client=client)
            except httpx.TransportError:
                return
            answered.append(reply.json()["checkpoint"])


def sequence_all_the_time(place: Place, stop: threading.Event) -> None:
    """Another program on the same record that sequences without a pause."""
    with place.opened() as service:
        while not stop.is_set():
            sequence(service)
            stop.wait(0.01)


def test_kill_between_the_record_and_the_signature_forks_nothing(tmp_path: Path) -> None:
    """After kills under load, with two that sequence at once, the log is whole and fits every checkpoint given out."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100_000)
    with place.opened() as service:
        catch_up(service)
    given: list[str] = []
    for _ in range(3):
        running, stop = start(place.folder), threading.Event()
        others = [threading.Thread(target=load, args=(place, key, running, given)) for _ in range(4)]
        others.append(threading.Thread(target=sequence_all_the_time, args=(place, stop)))
        for thread in others:
            thread.start()
        threading.Event().wait(0.8)
        running.kill()
        stop.set()
        for thread in others:
            thread.join(30)
        with place.opened() as service:  # as a crash between the commit and the signature leaves it
            service.ledger.execute(
                "UPDATE checkpoints SET text = NULL WHERE size = (SELECT max(size) FROM checkpoints)"
            )
    texts = sorted(set(given), key=lambda text: sha256(text.encode()).digest())
    found = verified(place, *texts)
    assert len(texts) > 3
    assert (found.waiting, found.size) == (0, found.entries)
    with place.opened() as service:
        assert log.unsigned(service.ledger) == ()
    assert place.row(key).used >= len(given)
