"""Vectors of C-8 requests: each kind, and each way to fail."""

import json
from typing import Any

import msgspec

from vectors.cast import COMPUTER, DEVICE, MV, OTHER_DEVICE, P256, PUBLISHER, T0, as_json, identifier, keyid, rid
from vectors.form import MALFORMED, File, Vector, value
from vectors.keys import ed25519, little
from volact.credential.encoding import b64, digest
from volact.credential.request import (
    ActivateRequest,
    HostRequest,
    LeaseRequest,
    ReleaseRequest,
    Request,
    sign_request,
)

ASKED: dict[str, Any] = {
    "aud": PUBLISHER,
    "via": "online",
    "iat": T0 + 100,
    "rid": rid("request"),
    "dev": COMPUTER,
    "mv": MV,
}
KEYID, PROOF = keyid("key"), digest(b"proof")
ACTIVATE = ActivateRequest(**ASKED, keyid=KEYID, proof=PROOF, product="editor-1")
LEASE = LeaseRequest(**ASKED, product="editor-1", virtual=False)
RELEASE = ReleaseRequest(**ASKED, jti=identifier("activation"))
HOST_FIRST = HostRequest(**ASKED, platform="linux-v1.1", virtual=True, keyid=KEYID, proof=PROOF)
HOST_AGAIN = HostRequest(**ASKED, platform="linux", virtual=False, predecessor=identifier("certificate"))


