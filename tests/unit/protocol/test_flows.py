"""The flows, driven by hand against a host or service that answers what the test says."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.answers import ACTIVATE, ASK_LEASE
from vectors.cast import DAY, DEVICE, PIN, SIGNED_1, SIGNED_2, T0
from vectors.credentials import ACTIVATION, CERTIFICATE, LEASE, sign

from vectors import cast
from volact.credential.request import ActivateRequest, LeaseRequest, parse_request, sign_request
from volact.errors import Malformed, Refusal, Unreachable, Untrusted
from volact.protocol import flows, messages, problems
from volact.protocol.flows import Keep, Prepare, Reply, Send
from volact.protocol.messages import Answer, AnswerFile, Versions
from volact.protocol.trust import Trust

NOW = T0 + 7 * DAY
NOT_FOUND = Reply(404, problems.to_problem(Refusal("not_found", "nothing there"))[1])


def trusting() -> Trust:
    """Who believes one root, a catalog and a list."""
    return Trust.load(PIN, cast.publisher_file())


def granted(
    asked: bytes, credential: str, *, certificate: str | None = None, newest: tuple[int, ...] = (1, 5, 5)
) -> Reply:
    """An answer that grants."""
    assert asked
    said = Answer(credential=credential, certificate=certificate, versions=Versions(*newest))
    return Reply(200, messages.encode(said))


def refused(code: str, **fields: object) -> Reply:
    """An answer that refuses."""
    return Reply(*problems.to_problem(Refusal(code, "words", fields)))


@dataclass
class World:
    """Answers what a flow sends, and keeps what it says."""

    answer: Callable[[bytes], Reply] = lambda _: NOT_FOUND
    documents: Mapping[str, bytes] = field(default_factory=dict)
    request: Any = ACTIVATE
    prepared: list[int | None] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    kept: list[Versions] = field(default_factory=list)

    def drive(self, flow: Any) -> Any:
        """Runs a flow to its end."""
        given: Any = None
        try:
            while True:
                given = self._do(flow.send(given))
        except StopIteration as done:
            return done.value

    def _do(self, step: Any) -> bytes | Reply | None:
        match step:
            case Prepare(iat):
                self.prepared.append(iat)
                return sign_request(self.request, DEVICE)
            case Send("POST", "/v1/requests", bytes(body)):
                return self.answer(body)
            case Send("GET", path, None):
                self.sent.append(path)
                return Reply(200, self.documents[path]) if path in self.documents else NOT_FOUND
            case Keep(trust):
                self.kept.append(trust.versions)
                return None
            case _:
                raise AssertionError(step)


def activated(newest: tuple[int, ...] = (1, 5, 5)) -> Callable[[bytes], Reply]:
    """Who activates, and tells these newest versions."""
    return lambda asked: granted(asked, sign(ACTIVATION), newest=newest)


def leased(certificate: Any = CERTIFICATE, **changed: Any) -> World:
    """A host that gives a lease."""
    lease = sign(msgspec.structs.replace(LEASE, **changed))
    return World(lambda asked: granted(asked, lease, certificate=sign(certificate)), request=ASK_LEASE)


DOCUMENTS = {
    "/v1/root/2": SIGNED_2,
    "/v1/catalog": cast.catalog(1, cast.CATALOG_2, iat=T0 + 11 * DAY).encode(),
    "/v1/revocations": cast.revocations(1, cast.LIST_2, iat=T0 + 11 * DAY).encode(),
}


def test_a_granted_request_is_believed():
    """An answer to the request is believed, and nothing is fetched where nothing is newer."""
    world = World(activated())
    outcome = world.drive(flows.ask(trusting(), NOW))
    assert outcome.believed.claims == ACTIVATION
    assert (outcome.refusal, outcome.warning, world.prepared, world.sent) == (None, None, [None], [])


def test_who_is_behind_fetches_root_first():
    """Who learns of newer versions fetches root, list and catalog in this order and keeps each of them."""
    world = World(activated((2, 1, 1)), DOCUMENTS)
    with pytest.raises(Untrusted, match="revoked"):  # by the key that the newer root calls compromised
        world.drive(flows.ask(trusting(), NOW))
    assert world.sent == ["/v1/root/2", "/v1/revocations", "/v1/catalog"]
    assert world.kept == [Versions(2, 5, 5), Versions(2, 5, 1), Versions(2, 1, 1)]


def test_newer_lists_under_the_same_root_are_fetched():
    """Who learns of newer lists alone fetches these alone."""
    documents = {"/v1/catalog": cast.catalog(6).encode(), "/v1/revocations": cast.revocations(7).encode()}
    world = World(activated((1, 6, 7)), documents)
    assert world.drive(flows.ask(trusting(), NOW)).believed.claims == ACTIVATION
    assert world.kept == [Versions(1, 5, 7), Versions(1, 6, 7)]


def test_a_host_leaves_its_catalog_alone():
    """A host fetches newer roots and lists by itself, and the catalog only when it is told to (F17)."""
    world = World(activated((1, 6, 5)), DOCUMENTS)
    assert world.drive(flows.ask(trusting(), NOW, catalog=False)).believed
    assert world.sent == []


def test_a_promised_root_that_is_missing_is_not_believed():
    """An answer that promises a root version which cannot be fetched is not believed."""
    with pytest.raises(Untrusted, match="promised"):
        World(activated((2, 5, 5))).drive(flows.ask(trusting(), NOW))


def test_an_old_root_for_a_new_one_ends_the_flow():
    """Who gets a known root version in place of the next one stops asking."""
    world = World(activated((900, 5, 5)), {"/v1/root/2": SIGNED_1})
    with pytest.raises(Untrusted, match="older"):
        world.drive(flows.ask(trusting(), NOW))
    assert world.sent == ["/v1/root/2"]


def test_a_host_that_is_behind_its_clients_is_no_liar():
    """A list that is older than the one known changes nothing, and the answer is believed."""
    world = World(activated((1, 9, 9)), {"/v1/catalog": cast.catalog(5).encode(),
                                         "/v1/revocations": cast.revocations(5).encode()})  # fmt: skip
    trust = trusting().with_catalog(cast.catalog(7)).with_revocations(cast.revocations(7))
    assert world.drive(flows.ask(trust, NOW)).believed.claims == ACTIVATION
    assert world.kept == []


def test_a_certificate_asks_for_the_list_that_it_needs():
    """A certificate that names a newer revocation list makes a client fetch it, whatever the answer says."""
    world = leased(msgspec.structs.replace(CERTIFICATE, rev_min=6))
    world.documents = {"/v1/revocations": cast.revocations(6).encode()}
    assert world.drive(flows.ask(trusting(), NOW)).believed.claims == LEASE
    assert world.kept == [Versions(1, 5, 6)]


def test_a_lease_is_believed_with_its_certificate():
    """A lease is believed together with the certificate of its host."""
    believed = leased().drive(flows.ask(trusting(), NOW)).believed
    assert (believed.claims, believed.host) == (LEASE, CERTIFICATE)


def test_a_refusal_is_handed_on():
    """A refusal ends the conversation as a value with its own fields."""
    outcome = World(lambda _: refused("count_insufficient", count=3, threshold=5)).drive(flows.ask(trusting(), NOW))
    assert outcome.refusal == Refusal("count_insufficient", "words", {"count": 3, "threshold": 5})
    assert outcome.believed is None


def clocks(*replies: Callable[[bytes], Reply], request: Any = ACTIVATE) -> World:
    """Who gives these answers one after the other."""
    left = list(replies)
    return World(lambda asked: left.pop(0)(asked), request=request)


def wrong_clock(told: object) -> Callable[[bytes], Reply]:
    """Who says that a clock is wrong."""
    return lambda _: refused("clock_out_of_range", server_time=told)


def test_a_wrong_clock_is_asked_once_more_with_the_told_time():
    """After a clock is called wrong, one new request carries the told time, and its answer comes with a warning."""
    world = clocks(wrong_clock(NOW), activated())
    outcome = world.drive(flows.ask(trusting(), NOW + 5 * 3600))
    assert outcome.believed.claims == ACTIVATION
    assert outcome.warning.code == "clock_out_of_range"
    assert world.prepared == [None, NOW]


def test_a_clock_is_called_wrong_twice():
    """A clock that is called wrong twice is a refusal."""
    world = clocks(wrong_clock(NOW), wrong_clock(NOW))
    outcome = world.drive(flows.ask(trusting(), NOW))
    assert (outcome.believed, outcome.refusal.code) == (None, "clock_out_of_range")


def test_an_answer_that_has_ended_at_the_own_clock_is_no_license():
    """A lease that has ended at the computer's own clock is a refusal that names the clock."""

    def give(asked: bytes) -> Reply:
        return granted(asked, sign(LEASE), certificate=sign(CERTIFICATE))

    for now, good in ((LEASE.exp - 1, True), (LEASE.exp, False)):
        world = clocks(wrong_clock(NOW), give, request=ASK_LEASE)
        outcome = world.drive(flows.ask(trusting(), now))
        assert (outcome.believed is not None, outcome.refusal is not None) == (good, not good)


