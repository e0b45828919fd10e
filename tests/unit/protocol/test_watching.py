"""Watching a log, driven by hand: one that only grows, one that was taken back, and who answers anything at all."""

import json
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.cast import DAY, DEVICE, ISSUING_2, PIN, SIGNED_1, SIGNED_2, T0
from vectors.log import CHECKPOINT, signed

from vectors import cast
from volact.credential import merkle
from volact.credential.encoding import b64
from volact.protocol.flows import Reply, Send
from volact.protocol.trust import Trust
from volact.protocol.watching import Kept, compare, watch


def trusting() -> Trust:
    """Who believes one root, a catalog and a list."""
    return Trust.load(PIN, cast.publisher_file())


def rotated() -> Trust:
    """Who believes the root that marks the first issuing key as compromised."""
    lists = {
        "catalog": cast.catalog(6, cast.CATALOG_2, iat=T0 + 11 * DAY),
        "revocations": cast.revocations(6, cast.LIST_2, iat=T0 + 11 * DAY),
    }
    return Trust.load(PIN, cast.publisher_file(SIGNED_1, SIGNED_2, **lists))


@dataclass
class Log:
    """A publisher's log, whose first entries may be those of another one, and the service that shows it."""

    name: str = "a"
    size: int = 24
    shared: int = 0
    roots: list[bytes] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    newest: int | None = None

    def __post_init__(self) -> None:
        grown = merkle.Frontier()
        for number in range(self.size):
            self.roots.append(grown.root)
            name = "a" if number < self.shared else self.name
            grown, made = grown.grown(merkle.leaf_hash(f"{name}{number}".encode()))
            self.nodes |= {(level, place): found for level, place, found in made}
        self.roots.append(grown.root)

    def at(self, size: int, *, late: int = 0, signer=cast.ISSUING) -> str:
        """The checkpoint of a size; larger ones were signed later."""
        root = b64(self.roots[size])
        said = msgspec.structs.replace(CHECKPOINT, size=size, root=root, iat=T0 + DAY + size + late)
        return signed(said, signer)

    def answer(self, path: str) -> Reply:
        """What the service gives."""
        self.sent.append(path)
        if path == "/v1/log/checkpoint":
            return Reply(404, b"") if self.newest is None else Reply(200, self.at(self.newest).encode())
        first, second = map(int, path.split("/")[-2:])
        proof = merkle.consistency_proof(lambda level, place: self.nodes[level, place], first, second=second)
        return Reply(200, json.dumps({"proof": [b64(each) for each in proof]}).encode())


def drive(flow, answer):
    """Runs a flow to its end."""
    said = None
    try:
        while True:
            step = flow.send(said)
            assert isinstance(step, Send)
            assert (step.method, step.body) == ("GET", None)
            said = answer(step.path)
    except StopIteration as done:
        return done.value


def online(kept, offered, log, trust=None):
    """Compares beside a service."""
    return drive(compare(trust or trusting(), kept, offered=offered, asks=True), log.answer)


def offline(kept, offered, trust=None):
    """Compares without one."""
    return drive(compare(trust or trusting(), kept, offered=offered, asks=False), None)


def test_the_first_checkpoint_is_kept():
    """Whoever has none keeps the first that is believed, and asks nothing."""
    log = Log()
    assert online(None, log.at(5), log).kept == Kept(log.at(5), log.at(5))
    assert log.sent == []


@given(st.integers(1, 24), st.integers(1, 24), st.integers(1, 24))
def test_a_log_that_grows_is_never_a_fork(first, second, third):
    """Checkpoints of one log fit in whatever order they come, and what is proved is never set back."""
    log = Log()
    kept = online(None, log.at(first), log).kept
    for size in (second, third):
        before = kept
        for seen in (offline(kept, log.at(size)), online(kept, log.at(size), log)):
            assert seen.forked is None
        kept = seen.kept
        assert kept.newest == log.at(max(size, *(each for each in (first, second) if log.at(each) == before.newest)))
    assert kept == Kept(*[log.at(max(first, second, third))] * 2)


