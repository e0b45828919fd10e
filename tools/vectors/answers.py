"""Vectors of P-2 answers, P-3 problems and P-4.4: which answer to which request is believed."""

import json
from typing import Any

import msgspec

from vectors import cast
from vectors.cast import DEVICE, HOST, OTHER_DEVICE, T0, as_json, identifier, keyid, rid
from vectors.credentials import ACTIVATION, CERTIFICATE, LEASE, sign
from vectors.form import MALFORMED, UNTRUSTED, File, Vector, code, value
from vectors.lists import GIVEN
from vectors.requests import PROOF, flattened
from volact.credential.encoding import digest
from volact.credential.lists import RevokedHost, RevokedKey
from volact.credential.publisher import write_publisher_file
from volact.credential.request import ActivateRequest, HostRequest, LeaseRequest, ReleaseRequest
from volact.errors import Refusal
from volact.protocol import messages, problems
from volact.protocol.messages import Answer, Versions

replace = msgspec.structs.replace
SAID: dict[str, Any] = {"aud": cast.PUBLISHER, "via": "online", "iat": T0, "dev": cast.COMPUTER, "mv": cast.MV}
ACTIVATE = ActivateRequest(**SAID, rid=rid("request"), keyid=keyid("key"), proof=PROOF, product="editor-1")
ASK_LEASE = LeaseRequest(**SAID, rid=rid("request"), product="editor-1", virtual=False)
RELEASE = ReleaseRequest(**SAID, rid=rid("request"), jti=identifier("activation"))
BY_HOST = {**SAID, "dev": cast.dev("host"), "rid": rid("host request"), "platform": "linux", "virtual": False}
ASK_HOST = HostRequest(**BY_HOST, keyid=keyid("host key"), proof=PROOF)
RENEW_HOST = HostRequest(**BY_HOST, predecessor=identifier("certificate"))
RENEWED = replace(CERTIFICATE, predecessor=identifier("certificate"), jti=identifier("certificate 2"))
NEWEST = Versions(1, 5, 5)


def answer(credential: str, certificate: str | None = None) -> str:
    """An answer as it travels."""
    return messages.encode(Answer(credential=credential, certificate=certificate, versions=NEWEST)).decode()


def activation(**changed: Any) -> str:
    """An answer with an activation."""
    return answer(sign(replace(ACTIVATION, **changed)))


def lease(**changed: Any) -> str:
    """An answer with a lease."""
    return answer(sign(replace(LEASE, **changed)), sign(CERTIFICATE))


def hosting(base: Any = CERTIFICATE, **changed: Any) -> str:
    """An answer with a host certificate."""
    return answer(sign(replace(base, **changed)))


Cases = list[tuple[str, Any, str, Any]]
OTHER = {"cnf": cast.device_confirmation(OTHER_DEVICE)}


def _to_computers() -> Cases:
    return [
        ("an activation", ACTIVATE, activation(), value(ACTIVATION.jti)),
        ("an activation for another request", ACTIVATE, activation(rid=rid("another")), UNTRUSTED),
        ("an activation for another device", ACTIVATE, activation(dev=cast.dev("another")), UNTRUSTED),
        ("an activation for another device key", ACTIVATE, activation(**OTHER), UNTRUSTED),
        ("an activation of another key", ACTIVATE, activation(keyid=keyid("another")), UNTRUSTED),
        ("an activation of another product", ACTIVATE, activation(product="viewer-1"), UNTRUSTED),
        ("an activation of another vector", ACTIVATE, activation(mv=digest(b"another")), UNTRUSTED),
        ("a lease for an activation", ACTIVATE, lease(), MALFORMED),
        ("a lease", ASK_LEASE, lease(), value(LEASE.jti)),
        ("a lease without certificate", ASK_LEASE, answer(sign(LEASE)), UNTRUSTED),
        ("a lease for another request", ASK_LEASE, lease(rid=rid("another")), UNTRUSTED),
        ("a lease for another device", ASK_LEASE, lease(dev=cast.dev("another")), UNTRUSTED),
        ("a lease for another device key", ASK_LEASE, lease(**OTHER), UNTRUSTED),
        ("a lease of another product", ASK_LEASE, lease(product="editor-2"), UNTRUSTED),
        ("a lease of another vector", ASK_LEASE, lease(mv=digest(b"another")), UNTRUSTED),
        ("an activation for a lease", ASK_LEASE, answer(sign(ACTIVATION), sign(CERTIFICATE)), MALFORMED),
    ]


