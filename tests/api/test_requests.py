from __future__ import annotations

import time

import httpx
import pytest

from tests.support.service import Device, Key, Place, Running, draw_rid
from volact.credential import jws, strictjson
from volact.credential.claims import Activation, HostCertificate, decode
from volact.credential.proof import ProofContext, make_proof
from volact.credential.request import REQUEST_TYP, LeaseRequest, ReleaseRequest, parse_request, sign_request
from volact.protocol.messages import Answer
from volact.protocol.messages import decode as read_answer
from volact.protocol.trust import Believed
from volact.service.ledger import given


@pytest.fixture(scope="module")
def mak(place: Place) -> Key:
    """A multiple activation key with room enough."""
    return place.key("tracer-9", "mak", activations=1000)


def believed(place: Place, body: bytes, reply: httpx.Response) -> Believed:
    """The answer as a client of the publisher believes it."""
    assert reply.status_code == 200, reply.text
    return place.trust.answer(parse_request(body), read_answer(Answer, reply.content))


def code(reply: httpx.Response) -> str:
    """The code of a refusal, which has to be a problem document with its one status."""
    assert reply.headers["content-type"] == "application/problem+json"
    said = reply.json()
    assert said["status"] == reply.status_code
    assert said["fix"]
    return str(said["code"])


def test_activation_is_believed_by_a_client(place: Place, running: Running, mak: Key) -> None:
    """An activation answers the request that it was asked by, under a key that the publisher's root reaches."""
    device = Device(place.publisher)
    body = device.activate(mak, "tracer-9")
    found = believed(place, body, running.post(body))
    assert isinstance(found.claims, Activation)
    assert found.claims.exp is None


def test_same_request_gets_the_same_credential(place: Place, running: Running, mak: Key) -> None:
    """The same bytes sent again get the same credential, byte for byte, and nothing is taken."""
    body = Device(place.publisher).activate(mak, "tracer-9")
    first, used = running.post(body), place.row(mak).used
    assert running.post(body).json()["credential"] == first.json()["credential"]
    assert place.row(mak).used == used


def test_hosts_are_activated_and_renewed(place: Place, running: Running) -> None:
    """A host gets its certificate for a host key, and the next ones for the one before, keeping slot and device key."""
    key = place.key("solver-server-9", "host")
    host = Device(place.publisher)
    body = host.host(key)
    first = believed(place, body, running.post(body)).claims
    assert isinstance(first, HostCertificate)
    assert first.groups == ("solver-server-9", "tracer-9", "mesher-9")
    body = host.renew(first.jti)
    second = believed(place, body, running.post(body)).claims
    assert isinstance(second, HostCertificate)
    assert (second.host, second.predecessor) == (first.host, first.jti)
    assert code(running.post(host.renew(first.jti))) == "clone_detected"
    assert place.row(key).used == 1


def test_reactivation_ends_the_old_device_key(place: Place, running: Running) -> None:
    """A host that was reinstalled gets its slot back, and its old device key is on the next list, signed and served."""
    key = place.key("solver-server-9", "host")
    host = Device(place.publisher)
    first = decode_certificate(running.post(host.host(key)))
    again = decode_certificate(running.post(host.reinstalled().host(key)))
    assert again.host == first.host
    trust = place.trust
    assert trust.revocations.version >= again.rev_min > first.rev_min
    assert (first.host, host.jkt) in [(entry.host, entry.jkt) for entry in trust.revocations.hosts]
    served = httpx.get(f"{running.url}/v1/revocations").text
    assert served == trust.revocations_text
    assert code(running.post(host.renew(first.jti))) == "clone_detected"


def decode_certificate(reply: httpx.Response) -> HostCertificate:
    """The certificate in an answer."""
    assert reply.status_code == 200, reply.text
    payload = jws.parse_compact(reply.json()["credential"], typ="volact-host+jwt").payload
    return decode(HostCertificate, payload)


def test_request_altered_by_one_byte_is_refused(place: Place, running: Running, mak: Key) -> None:
    """A request with any one byte altered is refused as malformed or unproved, and takes nothing."""
    body = Device(place.publisher).activate(mak, "tracer-9")
    used = place.row(mak).used
    with httpx.Client() as client:
        for position in range(0, len(body), 9):
            altered = bytearray(body)
            altered[position] ^= 1
            reply = running.post(bytes(altered), client=client)
            assert code(reply) in ("request_malformed", "key_unknown"), position
    assert place.row(mak).used == used
    assert running.post(body).status_code == 200


def test_proof_is_of_no_use_to_another_device(place: Place, running: Running, mak: Key) -> None:
    """A request re-signed by another device with the proof it saw is answered like one with an unknown key."""
    seen = parse_request(Device(place.publisher).activate(mak, "tracer-9")).request
    thief = Device(place.publisher, dev=seen.dev)
    stolen = running.post(sign_request(seen, thief.signer))
    stranger = Key(mak.text, mak.product, type(mak.derived)("0000000000", mak.derived.proof_key))
    unknown = running.post(thief.activate(stranger, "tracer-9"))
    assert code(stolen) == code(unknown) == "key_unknown"
    alike = [{name: value for name, value in reply.json().items() if name != "rid"} for reply in (stolen, unknown)]
    assert alike[0] == alike[1]


