"""Vectors of C-1 encodings, C-2 strict JSON and C-3 JSON Web Signatures."""

import json
from typing import Any

from vectors.cast import DEVICE, ISSUING, P256, PUBLISHER, ROOT_1, ROOT_2
from vectors.form import MALFORMED, UNTRUSTED, File, Vector, value
from volact.credential import jws
from volact.credential.encoding import b64, crockford, unb64

TYP = "volact-activation+jwt"
PAYLOAD = json.dumps({"iss": PUBLISHER}, separators=(",", ":")).encode()


def _encodings() -> tuple[Vector, ...]:
    raw = bytes(range(250, 256))
    good = [("base64url of bytes", {"base64url": b64(raw)}, raw.hex()), ("base64url of nothing", {"base64url": ""}, "")]
    bad = {
        "padded": "-vv8_f7_-g==",
        "standard alphabet": "+vv8/f7/",
        "a line feed behind": b64(raw) + "\n",
        "a space inside": "-vv8 _f7_",
        "spare bits set": "-h",
        "a length that no bytes have": "-vv8_",
        "not ASCII": "-vv8_f7é",
        "padding alone": "=",
    }
    found = [Vector(name, "C-1.1", given, value(said)) for name, given, said in good]
    found += [Vector(f"base64url: {name}", "C-1.1", {"base64url": text}, MALFORMED) for name, text in bad.items()]
    every = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = int.from_bytes(bytes(range(1, 21)), "big")
    numbers = {
        "every symbol": (every, 32, sum(index << 5 * (31 - index) for index in range(32))),
        "160 bits": (crockford(number, 32), 32, number),
        "zero": ("000000000000000", 15, 0),
        "75 ones": ("Z" * 15, 15, 2**75 - 1),
    }
    for name, (text, symbols, number) in numbers.items():
        given: dict[str, Any] = {"crockford": text, "symbols": symbols}
        found.append(Vector(f"Crockford: {name}", "C-1.2", given, value(hex(number)[2:])))
    wrong = {"lower case": "z" * 15, "a letter O": "O" + "0" * 14, "too short": "0" * 14, "too long": "0" * 16}
    wrong |= {"a line feed behind": "0" * 15 + "\n", "a hyphen": "0000000-0000000", "not ASCII": "0" * 14 + "٠"}
    for name, text in wrong.items():
        found.append(Vector(f"Crockford: {name}", "C-1.2", {"crockford": text, "symbols": 15}, MALFORMED))
    return tuple(found)


# A text is given as the hexadecimal form of its bytes, since many of these are no text.
READ: dict[str, tuple[str, Any]] = {
    "an object": ('{"a":[1,"é",null,true,{}]}', {"a": [1, "é", None, True, {}]}),
    "white space around": (' \t\r\n{"a" : 1 }\n', {"a": 1}),
    "the largest integer": ("9007199254740991", 2**53 - 1),
    "the smallest integer": ("-9007199254740991", 1 - 2**53),
    "nesting of 8": ("[" * 8 + "]" * 8, [[[[[[[[]]]]]]]]),
    "brackets in a text are no nesting": ('"[[[[[[[[[[[["', "[" * 12),
    "a surrogate pair": ('"\\ud83d\\ude00"', "😀"),
    "names that differ in composition": ('{"\\u00e9":1,"e\\u0301":2}', {"\u00e9": 1, "e\u0301": 2}),
}
REFUSED = {
    "duplicate members": '{"a":1,"a":1}',
    "duplicate members, one escaped": '{"a":1,"\\u0061":2}',
    "duplicate members far below": '[[{"a":1,"b":2,"a":1}]]',
    "a fraction": "1.0",
    "an exponent": "1e2",
    "an integer of 2^53": "9007199254740992",
    "an integer of minus 2^53": "-9007199254740992",
    "an integer of 5,000 digits": "9" * 5000,
    "minus zero": "-0",
    "a leading zero": "01",
    "a plus sign": "+1",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "nesting of 9": "[" * 9 + "]" * 9,
    "nesting of 9, mixed": '{"a":' * 9 + "1" + "}" * 9,
    "nesting of 5,000": "[" * 5000 + "]" * 5000,
    "a lone high surrogate": '"\\ud83d"',
    "a lone low surrogate": '"\\ude00"',
    "a lone surrogate as a name": '{"\\ud800":1}',
    "surrogates the wrong way round": '"\\ude00\\ud83d"',
    "a byte order mark": '\ufeff{"a":1}',
    "text behind the value": "{} {}",
    "nothing": "",
    "white space alone": " ",
    "a trailing comma": "[1,]",
    "a comment": "1 // one",
    "single quotes": "{'a':1}",
    "a control character in a text": '"a\nb"',
    "an escape that is none": '"\\x41"',
    "digits of another script": "١",
    "a no-break space around": "\u00a01",
}
NO_TEXT = {
    "bytes that are not UTF-8": b'"\xff"',
    "a surrogate in UTF-8": b'"\xed\xa0\xbd"',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "an overlong form": b'"\xc1\x81"',
}