@pytest.mark.parametrize("told", [None, "1800000000", True, -1, 2**41])
def test_an_absurd_time_is_not_taken(told):
    """A told time that is none is not used, and the refusal stands."""
    world = clocks(wrong_clock(told))
    assert world.drive(flows.ask(trusting(), NOW)).refusal.code == "clock_out_of_range"
    assert world.prepared == [None]


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("whom", ["service", "host"])
def test_a_page_of_a_gateway_means_that_nobody_answered(status, whom):
    """A gateway's own page means that nobody answered, which is no verdict."""
    with pytest.raises(Unreachable) as caught:
        World(lambda _: Reply(status, b"<html>")).drive(flows.ask(trusting(), NOW, whom=whom))
    assert caught.value.code == f"{whom}_unreachable"


@pytest.mark.parametrize("status", [200, 204, 301, 404, 500])
def test_an_answer_that_cannot_be_read_is_not_believed(status):
    """An answer that cannot be read is untrusted, whatever its status."""
    with pytest.raises(Untrusted) as caught:
        World(lambda _: Reply(status, b"<html>")).drive(flows.ask(trusting(), NOW))
    assert caught.value.code == "answer_untrusted"


@given(st.integers(100, 599), st.binary(max_size=60))
def test_no_answer_does_anything_else(status, body):
    """Whatever comes back, a flow ends in an outcome, in an untrusted answer, or in nobody having answered."""
    world = World(lambda _: Reply(status, body))
    with suppress(Untrusted, Unreachable):
        assert world.drive(flows.ask(trusting(), NOW)).believed is None
    assert world.kept == []


