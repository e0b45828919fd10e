from __future__ import annotations

from pathlib import Path

from tests.support.service import Device, Place, now
from volact.credential.claims import Activation, HostCertificate
from volact.credential.request import parse_request
from volact.protocol.messages import Answer, decode
from volact.service.opening import read_root_keys
from volact.service.usecases.roots import rotate


def compromise(place: Place) -> None:
    """The next root version, in which the issuing keys of this one are compromised."""
    signers = read_root_keys(place.folder.with_name(f"{place.folder.name}-root-keys"), None)
    kids = {key.public.kid for key in place.trust.root.active("issuing")}
    with place.opened() as service:
        rotate(service, signers, compromised=kids, act=now())


def test_what_a_compromised_key_signed_is_given_afresh(tmp_path: Path) -> None:
    """After a root that calls the issuing keys compromised, the same requests get fresh credentials, uncounted."""
    place = Place.make(tmp_path / "service")
    mak, host_key = place.key("tracer-9", "mak", activations=1), place.key("solver-server-9", "host")
    bodies = [Device(place.publisher).activate(mak, "tracer-9"), Device(place.publisher).host(host_key)]
    with place.running() as running:
        before = [decode(Answer, running.post(body).content) for body in bodies]
        compromise(place)
        after = [decode(Answer, running.post(body).content) for body in bodies]
        again = [decode(Answer, running.post(body).content) for body in bodies]
    trust = place.trust
    for body, old, new in zip(bodies, before, after, strict=True):
        said = trust.answer(parse_request(body), new).claims
        assert isinstance(said, Activation | HostCertificate)
        assert (new.versions.root, old.versions.root) == (2, 1)
        kind = type(said)
        assert trust.revoked_at(kind, old.credential) is not None
        assert trust.revoked_at(kind, new.credential) is None
    assert [answer.credential for answer in again] == [answer.credential for answer in after]
    assert (place.row(mak).used, place.row(host_key).used) == (1, 1)


def test_new_requests_are_signed_by_the_newest_key(tmp_path: Path) -> None:
    """A running service signs with the keys of the newest root from the next answer on."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=5)
    with place.running() as running:
        running.post(Device(place.publisher).activate(key, "tracer-9"))
        compromise(place)
        body = Device(place.publisher).activate(key, "tracer-9")
        answer = decode(Answer, running.post(body).content)
    assert place.trust.answer(parse_request(body), answer).credential == answer.credential