def _strict_json() -> tuple[Vector, ...]:
    found = [Vector(name, "C-2", {"hex": text.encode().hex()}, value(said)) for name, (text, said) in READ.items()]
    found += [Vector(name, "C-2", {"hex": text.encode().hex()}, MALFORMED) for name, text in REFUSED.items()]
    found += [Vector(name, "C-2", {"hex": data.hex()}, MALFORMED) for name, data in NO_TEXT.items()]
    at_limit = '"' + "é" * 31 + '"'  # 64 bytes, 33 characters
    found.append(Vector("as many bytes as the limit", "C-2", _limited(at_limit), value("é" * 31)))
    found.append(Vector("more bytes than the limit, fewer characters", "C-2", _limited(at_limit + " "), MALFORMED))
    return tuple(found)


def _limited(text: str) -> dict[str, Any]:
    return {"hex": text.encode().hex(), "limit": 64}


def compact(header: Any, payload: bytes = PAYLOAD, *, signer: Any = ISSUING) -> str:
    """A compact token with any protected header at all, signed all the same."""
    text = header if isinstance(header, str) else json.dumps(header, separators=(",", ":"))
    start = f"{b64(text.encode())}.{b64(payload)}"
    return f"{start}.{b64(signer.sign(start.encode()))}"


def _compact() -> tuple[Vector, ...]:
    kid = ISSUING.public.kid
    header = {"alg": "Ed25519", "kid": kid, "typ": TYP}
    token, es256 = compact(header), jws.sign_compact(PAYLOAD, typ=TYP, signer=P256)
    protected, payload, signature = token.split(".")
    p256 = {"jwk": P256.public.jwk}
    high = _with_other_s(es256)
    good = value({"payload": b64(PAYLOAD)})
    found = [
        Vector("Ed25519", "C-3.1", {"token": token}, good),
        Vector("ES256", "C-3.1", {"token": es256, **p256}, good),
        Vector("ES256, the other s", "C-3.6", {"token": high, **p256}, good),
        Vector("a payload altered", "C-3.5", {"token": f"{protected}.{b64(PAYLOAD + b' ')}.{signature}"}, UNTRUSTED),
        Vector("signed by another key", "C-3.5", {"token": compact(header, signer=DEVICE)}, UNTRUSTED),
        Vector("another key named", "C-3.5", {"token": compact({**header, "kid": DEVICE.public.kid})}, UNTRUSTED),
        Vector("the algorithm of another key", "C-3.5", {"token": compact({**header, "alg": "ES256"})}, UNTRUSTED),
        Vector("a signature cut short", "C-3.5", {"token": token[:-2] + "A"}, MALFORMED),
        Vector("a signature of 63 bytes", "C-3.5", {"token": f"{protected}.{payload}.{b64(bytes(63))}"}, UNTRUSTED),
        Vector("a signature of zeros", "C-3.5", {"token": f"{protected}.{payload}.{b64(bytes(64))}"}, UNTRUSTED),
        Vector("ES256, a signature of zeros", "C-3.5", {"token": _zeroed(es256), **p256}, UNTRUSTED),
    ]
    return tuple(found)


def _headers() -> tuple[Vector, ...]:
    kid = ISSUING.public.kid
    header = {"alg": "Ed25519", "kid": kid, "typ": TYP}
    headers: dict[str, Any] = {
        "crit": {**header, "crit": ["exp"]},
        "b64": {**header, "b64": False},
        "jku": {**header, "jku": "https://example.com/"},
        "x5u": {**header, "x5u": "https://example.com/"},
        "jwk beside kid": {**header, "jwk": ISSUING.public.jwk},
        "cty": {**header, "cty": "JWT"},
        "without typ": {"alg": "Ed25519", "kid": kid},
        "without kid": {"alg": "Ed25519", "typ": TYP},
        "another typ": {**header, "typ": "volact-lease+jwt"},
        "typ in other case": {**header, "typ": TYP.upper()},
        "typ with application/": {**header, "typ": f"application/{TYP}"},
        "typ with a line feed": {**header, "typ": f"{TYP}\n"},
        "alg none": {**header, "alg": "none"},
        "alg EdDSA": {**header, "alg": "EdDSA"},
        "alg HS256": {**header, "alg": "HS256"},
        "alg in other case": {**header, "alg": "ed25519"},
        "alg as a list": {**header, "alg": ["Ed25519"]},
        "kid that is no text": {**header, "kid": 1},
        "a header that is a list": [header],
        "a duplicate member": f'{{"alg":"Ed25519","alg":"Ed25519","kid":"{kid}","typ":"{TYP}"}}',
    }
    return tuple(Vector(f"header: {n}", "C-3.2", {"token": compact(said)}, MALFORMED) for n, said in headers.items())


