"""The log of a running service: checkpoints in answers, proofs, kills, two at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import structlog
from msgspec import json as msgjson

from tests.support.service import Answering, Device, Key, Place, Running, now, start
from volact.credential import merkle
from volact.credential.checkpoint import Checkpoint, Entry, entry_leaf
from volact.credential.claims import Activation
from volact.credential.encoding import digest, unb64
from volact.credential.jws import parse_flattened
from volact.service.app import composed
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.ledger import log
from volact.service.ports import Act
from volact.service.usecases import customers
from volact.service.usecases.sequencing import catch_up, sequence
from volact.service.usecases.settling import confirm_clock
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
        asked = {"device": given.cnf.jkt, "request": digest(payload), "rid": given.rid}
        detail = {"activation_id": given.jti, **asked}
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


SEQUENCER = """
import sys
from pathlib import Path
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.usecases.sequencing import sequence
with opened(Folder(Path(sys.argv[1]))) as service:
    print("ready", flush=True)
    while True:
        sequence(service)
"""


def sequencer(place: Place) -> subprocess.Popen[bytes]:
    """Another program on the same record, which sequences without a pause."""
    process = subprocess.Popen([sys.executable, "-c", SEQUENCER, place.folder], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_kills_in_the_sequencers_window_fork_nothing(tmp_path: Path) -> None:
    """Under load, with two programs that sequence at once and are killed, the log fits every checkpoint given out."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100_000)
    verified(place)
    given: list[str] = []
    for _ in range(3):
        running = start(place.folder)
        askers = [threading.Thread(target=load, args=(place, key, running, given)) for _ in range(4)]
        for asker in askers:
            asker.start()
        for _ in range(3):
            both = [sequencer(place) for _ in range(2)]
            threading.Event().wait(0.1 + os.urandom(1)[0] / 1000)
            for process in both:
                process.kill()
                with process:
                    process.wait(10)
        running.kill()
        for asker in askers:
            asker.join(30)
    texts = sorted(set(given), key=lambda text: sha256(text.encode()).digest())
    found = verified(place, *texts)
    assert len(texts) > 10
    assert (found.waiting, found.size) == (0, found.entries)
    with place.opened() as service:
        assert log.unsigned(service.ledger) == ()
    assert place.row(key).used >= len(given)


def test_a_clock_that_jumps_back_is_told_and_waited_for(tmp_path: Path) -> None:
    """A running service whose clock fell back says why no checkpoint is signed, and goes on after a confirmation."""
    place = Place.make(tmp_path / "service")
    moved, told = [0.0], []
    clock = SigningClock(lambda: time.time() + moved[0], time.monotonic)
    with asyncio.Runner() as runner, composed(Folder(place.folder), log=_keeping(told), clock=clock) as app:
        runner.run(app.sequence())
        before = log.newest_signed(app.writer.ledger)
        customers.add_organization(app.writer, "Contoso", parent=None, country=None, act=now())
        moved[0] = -7200
        runner.run(app.sequence())
        assert log.newest_signed(app.writer.ledger) == before
        assert [each["code"] for each in told] == ["signing_clock"]
        assert "jumped by more than an hour" in told[0]["detail"]
        confirm_clock(app.writer, Act("kari", clock.now()))
        runner.run(app.sequence())
        after = log.newest_signed(app.writer.ledger)
        runner.run(app.commit.close())
    assert before is not None
    assert after is not None
    assert (after.size, after.at) == (before.size + 2, before.at)
    with place.opened() as service:
        assert verify(service).waiting == 0


def _keeping(told: list[dict[str, str]]) -> structlog.typing.FilteringBoundLogger:
    """A log that keeps its lines."""

    def keep(_: object, __: str, line: dict[str, str]) -> str:
        told.append(line)
        raise structlog.DropEvent

    wrapped: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.ReturnLogger(), processors=[keep], wrapper_class=structlog.make_filtering_bound_logger("info")
    )
    return wrapped