@pytest.mark.parametrize("document", [b"a.b.c", b"\xff\xfe", b"", SIGNED_1])
def test_a_document_that_cannot_be_read_is_not_believed(document):
    """A document that cannot be read makes the flow end with nothing kept."""
    world = World(activated((1, 5, 6)), {"/v1/revocations": document})
    with pytest.raises(Untrusted):
        world.drive(flows.ask(trusting(), NOW))
    with pytest.raises(Untrusted):
        world.drive(flows.refresh(trusting()))
    assert world.kept == []


def test_a_refresh_brings_everything_that_is_newer():
    """A refresh fetches every newer root, the list and the catalog, and keeps each of them."""
    world = World(documents=DOCUMENTS)
    trust = world.drive(flows.refresh(trusting()))
    assert trust.versions == world.kept[-1] == Versions(2, 1, 1)
    assert world.sent == ["/v1/root/2", "/v1/root/3", "/v1/revocations", "/v1/catalog"]


def test_a_refresh_of_a_host_leaves_its_catalog_alone():
    """A refresh without the catalog fetches roots and list alone."""
    world = World(documents=DOCUMENTS)
    assert world.drive(flows.refresh(trusting(), catalog=False)).versions == Versions(2, 5, 1)


def test_a_refresh_with_nothing_newer_keeps_nothing():
    """A refresh that finds nothing newer gives the same trust and keeps nothing."""
    world = World(documents={"/v1/catalog": cast.catalog().encode(), "/v1/revocations": cast.revocations().encode()})
    trust = trusting()
    assert world.drive(flows.refresh(trust)) is trust
    assert world.kept == []


def test_a_refresh_without_a_list_is_not_believed():
    """A refresh where no list is served is refused."""
    with pytest.raises(Untrusted, match="404"):
        World().drive(flows.refresh(trusting()))