def test_without_a_service_only_the_newest_moves():
    """A checkpoint from a host or a file is kept as the newest, and what was proved stays until a proof comes."""
    log = Log()
    kept = offline(Kept(log.at(3), log.at(3)), log.at(9)).kept
    assert kept == Kept(log.at(3), log.at(9))
    assert offline(kept, log.at(6)).kept == kept
    assert online(kept, log.at(6), log).kept == Kept(log.at(6), log.at(9))
    assert online(kept, log.at(12), log).kept == Kept(log.at(12), log.at(12))
    assert log.sent[-2:] == ["/v1/log/consistency/3/12", "/v1/log/consistency/9/12"]


@given(st.integers(1, 23), st.integers(1, 24), st.integers(0, 22))
def test_another_history_of_the_same_size_or_more_is_a_fork(size, other, shared):
    """A log that took back what was signed is a fork at once, or as soon as it is as large, by root or by proof."""
    mine, theirs = Log(), Log("b", shared=min(shared, size - 1))
    seen = online(Kept(mine.at(size), mine.at(size)), theirs.at(other), theirs)
    if other < size:
        assert seen.forked is None
        return
    assert (seen.forked.code, seen.forked.fields["offered"]) == ("log_forked", theirs.at(other))
    assert seen.kept == Kept(mine.at(size), mine.at(size))


def test_a_restored_log_is_a_fork_without_a_proof():
    """A log that is signed smaller after it was larger is a fork for those without a network too."""
    log = Log()
    kept = Kept(log.at(9), log.at(9))
    seen = offline(kept, log.at(7, late=50))
    assert seen.forked.code == "log_forked"
    assert "7 entries after it had 9" in seen.forked.detail
    assert seen.kept == kept


def test_a_fork_behind_an_unproved_checkpoint_is_found():
    """What was only compared by size is proved as soon as a service gives proofs, and then found."""
    mine, theirs = Log(), Log("b", shared=5)
    kept = offline(Kept(mine.at(9), mine.at(9)), theirs.at(12)).kept
    assert online(kept, theirs.at(15), theirs).forked.fields["kept"] == mine.at(9)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, b""), Reply(503, b""), Reply(200, b""), Reply(200, b"[]"), Reply(200, b"{}"),
        Reply(200, b'{"proof": 1}'), Reply(200, b'{"proof": [1]}'), Reply(200, b'{"proof": ["!"]}'),
        Reply(200, b'{"proof": [' + b" " * 20_000 + b"]}"),
    ],
)  # fmt: skip
def test_a_proof_that_does_not_come_is_no_reason_for_a_word(reply):
    """Where a service gives no proof, or nothing that can be read, sizes and times alone are compared."""
    log = Log()
    flow = compare(trusting(), Kept(log.at(3), log.at(3)), offered=log.at(9), asks=True)
    seen = drive(flow, lambda _: reply)
    assert (seen.kept, seen.forked) == (Kept(log.at(3), log.at(9)), None)


def test_what_is_not_the_publishers_changes_nothing():
    """A checkpoint that somebody else signed, or that cannot be read, changes nothing and says nothing."""
    log = Log()
    kept = Kept(log.at(3), log.at(3))
    for offered in (None, "", "a.b.c", log.at(9, signer=DEVICE), Log("b").at(3, signer=cast.CATALOG)):
        assert offline(kept, offered).kept == kept
        assert offline(None, offered).kept is None


def test_what_a_compromised_key_signed_counts_no_more():
    """After an issuing key was compromised its checkpoints are forgotten, and accuse nobody."""
    mine, theirs = Log(), Log("b")
    after = theirs.at(2, late=20 * DAY, signer=ISSUING_2)
    seen = offline(Kept(mine.at(9), mine.at(9)), after, rotated())
    assert (seen.kept, seen.forked) == (Kept(after, after), None)
    assert offline(seen.kept, mine.at(9), rotated()).kept == seen.kept


def test_a_service_is_asked_for_its_newest_checkpoint():
    """A refresh asks for the newest checkpoint and for the proof to it; a service without one is left alone."""
    log = Log()
    kept = Kept(log.at(3), log.at(3))
    assert drive(watch(trusting(), kept), log.answer).kept == kept
    log.newest = 20
    assert drive(watch(trusting(), kept), log.answer).kept == Kept(log.at(20), log.at(20))
    assert log.sent[-2:] == ["/v1/log/checkpoint", "/v1/log/consistency/3/20"]