def test_used_number_with_another_body_is_replayed(place: Place, running: Running, mak: Key) -> None:
    """A request number that answered one body refuses another one, and goes on answering the first."""
    device, rid = Device(place.publisher), draw_rid()
    body = device.activate(mak, "tracer-9", rid=rid)
    first = running.post(body)
    assert code(running.post(device.activate(mak, "tracer-9", rid=rid, iat=int(time.time()) - 60))) == "replayed"
    assert running.post(body).json()["credential"] == first.json()["credential"]


def test_wrong_clock_is_told_our_time(place: Place, running: Running, mak: Key) -> None:
    """A request five hours off is refused with our time, and the same age is no fault in a file."""
    device, now = Device(place.publisher), int(time.time())
    reply = running.post(device.activate(mak, "tracer-9", iat=now - 5 * 3600))
    assert code(reply) == "clock_out_of_range"
    assert abs(reply.json()["server_time"] - now) < 60
    assert running.post(device.activate(mak, "tracer-9", iat=now - 5 * 3600, via="file")).status_code == 200
    ancient = device.activate(mak, "tracer-9", iat=now - 181 * 86_400, via="file")
    assert code(running.post(ancient)) == "clock_out_of_range"


def test_misplaced_keys_have_their_code(place: Place, running: Running, mak: Key) -> None:
    """A host key on a computer, a key for another product, and a multiple activation key on a host have their codes."""
    device, host_key = Device(place.publisher), place.key("solver-server-9", "host")
    assert code(running.post(device.activate(host_key, "solver-server-9"))) == "key_wrong_kind"
    assert code(running.post(device.activate(mak, "mesher-9"))) == "key_wrong_product"
    assert code(running.post(device.host(mak))) == "key_wrong_kind"
    assert code(running.post(device.host(host_key, platform="amiga"))) == "host_platform_unsupported"


def test_what_a_service_does_not_do_has_its_code(place: Place, running: Running) -> None:
    """A publisher's service offers neither leases nor releases, and requests for another publisher are malformed."""
    device = Device(place.publisher)
    common = {"aud": place.publisher, "via": "online", "iat": int(time.time()), "dev": device.dev, "mv": device.mv}
    lease = LeaseRequest(**common, rid=draw_rid(), product="tracer-9", virtual=False)  # type: ignore[arg-type]
    release = ReleaseRequest(**common, rid=draw_rid(), jti="0" * 26)  # type: ignore[arg-type]
    assert code(running.post(sign_request(lease, device.signer))) == "operation_not_offered"
    assert code(running.post(sign_request(release, device.signer))) == "operation_not_offered"
    key = place.key("tracer-9", "mak")
    assert code(running.post(Device("other.example").activate(key, "tracer-9"))) == "request_malformed"


def test_block_counts_from_the_next_answer_on(place: Place, running: Running) -> None:
    """A key that the command line blocks gives nothing new at once, while what it gave is repeated."""
    key, device = place.key("tracer-9", "mak"), Device(place.publisher)
    body = device.activate(key, "tracer-9")
    first = running.post(body)
    place.block(key, revoked=True)
    assert code(running.post(Device(place.publisher).activate(key, "tracer-9"))) == "key_blocked"
    assert code(running.post(device.activate(key, "tracer-9"))) == "key_blocked"
    again = running.post(body).json()
    assert again["credential"] == first.json()["credential"]
    assert again["versions"]["revocations"] > first.json()["versions"]["revocations"]


def test_raise_counts_from_the_next_answer_on(place: Place, running: Running) -> None:
    """An exhausted key refuses with the center to call, and activates again as soon as it is raised."""
    key = place.key("tracer-9", "mak", activations=1)
    assert running.post(Device(place.publisher).activate(key, "tracer-9")).status_code == 200
    second = Device(place.publisher).activate(key, "tracer-9")
    reply = running.post(second)
    assert code(reply) == "mak_exhausted"
    assert set(reply.json()["center"]) == {"country", "number", "hours", "languages"}
    place.allow(key, 2)
    assert running.post(second).status_code == 200


def test_unsigned_members_are_refused(place: Place, running: Running, mak: Key) -> None:
    """A well-signed request with a header that names anything beside algorithm, key and type is malformed."""
    device = Device(place.publisher)
    body = strictjson.loads(device.activate(mak, "tracer-9"))
    assert code(running.post(strictjson.dumps({**body, "header": {}}))) == "request_malformed"
    context = ProofContext(jkt=device.jkt, aud=place.publisher, op="activate", rid="x", dev=device.dev)
    payload = strictjson.dumps({"op": "activate", "proof": make_proof(mak.derived.proof_key, context)})
    token = jws.sign_flattened(payload, typ=REQUEST_TYP, signer=device.signer)
    assert code(running.post(token)) == "request_malformed"


def test_refusals_are_on_record_once_the_key_is_proved(place: Place, running: Running) -> None:
    """A refusal leaves its count under its key if proof and signature held, and no trace there if they did not."""
    key = place.key("tracer-9", "mak", activations=0)
    device = Device(place.publisher)
    for _ in range(3):
        assert code(running.post(device.activate(key, "tracer-9"))) == "mak_exhausted"
    assert code(running.post(device.activate(key, "mesher-9"))) == "key_wrong_product"
    assert code(running.post(device.activate(key, "tracer-9", iat=1_000))) == "clock_out_of_range"
    assert code(running.post(device.activate(key, "tracer-9", proof="A" * 43))) == "key_unknown"
    with place.opened() as service:
        counts = {row.code: row.times for row in given.refusals_of(service.ledger, key.keyid)}
    assert counts == {"mak_exhausted": 3, "key_wrong_product": 1, "clock_out_of_range": 1}