def test_a_refresh_ends_where_roots_end():
    """A refresh ends where no newer root comes, so that no answerer keeps it busy for ever."""
    world = World(documents={f"/v1/root/{version}": SIGNED_1 for version in range(2, 2000)})
    with pytest.raises(Untrusted, match="older"):
        world.drive(flows.refresh(trusting()))
    assert len(world.sent) == 1


def answer_file(**changed: Any) -> bytes:
    """An answer as a file."""
    said = {"credential": sign(ACTIVATION), "versions": Versions(1, 5, 5), **changed}
    return messages.encode(AnswerFile(**said))


def test_an_answer_file_brings_its_documents():
    """An answer that comes as a file is believed, and so are the newer roots and the list in it."""
    data = answer_file(roots=(SIGNED_1.decode(),), revocations=cast.revocations(6))
    trust, believed = flows.read_answer_file(trusting(), sign_request(ACTIVATE, DEVICE), data=data)
    assert (trust.versions, believed.claims) == (Versions(1, 5, 6), ACTIVATION)


def test_an_answer_file_brings_a_catalog_to_whoever_asks_for_it():
    """The catalog of an answer file is believed where it is asked for, and one that is older is passed."""
    newer, older = answer_file(catalog=cast.catalog(6)), answer_file(catalog=cast.catalog(4))
    asked = sign_request(ACTIVATE, DEVICE)
    assert flows.read_answer_file(trusting(), asked, data=newer, catalog=True)[0].versions.catalog == 6
    assert flows.read_answer_file(trusting(), asked, data=newer)[0].versions.catalog == 5
    assert flows.read_answer_file(trusting(), asked, data=older, catalog=True)[0].versions.catalog == 5
    assert flows.read_answer_file(trusting(), asked, data=answer_file(), catalog=True)[0].versions.catalog == 5


def test_an_answer_file_needs_no_documents():
    """An answer file without documents is believed as an answer is."""
    trust = trusting()
    assert flows.read_answer_file(trust, sign_request(ACTIVATE, DEVICE), data=answer_file())[0] is trust


@pytest.mark.parametrize("data", [b"", b"{}", answer_file(roots=("{}",)), answer_file(revocations="a.b.c")])
def test_an_answer_file_that_cannot_be_read_is_not_believed(data):
    """An answer file that cannot be read, or whose documents cannot, is untrusted."""
    with pytest.raises(Untrusted) as caught:
        flows.read_answer_file(trusting(), sign_request(ACTIVATE, DEVICE), data=data)
    assert caught.value.code == "answer_untrusted"


def test_an_answer_file_for_another_request_is_not_believed():
    """An answer file for another request is untrusted."""
    other: ActivateRequest = msgspec.structs.replace(ACTIVATE, rid=cast.rid("another"))
    with pytest.raises(Untrusted, match="another request"):
        flows.read_answer_file(trusting(), sign_request(other, DEVICE), data=answer_file())


FIELDS = st.dictionaries(st.sampled_from(["count", "group", "title", "code", "status"]), st.integers(0, 99))


@given(st.sampled_from(["key_mistyped", "not_ready", "later_code"]), st.text("words é", max_size=20), FIELDS)
def test_refusals_come_back(code, detail, fields):
    """A refusal is read back with its code, its words and its own fields, which never hide those of the standard."""
    refusal = problems.from_problem(problems.to_problem(Refusal(code, detail, fields))[1])
    own = {name: value for name, value in fields.items() if name in ("count", "group")}
    assert refusal == Refusal(code, detail, own)


def test_messages_come_back():
    """An answer and an answer file are read back as they were written."""
    answer = Answer(credential="a.b.c", certificate="d.e.f", versions=Versions(1, 2, 3))
    assert messages.decode(Answer, messages.encode(answer)) == answer
    assert messages.decode_file(messages.encode(answer)).roots == ()
    with pytest.raises(Malformed):
        messages.decode(Answer, b"{}")


def test_the_request_that_is_sent_is_the_one_prepared():
    """The bytes that are sent are those that were prepared and are on disk."""
    bodies: list[bytes] = []
    world = World(lambda asked: (bodies.append(asked), activated()(asked))[1])
    world.drive(flows.ask(trusting(), NOW))
    request = parse_request(bodies[0]).request
    assert request == ACTIVATE
    assert not isinstance(request, LeaseRequest)