def _forms() -> tuple[Vector, ...]:
    header = {"alg": "Ed25519", "kid": ISSUING.public.kid, "typ": TYP}
    token = compact(header)
    protected, payload, signature = token.split(".")
    shapes = {
        "two parts": f"{protected}.{payload}",
        "four parts": f"{token}.",
        "white space behind": f"{token}\n",
        "white space before": f" {token}",
        "padding": f"{protected}.{payload}.{signature}=",
        "the standard alphabet": f"{protected}.{payload}.{signature}".replace("-", "+").replace("_", "/"),
        "not ASCII": f"{protected}.{payload}.{signature}é",
        "an empty header": f".{payload}.{signature}",
        "nothing": "",
        "more than 16 KiB": compact(header, b'"' + b"a" * 12_400 + b'"'),
    }
    return tuple(Vector(f"form: {name}", "C-3.1", {"token": text}, MALFORMED) for name, text in shapes.items())


def _with_other_s(token: str) -> str:
    """The same ES256 signature with n - s for s, which verifies as well."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    start, signature = token.rsplit(".", 1)
    raw = unb64(signature)
    return f"{start}.{b64(raw[:32] + (order - int.from_bytes(raw[32:], 'big')).to_bytes(32, 'big'))}"


def _zeroed(token: str) -> str:
    return f"{token.rsplit('.', 1)[0]}.{b64(bytes(64))}"


def _several() -> tuple[Vector, ...]:
    """The flattened and the general form."""
    flat = json.loads(jws.sign_flattened(PAYLOAD, typ="volact-request+jws", signer=DEVICE))
    wide = json.loads(jws.sign_general(PAYLOAD, typ="volact-root+jws", signers=(ROOT_1, ROOT_2)))
    first, second = wide["signatures"]
    good = value({"payload": b64(PAYLOAD), "signatures": 1})
    odd = {"protected": b64(b'{"alg":"ML-DSA-65","kid":"later","typ":"volact-root+jws"}'), "signature": "AAAA"}
    number = {**first, "protected": b64(b'{"alg":1,"kid":"a","typ":"volact-root+jws"}')}
    headed = {**first, "header": {}}
    cases: list[tuple[str, str, Any, Any]] = [
        ("flattened", "flattened", flat, good),
        ("flattened, an unprotected header", "flattened", {**flat, "header": {}}, MALFORMED),
        ("flattened, another member", "flattened", {**flat, "note": ""}, MALFORMED),
        ("flattened, no signature", "flattened", {**flat, "signature": None}, MALFORMED),
        ("flattened, the general form", "flattened", wide, MALFORMED),
        ("flattened, a list", "flattened", [flat], MALFORMED),
        ("flattened, kid for jwk", "flattened", {**flat, "protected": first["protected"]}, MALFORMED),
        ("general", "general", wide, value({"payload": b64(PAYLOAD), "signatures": 2})),
        ("general, an unknown algorithm beside", "general", {**wide, "signatures": [first, odd]},
         value({"payload": b64(PAYLOAD), "signatures": 2})),
        ("general, an algorithm that is no text", "general", {**wide, "signatures": [number]}, MALFORMED),
        ("general, an unprotected header", "general", {**wide, "signatures": [headed, second]}, MALFORMED),
        ("general, another member", "general", {**wide, "note": ""}, MALFORMED),
        ("general, no signatures", "general", {**wide, "signatures": []}, MALFORMED),
        ("general, signatures that are no list", "general", {**wide, "signatures": first}, MALFORMED),
        ("general, 33 signatures", "general", {**wide, "signatures": [first] * 33}, MALFORMED),
        ("general, a payload that is no text", "general", {**wide, "payload": 1}, MALFORMED),
        ("general, the flattened form", "general", flat, MALFORMED),
        ("general, a signature that is no object", "general", {**wide, "signatures": ["a"]}, MALFORMED),
    ]  # fmt: skip
    return tuple(Vector(n, "C-3.3", {"form": form, "json": json.dumps(said)}, out) for n, form, said, out in cases)


FILES = (
    File("encodings", "Text forms of bytes and numbers; bytes and numbers are hexadecimal.", _encodings()),
    File("strict-json", "One reading for every text; hex is the text's bytes, limit its most bytes.", _strict_json()),
    File(
        "jws-compact",
        "Compact tokens of one typ, judged against the trusted key jwk.",
        _compact() + _headers() + _forms(),
        {"typ": TYP, "jwk": ISSUING.public.jwk},
    ),
    File(
        "jws-json",
        "Flattened (typ volact-request+jws) and general (typ volact-root+jws) tokens, read.",
        _several(),
    ),
)