def _to_hosts() -> Cases:
    return [
        ("a certificate", ASK_HOST, hosting(), value(CERTIFICATE.jti)),
        ("a certificate of another key", ASK_HOST, hosting(keyid=keyid("another")), UNTRUSTED),
        ("a certificate that follows one", ASK_HOST, hosting(RENEWED), UNTRUSTED),
        ("a certificate for another host key", ASK_HOST, hosting(cnf=cast.host_confirmation(DEVICE)), UNTRUSTED),
        ("a certificate for another request", ASK_HOST, hosting(rid=rid("another")), UNTRUSTED),
        ("a certificate for another device", ASK_HOST, hosting(dev=cast.dev("another")), UNTRUSTED),
        ("a renewal", RENEW_HOST, hosting(RENEWED), value(RENEWED.jti)),
        ("a renewal that follows none", RENEW_HOST, hosting(), UNTRUSTED),
        ("a renewal that follows another", RENEW_HOST, hosting(RENEWED, predecessor=identifier("another")), UNTRUSTED),
        ("a credential for a release", RELEASE, activation(), UNTRUSTED),
    ]


def _answers() -> tuple[Vector, ...]:
    cases = (*_to_computers(), *_to_hosts())
    found = [Vector(name, "P-4.4", _asked(asked, text), out) for name, asked, text, out in cases]
    listed: dict[str, tuple[Any, str, Any]] = {
        "an activation of a revoked key": (ACTIVATE, activation(), {"keys": (RevokedKey(keyid("key"), T0),)}),
        "a lease of a revoked host": (
            ASK_LEASE,
            lease(),
            {"hosts": (RevokedHost(cast.HOST_ID, HOST.public.kid, LEASE.iat),)},
        ),
        "a certificate of a revoked key": (ASK_HOST, hosting(), {"keys": (RevokedKey(keyid("host key"), T0),)}),
    }
    for name, (asked, text, entries) in listed.items():
        file = cast.publisher_file(revocations=cast.revocations(6, **entries))
        given = {**_asked(asked, text), "publisher_file": write_publisher_file(file).decode()}
        found.append(Vector(name, "P-4.4", given, UNTRUSTED))
    return tuple(found + _unreadable(activation()))


def _asked(asked: Any, text: str) -> dict[str, str]:
    signer = HOST if isinstance(asked, HostRequest) else DEVICE
    return {"request": flattened(as_json(asked), signer=signer), "answer": text}


def _unreadable(text: str) -> list[Vector]:
    said = json.loads(text)
    odd: dict[str, Any] = {
        "an answer that is no object": [said],
        "an answer without versions": {"credential": said["credential"]},
        "an answer with a version of 0": {**said, "versions": {"root": 0, "catalog": 5, "revocations": 5}},
        "an answer with a version as text": {**said, "versions": {"root": "1", "catalog": 5, "revocations": 5}},
        "an answer with no credential": {**said, "credential": None},
        "an answer whose certificate is no text": {**said, "certificate": {}},
        "an answer of more than 64 KiB": {**said, "later": " " * 65_536},
    }
    found = [Vector(n, "P-2.1", _asked(ACTIVATE, json.dumps(bad)), MALFORMED) for n, bad in odd.items()]
    later = _asked(ACTIVATE, json.dumps({**said, "later": 1, "certificate": None}))
    return [*found, Vector("an answer with a later member", "P-2.1", later, value(ACTIVATION.jti))]


def _problems() -> tuple[Vector, ...]:
    refusal = Refusal("key_mistyped", "group 2, third character of the key is wrong", {"group": 2, "position": 3})
    status, body = problems.to_problem(refusal, "urn:volact:log:1")
    read = code("key_mistyped", fields={"group": 2, "position": 3}, detail=refusal.detail)
    found = [Vector("a refusal", "P-3.1", {"problem": body.decode(), "status": status}, read)]
    minimal = code("a_later_code", fields={}, detail="")
    found.append(Vector("a code of a later version", "P-3.1", {"problem": '{"code":"a_later_code"}'}, minimal))
    odd = {
        "no code": "{}",
        "a code that is none": '{"code":"Not a code"}',
        "a code with a line feed": '{"code":"key_unknown\\n"}',
        "a code that is no text": '{"code":1}',
        "a detail that is no text": '{"code":"key_unknown","detail":1}',
        "a list": "[]",
        "a page of a proxy": "<html></html>",
        "nothing": "",
    }
    found += [Vector(name, "P-3.1", {"problem": text}, MALFORMED) for name, text in odd.items()]
    return tuple(found)


FILES = (
    File("answers", "An answer to a signed request, for who believes the publisher file.", _answers(), GIVEN),
    File("problems", "A problem document: the refusal that it tells.", _problems()),
)
