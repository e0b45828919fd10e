"""The service and the publisher in one process that stands for it in other tests answer alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.publisher import Publisher
from tests.support.service import Device, Key, Place, draw_rid, read
from volact.credential.claims import HostCertificate
from volact.credential.request import parse_request, sign_request
from volact.protocol.flows import Reply
from volact.protocol.messages import Answer, decode
from volact.protocol.problems import from_problem
from volact.protocol.trust import Trust


@dataclass(frozen=True)
class Face:
    """What both sides of the seam offer."""

    answer: Callable[[str, str, bytes | None], Reply]
    key: Callable[[str, str], Key]
    trust: Callable[[], Trust]
    block: Callable[[Key], None]

    def post(self, body: bytes) -> Reply:
        return self.answer("POST", "/v1/requests", body)

    def code(self, body: bytes) -> str:
        """The code that refuses a request."""
        reply = self.post(body)
        assert reply.status >= 400
        return from_problem(reply.body).code

    def certificate(self, body: bytes) -> HostCertificate:
        """The certificate that a client believes to answer a request."""
        reply = self.post(body)
        claims = self.trust().answer(parse_request(body), decode(Answer, reply.body)).claims
        assert isinstance(claims, HostCertificate)
        return claims


@pytest.fixture(params=["service", "stand-in"])
def face(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Face]:
    """Either side, with demo.toml as its catalog."""
    if request.param == "service":
        place = Place.make(tmp_path / "service")
        with place.answering() as answering:
            yield Face(answering.answer, place.key, lambda: place.trust, place.block)
        return
    publisher = Publisher.of("demo", now=int(time.time()))

    def key(group: str, kind: str) -> Key:
        return read(publisher.issue(kind, group).text, publisher.id)

    yield Face(publisher.answer, key, lambda: publisher.trust, lambda key: publisher.revoke(publisher.keys[key.keyid]))


def test_activation_answers_its_request(face: Face) -> None:
    """An activation is believed as the answer to its request, and the same request gets the same credential."""
    body = Device("acme.example").activate(face.key("tracer-9", "mak"), "tracer-9")
    first, again = (decode(Answer, face.post(body).body) for _ in range(2))
    assert face.trust().answer(parse_request(body), first).credential == again.credential


def test_used_number_is_replayed(face: Face) -> None:
    """A number that answered one request refuses another one."""
    key, device, rid = face.key("tracer-9", "mak"), Device("acme.example"), draw_rid()
    assert face.post(device.activate(key, "tracer-9", rid=rid)).status == 200
    assert face.code(device.activate(key, "tracer-9", rid=rid, iat=1_000)) == "replayed"


def test_proof_belongs_to_its_device(face: Face) -> None:
    """A proof that another device sends is answered as an unknown key is."""
    asked = parse_request(Device("acme.example").activate(face.key("tracer-9", "mak"), "tracer-9")).request
    assert face.code(sign_request(asked, Device("acme.example").signer)) == "key_unknown"


def test_refusals_name_their_request(face: Face) -> None:
    """A refusal has the number of the request that it answers, and none where the request cannot be read."""
    key, rid = face.key("tracer-9", "mak"), draw_rid()
    refused = from_problem(face.post(Device("acme.example").activate(key, "tracer-9", rid=rid, iat=1_000)).body)
    assert (refused.code, refused.fields["rid"]) == ("clock_out_of_range", rid)
    assert "rid" not in from_problem(face.post(b"{}").body).fields


def test_kinds_and_blocks_have_their_codes(face: Face) -> None:
    """A host key on a computer is of the wrong kind, and a blocked key is blocked."""
    device, mak = Device("acme.example"), face.key("tracer-9", "mak")
    assert face.code(device.activate(face.key("solver-server-9", "host"), "solver-server-9")) == "key_wrong_kind"
    face.block(mak)
    assert face.code(device.activate(mak, "tracer-9")) == "key_blocked"


def test_clock_is_told(face: Face) -> None:
    """A request of another age is told the answerer's time."""
    reply = face.post(Device("acme.example").activate(face.key("tracer-9", "mak"), "tracer-9", iat=1_000))
    refusal = from_problem(reply.body)
    assert refusal.code == "clock_out_of_range"
    assert isinstance(refusal.fields["server_time"], int)


def test_certificates_follow_one_another(face: Face) -> None:
    """A certificate is renewed once; a second renewal of it, by whichever copy, is a clone."""
    host, key = Device("acme.example"), face.key("solver-server-9", "host")
    first = face.certificate(host.host(key))
    second = face.certificate(host.renew(first.jti))
    assert (second.host, second.predecessor, second.groups) == (first.host, first.jti, first.groups)
    assert face.code(host.renew(first.jti)) == "clone_detected"


def test_reinstalled_host_ends_its_old_key(face: Face) -> None:
    """A new device key on the same hardware gets the same slot and puts the old one on the list."""
    host, key = Device("acme.example"), face.key("solver-server-9", "host")
    first = face.certificate(host.host(key))
    again = face.certificate(host.reinstalled().host(key))
    assert again.host == first.host
    assert (first.host, host.jkt) in [(entry.host, entry.jkt) for entry in face.trust().revocations.hosts]
    assert face.code(host.renew(first.jti)) == "clone_detected"


def test_six_hosts_and_no_seventh(face: Face) -> None:
    """The seventh host of a key is refused with the center to call."""
    key = face.key("solver-server-9", "host")
    for _ in range(6):
        face.certificate(Device("acme.example").host(key))
    refusal = from_problem(face.post(Device("acme.example").host(key)).body)
    assert refusal.code == "host_limit_reached"
    assert refusal.fields["center"]


def test_documents_are_there(face: Face) -> None:
    """Roots by their version, the catalog and the list are served as signed, and the next root is not found."""
    trust = face.trust()
    assert face.answer("GET", "/v1/root/1", None).body == trust.roots[0].data
    assert face.answer("GET", "/v1/root/2", None).status == 404
    assert face.answer("GET", "/v1/catalog", None).body.decode() == trust.catalog_text
    assert face.answer("GET", "/v1/revocations", None).body.decode() == trust.revocations_text
