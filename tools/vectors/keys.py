"""Vectors of C-4.1: keys, thumbprints and single signatures."""

from hashlib import sha512
from typing import Any

from vectors.cast import DEVICE, P256, drawn
from vectors.form import MALFORMED, File, Vector, value
from volact.credential.encoding import b64, unb64
from volact.credential.keys import PublicKey

# RFC 8037, appendices A.2 and A.3; RFC 7638 has its only example in RSA, which is not read here.
RFC_8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
RFC_8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER = {
    "order 1": 1,
    "order 2": _P - 1,
    "order 4": 0,
    "order 8": _ORDER_8,
    "order 8, the other": _P - _ORDER_8,
}


def ed25519(raw: bytes) -> dict[str, str]:
    """The JWK of those bytes, whatever they are."""
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}


def little(number: int) -> bytes:
    """The number in 32 bytes, the least first."""
    return number.to_bytes(32, "little")


def _keys() -> tuple[Vector, ...]:
    ec = P256.public.jwk
    good = value({"alg": "Ed25519", "kid": RFC_8037_THUMBPRINT})
    found = [
        Vector("RFC 8037 A.3", "C-4.1", {"jwk": RFC_8037}, good),
        Vector("members in another order", "C-4.1", {"jwk": dict(reversed(list(RFC_8037.items())))}, good),
        Vector("P-256", "C-4.1", {"jwk": ec}, value({"alg": "ES256", "kid": P256.public.kid})),
    ]
    bad: dict[str, Any] = {
        "a private key": {**RFC_8037, "d": b64(bytes(32))},
        "a private P-256 key": {**ec, "d": b64(bytes(32))},
        "a member more": {**RFC_8037, "use": "sig"},
        "alg in the key": {**RFC_8037, "alg": "Ed25519"},
        "no x": {"kty": "OKP", "crv": "Ed25519"},
        "no kty": {"crv": "Ed25519", "x": RFC_8037["x"]},
        "X25519": {**RFC_8037, "crv": "X25519"},
        "RSA": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        "a secret": {"kty": "oct", "k": "AAAA"},
        "x that is no text": {**RFC_8037, "x": 1},
        "x of 31 bytes": ed25519(bytes(range(31))),
        "x of 33 bytes": ed25519(bytes(range(33))),
        "x with padding": {**RFC_8037, "x": RFC_8037["x"] + "="},
        "x with spare bits set": {**RFC_8037, "x": RFC_8037["x"][:-1] + "p"},
        "x with a line feed": {**RFC_8037, "x": RFC_8037["x"] + "\n"},
        "not canonical, p": ed25519(little(_P)),
        "not canonical, p + 1": ed25519(little(_P + 1)),
        "not canonical, p + 3": ed25519(little(_P + 3)),
        "not canonical, sign bit": ed25519(little(_P + 4 | 1 << 255)),
        "P-256 without y": {name: ec[name] for name in ("kty", "crv", "x")},
        "P-256 with x of 31 bytes": {**ec, "x": b64(unb64(ec["x"])[1:])},
        "a list": [RFC_8037],
        "null": None,
    }
    for name, y in SMALL_ORDER.items():
        bad[f"small {name}"] = ed25519(little(y))
        bad[f"small {name}, sign bit"] = ed25519(little(y | 1 << 255))
    found += [Vector(name, "C-4.1", {"jwk": said}, MALFORMED) for name, said in bad.items()]
    return tuple(found)


def _listed() -> tuple[Vector, ...]:
    """Keys as a root may list them."""
    later = {"kty": "AKP", "alg": "ML-DSA-65", "pub": b64(drawn("ml-dsa"))}
    phone = {"kty": "OKP", "crv": "BLS12381G2", "x": b64(drawn("bls"))}

    def kid(jwk: dict[str, str]) -> Any:
        return value({"alg": "unknown", "kid": PublicKey.listed(jwk).kid})

    cases: list[tuple[str, Any, Any]] = [
        ("listed: Ed25519", RFC_8037, value({"alg": "Ed25519", "kid": RFC_8037_THUMBPRINT})),
        ("listed: a later algorithm", later, kid(later)),
        ("listed: a curve for telephone codes", phone, kid(phone)),
        ("listed: a later private key", {**later, "priv": "AAAA"}, MALFORMED),
        ("listed: a later key without kty", {"alg": "ML-DSA-65", "pub": "AAAA"}, MALFORMED),
        ("listed: a member that is no text", {**later, "pub": 1}, MALFORMED),
        ("listed: a list", [later], MALFORMED),
        ("listed: a private Ed25519 key", {**RFC_8037, "d": b64(bytes(32))}, MALFORMED),
        ("listed: a small key", ed25519(little(1)), MALFORMED),
    ]
    return tuple(Vector(name, "C-4.2", {"listed": said}, out) for name, said, out in cases)


def small_r() -> bytes:
    """A signature whose R is the neutral point: some libraries believe it, so nobody may."""
    seed, message = drawn("device"), b"message"
    digest = bytearray(sha512(seed).digest()[:32])
    digest[0], digest[31] = digest[0] & 248, digest[31] & 63 | 64
    r = little(1)
    challenge = int.from_bytes(sha512(r + DEVICE.public.raw + message).digest(), "little")
    return r + little(challenge * int.from_bytes(digest, "little") % _L)


def _signatures() -> tuple[Vector, ...]:
    message = b"message"
    signature, ec = DEVICE.sign(message), P256.sign(message)
    grown = signature[:32] + little(int.from_bytes(signature[32:], "little") + _L)
    jwk, p256 = DEVICE.public.jwk, P256.public.jwk
    off_curve = {**p256, "y": b64(bytes(31) + b"\1")}
    no_point = ed25519(little(2))
    # RFC 8032, 7.1, test 1: the same key as RFC 8037's.
    rfc = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    cases: list[tuple[str, Any, bytes, bytes, bool]] = [
        ("RFC 8032, test 1", RFC_8037, b"", bytes.fromhex(rfc), True),
        ("Ed25519", jwk, message, signature, True),
        ("another message", jwk, b"massage", signature, False),
        ("a bit of R", jwk, message, bytes([signature[0] ^ 1]) + signature[1:], False),
        ("S grown by the order", jwk, message, grown, False),
        ("R of small order", jwk, message, small_r(), False),
        ("65 bytes", jwk, message, signature + b"\0", False),
        ("nothing", jwk, message, b"", False),
        ("a key that is no point", no_point, message, signature, False),
        ("P-256", p256, message, ec, True),
        ("P-256, another message", p256, b"massage", ec, False),
        ("P-256, r of zero", p256, message, bytes(32) + ec[32:], False),
        ("P-256, a key off the curve", off_curve, message, ec, False),
    ]
    return tuple(
        Vector(name, "C-4.3", {"jwk": key, "message": text.hex(), "signature": b64(signed)}, value(holds))
        for name, key, text, signed, holds in cases
    )


FILES = (
    File("keys", "JWK to algorithm and thumbprint; listed is a key as a root may list it.", _keys() + _listed()),
    File("signatures", "Whether a signature (base64url) over a message (hexadecimal) holds.", _signatures()),
)