def flattened(payload: Any, header: Any = None, *, signer: Any = DEVICE) -> str:
    """A signed request that says anything at all."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    said = header or {"alg": signer.public.alg, "jwk": signer.public.jwk, "typ": "volact-request+jws"}
    protected = b64(json.dumps(said).encode())
    signature = b64(signer.sign(f"{protected}.{b64(body)}".encode()))
    return json.dumps({"protected": protected, "payload": b64(body), "signature": signature})


def _good(name: str, request: Request, *, signer: Any = DEVICE) -> Vector:
    payload = msgspec.json.encode(request)
    out = {"request": as_json(request), "jkt": signer.public.kid, "digest": digest(payload)}
    return Vector(name, "C-8.1", {"data": sign_request(request, signer).decode()}, value(out))


def _requests() -> tuple[Vector, ...]:
    found = [
        _good("activate", ACTIVATE),
        _good("activate, by file, at time 0", msgspec.structs.replace(ACTIVATE, via="file", iat=0)),
        _good("lease", LEASE),
        _good("release", RELEASE),
        _good("host", HOST_FIRST),
        _good("host, renewal", HOST_AGAIN),
        _good("ES256", LEASE, signer=P256),
    ]
    lease = as_json(LEASE)
    spaced = json.dumps({"note": "a later version's", **lease}, indent=2).encode()
    outcome = value({"request": lease, "jkt": DEVICE.public.kid, "digest": digest(spaced)})
    found.append(Vector("an unknown member is passed over", "C-8.2", {"data": flattened(spaced)}, outcome))
    found += [Vector(name, "C-8.2", {"data": flattened(said)}, MALFORMED) for name, said in _contents().items()]
    found += [Vector(name, "C-8.3", {"data": data}, MALFORMED) for name, data in _envelopes().items()]
    return tuple(found)


def _contents() -> dict[str, Any]:
    """Payloads that are signed well and say what no request may say."""
    activate, lease, first, again = (as_json(request) for request in (ACTIVATE, LEASE, HOST_FIRST, HOST_AGAIN))
    said: dict[str, Any] = {f"without {name}": {n: v for n, v in activate.items() if n != name} for name in activate}
    wrong: dict[str, list[Any]] = {
        "op": ["steal", "", 1, None],
        "aud": ["Acme.example", "acme.example\n", "acme..example", "-acme.example", "", "a" * 254, "acme_example"],
        "via": ["fax", "Online"],
        "iat": [-1, 2**40 + 1, True, str(T0), T0 + 0.5, None],
        "rid": [rid("request") + "A", rid("request")[:-1] + "B", rid("request") + "\n", "A" * 21, "A" * 21 + "="],
        "dev": [COMPUTER.lower(), COMPUTER + "\n", COMPUTER[:-1], COMPUTER[:-1] + "U"],
        "mv": [MV[:-1], MV[:-1] + "B", MV + "\n", MV + "="],
        "keyid": ["8" + KEYID[1:], KEYID.lower(), KEYID + "\n", KEYID[:-1]],
        "proof": [PROOF[:-1], PROOF[:-1] + "B", PROOF + "\n"],
        "product": ["Editor-1", "editor 1", "editor-1\n", "", "a" * 65, "-editor", "editor.1"],
    }
    for name, values in wrong.items():
        said |= {f"{name} of {json.dumps(bad)[:40]}": {**activate, name: bad} for bad in values}
    said |= {
        "virtual of 1": {**lease, "virtual": 1},
        "virtual of null": {**lease, "virtual": None},
        "platform in capitals": {**first, "platform": "Linux"},
        "a host with keyid and no proof": {n: v for n, v in first.items() if n != "proof"},
        "a host with proof and no keyid": {n: v for n, v in first.items() if n != "keyid"},
        "a host with keyid, proof and predecessor": {**first, "predecessor": identifier("certificate")},
        "a host with none of them": {n: v for n, v in again.items() if n != "predecessor"},
        "a list": [activate],
        "a payload of nothing": b"",
        "not JSON": b"{",
        "a duplicate member": json.dumps(activate).encode()[:-1] + b',"op":"activate"}',
        "a duplicate member, escaped": json.dumps(activate).encode()[:-1] + b',"\\u006fp":"activate"}',
        "nesting of 9": json.dumps({**activate, "note": [[[[[[[[1]]]]]]]]}).encode(),
    }
    return said


def _envelopes() -> dict[str, str]:
    """What is wrong outside of the payload."""
    jwk, typ = DEVICE.public.jwk, "volact-request+jws"
    good, another = (json.loads(sign_request(request, DEVICE)) for request in (LEASE, RELEASE))
    header = {"alg": "Ed25519", "jwk": jwk, "typ": typ}
    altered = b64(msgspec.json.encode(msgspec.structs.replace(LEASE, virtual=True)))
    headers: dict[str, Any] = {
        "kid for jwk": {"alg": "Ed25519", "kid": DEVICE.public.kid, "typ": typ},
        "kid beside jwk": {**header, "kid": DEVICE.public.kid},
        "a nonce": {**header, "nonce": "AAAA"},
        "crit": {**header, "crit": []},
        "alg of another kind of key": {**header, "alg": "ES256"},
        "alg none": {**header, "alg": "none"},
        "typ of a credential": {**header, "typ": "volact-lease+jwt"},
        "a private key": {**header, "jwk": {**jwk, "d": b64(bytes(32))}},
        "a key with a kid of its own": {**header, "jwk": {**jwk, "kid": "mine"}},
        "a small key": {**header, "jwk": ed25519(little(1))},
        "a key that is no object": {**header, "jwk": "key"},
        "the key of another device": {**header, "jwk": OTHER_DEVICE.public.jwk},
    }
    found = {f"header: {name}": flattened(as_json(LEASE), said) for name, said in headers.items()}
    return found | {
        "one byte of the payload altered": json.dumps({**good, "payload": altered}),
        "another's signature": json.dumps({**good, "signature": another["signature"]}),
        "an unprotected header": json.dumps({**good, "header": {"kid": "a"}}),
        "the compact form": ".".join(good[name] for name in ("protected", "payload", "signature")),
        "text behind": json.dumps(good) + "x",
        "more than 16 KiB": json.dumps(good) + " " * 16_384,
        "nothing": "",
    }


FILES = (File("requests", "A request as it travels: read, and its signature checked.", _requests()),)
