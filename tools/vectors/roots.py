"""Vectors of C-4: first roots, rotation, thresholds, replaced and lost keys, gaps; publisher files and pins."""

import json
from typing import Any

import msgspec

from vectors import cast
from vectors.cast import DAY, KEYS_1, PIN, REPLACED, ROOT_1, ROOT_2, ROOT_3, SIGNED_1, T0, as_json, root, root_key
from vectors.form import MALFORMED, ROOT_UNTRUSTED, File, Vector, value
from vectors.keys import ed25519, little
from volact.credential import jws
from volact.credential.encoding import b64, digest
from volact.credential.publisher import Pin, write_publisher_file
from volact.credential.root import Root, sign_root

BOTH = (ROOT_1, ROOT_2)


def anyhow(payload: Any, signers: tuple[Any, ...] = BOTH) -> str:
    """A root version that says anything at all."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return jws.sign_general(body, typ="volact-root+jws", signers=signers).decode()


def signed(said: Root, *signers: Any) -> str:
    """A root version, signed."""
    return sign_root(said, signers or BOTH).decode()


def pinned(text: str) -> dict[str, str]:
    """A root version with the pin that names it."""
    payload = jws.parse_general(text.encode(), typ="volact-root+jws")[0].payload
    return {"pin_hash": digest(payload), "root": text}


def _first() -> tuple[Vector, ...]:
    wide = json.loads(SIGNED_1)
    reordered = json.dumps({"signatures": wide["signatures"][::-1], "payload": wide["payload"]}, indent=1)
    one, twice = [wide["signatures"][0]], [wide["signatures"][0]] * 2
    odd = {"protected": b64(b'{"alg":"ML-DSA-65","kid":"later","typ":"volact-root+jws"}'), "signature": "AAAA"}
    broken = {**wide["signatures"][1], "signature": b64(bytes(64))}

    def with_signatures(entries: Any) -> dict[str, str]:
        return {"pin_hash": PIN.hash, "root": json.dumps({**wide, "signatures": entries})}

    retired = (root_key(ROOT_1, "root", state="retired"), *KEYS_1[1:])
    good = value({"version": 1, "hash": PIN.hash})
    cases: list[tuple[str, Any, Any]] = [
        ("the root that the pin names", pinned(SIGNED_1.decode()), good),
        ("signatures in another order", pinned(reordered), good),
        ("a signature of a later algorithm beside", with_signatures([*wide["signatures"], odd]), good),
        ("a signature that does not hold beside", with_signatures([*wide["signatures"], broken]), good),
        ("another pin", {"pin_hash": digest(b"another"), "root": SIGNED_1.decode()}, ROOT_UNTRUSTED),
        ("one signature of two", with_signatures(one), ROOT_UNTRUSTED),
        ("one signature twice", with_signatures(twice), ROOT_UNTRUSTED),
        ("a signature that does not hold", with_signatures([*one, broken]), ROOT_UNTRUSTED),
        ("signed by a key of another role", pinned(signed(root(), ROOT_1, cast.ISSUING)), ROOT_UNTRUSTED),
        ("signed by a key that is not listed", pinned(signed(root(), ROOT_1, ROOT_3)), ROOT_UNTRUSTED),
        ("signed by a retired key", pinned(signed(root(keys=retired))), ROOT_UNTRUSTED),
        ("the first version is 2", pinned(signed(root(2))), ROOT_UNTRUSTED),
    ]
    return tuple(Vector(name, "C-4.4", given, out) for name, given, out in cases)


def _unreadable() -> tuple[Vector, ...]:
    changes: dict[str, dict[str, Any]] = {
        "a threshold of 0": {"threshold": 0},
        "a threshold of 33": {"threshold": 33},
        "a version of 0": {"version": 0},
        "a version of ten digits": {"version": 10**9},
        "a publisher in capitals": {"iss": "Acme.example"},
        "a time that is none": {"iat": True},
    }
    keys = {
        "a key named twice": KEYS_1[0],
        "a key named twice, for two roles": root_key(ROOT_1, "issuing"),
        "a small key": msgspec.structs.replace(root_key(ROOT_3, "root"), jwk=ed25519(little(1))),
        "a private key": msgspec.structs.replace(
            root_key(ROOT_3, "root"), jwk={**ROOT_3.public.jwk, "d": b64(bytes(32))}
        ),
        "a compromised key without a time": root_key(ROOT_3, "root", state="compromised"),
        "a time of compromise on an active key": root_key(ROOT_3, "root", compromised=T0),
        "an unknown state": root_key(ROOT_3, "root", state="asleep"),
        "a telephone key without a slot": root_key(ROOT_3, "telephone"),
        "a slot of 16": root_key(ROOT_3, "telephone", slot=16),
        "a slot below 0": root_key(ROOT_3, "telephone", slot=-1),
    }
    texts = {name: anyhow({**as_json(root()), **change}) for name, change in changes.items()}
    texts |= {name: signed(root(keys=(*KEYS_1, key))) for name, key in keys.items()}
    twice = (root_key(ROOT_3, "telephone", slot=7), root_key(cast.ISSUING_2, "telephone", slot=7))
    texts["a slot named twice"] = signed(root(keys=(*KEYS_1, *twice)))
    texts["not JSON"] = "{"
    return tuple(Vector(n, "C-4.2", {"pin_hash": PIN.hash, "root": text}, MALFORMED) for n, text in texts.items())


def _later_keys() -> tuple[Vector, ...]:
    """Keys of algorithms and roles to come are carried along."""
    later = msgspec.structs.replace(root_key(ROOT_3, "root"), jwk={"kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA"})
    slots = (root_key(cast.ISSUING_2, "telephone", slot=0), root_key(cast.CATALOG_2, "telephone", slot=15))
    texts = {
        "keys of a later version": ("C-4.2", signed(root(keys=(*KEYS_1, later, root_key(ROOT_3, "weather"))))),
        "telephone keys of a later version": ("C-13.5", signed(root(keys=(*KEYS_1, *slots)))),
    }
    given = {name: (clause, pinned(text)) for name, (clause, text) in texts.items()}
    return tuple(
        Vector(name, clause, said, value({"version": 1, "hash": said["pin_hash"]}))
        for name, (clause, said) in given.items()
    )


def _next() -> tuple[Vector, ...]:
    first, second = root(), root(2, REPLACED)
    fresh = (*KEYS_1, root_key(ROOT_3, "root"))
    handed = (*(root_key(key, "root", state="retired") for key in BOTH), *KEYS_1[2:], root_key(ROOT_3, "root"))
    moved = (root_key(cast.ISSUING, "catalog"), *(key for key in KEYS_1 if key is not KEYS_1[2]))
    good = value({"version": 2})
    cases: list[tuple[str, str, Any]] = [
        ("keys replaced", signed(second), good),
        ("a root key more", signed(root(2, fresh)), good),
        ("a root key more, signed by it and one other", signed(root(2, fresh), ROOT_1, ROOT_3), ROOT_UNTRUSTED),
        ("handed over, by the old and the new", signed(root(2, handed, threshold=1), ROOT_1, ROOT_2, ROOT_3), good),
        ("handed over, by the old alone", signed(root(2, handed, threshold=1)), ROOT_UNTRUSTED),
        ("handed over, by the new alone", signed(root(2, handed, threshold=1), ROOT_3), ROOT_UNTRUSTED),
        ("a threshold that its own keys cannot reach", signed(root(2, threshold=3)), ROOT_UNTRUSTED),
        ("the threshold lowered, one signature", signed(root(2, threshold=1), ROOT_1), ROOT_UNTRUSTED),
        ("a gap", signed(root(3)), ROOT_UNTRUSTED),
        ("the same version", SIGNED_1.decode(), ROOT_UNTRUSTED),
        ("another publisher", signed(root(2, iss="other.example")), ROOT_UNTRUSTED),
        ("a key lost", signed(root(2, KEYS_1[:4])), ROOT_UNTRUSTED),
        ("a key moved to another role", signed(root(2, moved)), ROOT_UNTRUSTED),
        ("expired before it began", signed(root(2, exp=0)), good),
    ]
    current = signed(first)
    found = [Vector(name, "C-4.5", {"current": current, "next": text}, out) for name, text, out in cases]
    before, after = (signed(root(n, (*KEYS_1, root_key(ROOT_3, "telephone", slot=n)))) for n in (1, 2))
    found.append(Vector("a slot moved", "C-4.5", {"current": before, "next": after}, ROOT_UNTRUSTED))
    return tuple(found)


def _publisher_files() -> tuple[Vector, ...]:
    file = cast.publisher_file
    second, pin = cast.SIGNED_2, PIN.text
    new_lists = {
        "catalog": cast.catalog(1, cast.CATALOG_2, iat=T0 + 11 * DAY),
        "revocations": cast.revocations(1, cast.LIST_2, iat=T0 + 11 * DAY),
    }
    renewed = value({"root": 2, "catalog": 1, "revocations": 1})
    high, replace = Pin(PIN.hash, 2, 5, 5).text, msgspec.structs.replace
    good = value({"root": 1, "catalog": 5, "revocations": 5})
    cases: list[tuple[str, str, Any, Any]] = [
        ("one root", pin, file(), good),
        ("two roots", pin, file(SIGNED_1, second), value({"root": 2, "catalog": 5, "revocations": 5})),
        ("two roots, new lists", pin, file(SIGNED_1, second, **new_lists), renewed),
        ("two roots and a pin of both, new lists", high, file(SIGNED_1, second, **new_lists), ROOT_UNTRUSTED),
        ("a catalog older than the pin", pin, file(catalog=cast.catalog(4)), ROOT_UNTRUSTED),
        ("a list older than the pin", pin, file(revocations=cast.revocations(4)), ROOT_UNTRUSTED),
        ("a list older than the pin, its key replaced", pin,
         file(SIGNED_1, second, revocations=cast.revocations(4)), ROOT_UNTRUSTED),
        ("a root older than the pin", high, file(), ROOT_UNTRUSTED),
        ("another pin", Pin(digest(b"another"), 1, 1, 1).text, file(), ROOT_UNTRUSTED),
        ("a gap between roots", pin, file(SIGNED_1, sign_root(root(3), BOTH)), ROOT_UNTRUSTED),
        ("roots the wrong way round", pin, file(second, SIGNED_1), ROOT_UNTRUSTED),
        ("no root", pin, replace(file(), roots=()), ROOT_UNTRUSTED),
        ("another publisher", pin, replace(file(), publisher="other.example"), ROOT_UNTRUSTED),
        ("a catalog by the key of the list", pin, file(catalog=cast.catalog(5, cast.LIST)), ROOT_UNTRUSTED),
        ("a catalog by an unknown key", pin, file(catalog=cast.catalog(5, cast.CATALOG_2)), ROOT_UNTRUSTED),
        ("a catalog before its key began", pin, file(catalog=cast.catalog(iat=T0 - 1)), ROOT_UNTRUSTED),
        ("a catalog after its key's end", pin, file(catalog=cast.catalog(iat=T0 + 366 * DAY)), ROOT_UNTRUSTED),
        ("a catalog of another publisher", pin, file(catalog=cast.catalog(iss="other.example")), ROOT_UNTRUSTED),
        ("a catalog that is none", pin, file(catalog=cast.catalog(catalog={})), ROOT_UNTRUSTED),
        ("a list for a catalog", pin, file(catalog=cast.revocations()), ROOT_UNTRUSTED),
        ("a root that cannot be read", pin, replace(file(), roots=("{}",)), ROOT_UNTRUSTED),
    ]  # fmt: skip
    return tuple(
        Vector(name, "C-4.6", {"pin": pin, "publisher_file": write_publisher_file(said).decode()}, out)
        for name, pin, said, out in cases
    )


def _odd_files() -> tuple[Vector, ...]:
    odd = {"not JSON": "{", "a member missing": "{}", "roots of one text": '{"publisher":"acme.example","roots":""}'}
    given = {name: {"pin": PIN.text, "publisher_file": text} for name, text in odd.items()}
    return tuple(Vector(name, "C-4.6", said, ROOT_UNTRUSTED) for name, said in given.items())


def _pins() -> tuple[Vector, ...]:
    text = PIN.text
    good = value({"hash": PIN.hash, "root": 1, "catalog": 5, "revocations": 5})
    cases = {"a pin": text, "white space around": f" {text}\r\n"}
    found = [Vector(name, "C-4.7", {"pin": said}, good) for name, said in cases.items()]
    hash_ = PIN.hash
    bad = {
        "nothing": "",
        "a version missing": f"volact1.{hash_}.1.5",
        "a version of 0": f"volact1.{hash_}.1.0.5",
        "a leading zero": f"volact1.{hash_}.1.05.5",
        "ten digits": f"volact1.{hash_}.1.1000000000.5",
        "digits of another script": f"volact1.{hash_}.1.\u0665.5",
        "another form": text.replace("volact1", "volact2"),
        "a hash too short": f"volact1.{hash_[1:]}.1.5.5",
        "a hash with spare bits set": f"volact1.{hash_[:-1]}B.1.5.5",
        "white space inside": text.replace(".5.", ".5 ."),
    }
    found += [Vector(name, "C-4.7", {"pin": said}, ROOT_UNTRUSTED) for name, said in bad.items()]
    return tuple(found)


FILES = (
    File(
        "roots-first", "A root version 1 against the payload hash of a pin.", _first() + _unreadable() + _later_keys()
    ),
    File("roots-next", "A root version against the believed one before it.", _next()),
    File(
        "publisher-files",
        "A publisher file against a pin: the versions that are believed.",
        _publisher_files() + _odd_files(),
    ),
    File("pins", "The text of a pin.", _pins()),
)
