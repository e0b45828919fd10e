"""Vectors of C-11 and P-4: setup grants, believed or not, revoked or not, and the keys that they list."""

from typing import Any

import msgspec

from vectors import cast
from vectors.cast import DAY, DEVICE, ISSUING, ORGANIZATION, PUBLISHER, SHOP, T0, as_json, identifier, root
from vectors.credentials import ACTIVATION, believed, raw, sign
from vectors.form import MALFORMED, UNTRUSTED, File, Vector, value
from volact.credential.claims import MOST_GRANT_KEYS, SETUP_TYP, SetupGrant
from volact.credential.lists import RevokedActivation, RevokedKey
from volact.credential.productkey import KeyKind, ProductKey, make_key
from volact.credential.proof import derive, proof_hash
from volact.credential.publisher import write_publisher_file
from volact.credential.root import sign_root

replace = msgspec.structs.replace
NUMBER = 12


def _key(name: str, kind: KeyKind = KeyKind.SETUP) -> ProductKey:
    random = int.from_bytes(cast.drawn(name, 10), "big") >> 4
    return make_key(kind, NUMBER, publisher=PUBLISHER, random=random)


KEYS = (_key("setup key"), _key("second setup key"))
HASHES = tuple(proof_hash(derive(each, PUBLISHER).proof_key) for each in KEYS)
GRANT = SetupGrant(
    iss=PUBLISHER, jti=identifier("grant"), iat=T0 + 5 * DAY, kind="setup", product="archiver-1", group="archiver",
    licensing_id="L-1001", keys=HASHES, version="1", organization=ORGANIZATION,
)  # fmt: skip
CATALOG: dict[str, Any] = {
    **SHOP,
    "product_groups": {
        **SHOP["product_groups"],
        "archiver": {"name": "archiver", "number": NUMBER, "pool": "all", "kinds": ["setup", "oem", "retail"]},
    },
    "products": {
        **SHOP["products"],
        "archiver-1": {
            "name": "archiver 1",
            "group": "archiver",
            "kinds": ["setup", "oem"],
            "needs": "setup",
            "channels": ["volume", "oem"],
        },
        "archiver-2": {"name": "archiver 2", "group": "archiver", "kinds": ["retail"], "channels": ["retail"]},
    },
}


def _file(*roots: bytes, **entries: Any) -> str:
    listed = cast.revocations(6, iat=T0 + 10 * DAY, **entries)
    catalog = cast.catalog(6, catalog=CATALOG)
    return write_publisher_file(cast.publisher_file(*roots, catalog=catalog, revocations=listed)).decode()


def _believed() -> tuple[Vector, ...]:
    said = as_json(GRANT)
    oem = replace(GRANT, kind="oem", version=None, organization=None)
    many = replace(GRANT, keys=tuple(proof_hash(bytes([number])) for number in range(MOST_GRANT_KEYS)))
    wrong: dict[str, list[Any]] = {
        "kind": ["mak", "generic", "", 7],
        "licensing_id": ["", "L" * 65, "L 1", "L-1\n", 1001],
        "version": [1, {}],
        "keys": ["", [], [HASHES[0], HASHES[0]], [HASHES[0] + "\n"], ["short"], [None],
                 [*many.keys, HASHES[0]]],
        "organization": [{"id": "o"}, "Contoso"],
    }  # fmt: skip
    cases: list[tuple[str, str, Any]] = [
        ("a grant", sign(GRANT), believed(GRANT)),
        ("a grant for a preinstalled product", sign(oem), believed(oem)),
        ("with as many keys as it may list", sign(many), believed(many)),
        ("members of a later version", raw({**said, "exp": 1, "cnf": {}}, SETUP_TYP), believed(GRANT)),
        ("on the first second of its key", sign(replace(GRANT, iat=T0)), believed(replace(GRANT, iat=T0))),
        ("a second before its key", sign(replace(GRANT, iat=T0 - 1)), UNTRUSTED),
        ("a second after its key", sign(replace(GRANT, iat=T0 + cast.YEAR + 1)), UNTRUSTED),
        ("by the catalog's key", sign(GRANT, cast.CATALOG), UNTRUSTED),
        ("by a root key", sign(GRANT, cast.ROOT_1), UNTRUSTED),
        ("by a computer", sign(GRANT, DEVICE), UNTRUSTED),
        ("of another publisher", sign(replace(GRANT, iss="other.example")), UNTRUSTED),
        ("for a product that the catalog lacks", sign(replace(GRANT, product="archiver-9")), UNTRUSTED),
        ("for a product of another group", sign(replace(GRANT, product="editor-1")), UNTRUSTED),
        ("of a group that is not the product's", sign(replace(GRANT, group="editor")), UNTRUSTED),
        ("for a product that takes no such key", sign(replace(GRANT, product="archiver-2")), UNTRUSTED),
        ("an activation for a grant", sign(ACTIVATION), MALFORMED),
        ("a grant under the typ of an activation", raw(said, "volact-activation+jwt"), MALFORMED),
        ("not a token", "a.b.c", MALFORMED),
    ]
    cases += [(f"without {n}", raw({m: v for m, v in said.items() if m != n}, SETUP_TYP), MALFORMED)
              for n in said if n not in ("version", "organization")]  # fmt: skip
    cases += [(f"{name} number {place} of the wrong ones", raw({**said, name: bad}, SETUP_TYP), MALFORMED)
              for name, values in wrong.items() for place, bad in enumerate(values, 1)]  # fmt: skip
    return tuple(
        Vector(f"grant: {name}", "C-11.2" if out == UNTRUSTED else "C-11.1", {"grant": text}, out)
        for name, text, out in cases
    )


def _opened() -> tuple[Vector, ...]:
    cases = [
        ("its first key", KEYS[0], True),
        ("its second key", KEYS[1], True),
        ("a key that is not listed", _key("third setup key"), False),
        ("a listed key as one of another kind", _key("setup key", KeyKind.RETAIL), False),
    ]
    return tuple(
        Vector(f"opened: {name}", "C-11.3", {"grant": sign(GRANT), "key": key.text, "publisher": PUBLISHER}, value(out))
        for name, key, out in cases
    )


def _revoked() -> tuple[Vector, ...]:
    at, first, second = T0 + 6 * DAY, *(derive(each, PUBLISHER).keyid for each in KEYS)
    keys = (*cast.KEYS_1[:2], cast.root_key(ISSUING, "issuing", state="compromised", compromised=at), *cast.KEYS_1[3:])
    newer = sign_root(root(2, keys), (cast.ROOT_1, cast.ROOT_2))
    cases: list[tuple[str, str, int | None]] = [
        ("nothing listed", _file(), None),
        ("its key listed", _file(keys=(RevokedKey(second, at + 1), RevokedKey(first, at))), at),
        ("another of its keys listed", _file(keys=(RevokedKey(second, at),)), None),
        ("its jti listed", _file(activations=(RevokedActivation(GRANT.jti, at),)), None),
        ("of a compromised key", _file(cast.SIGNED_1, newer), at),
        ("of a compromised key, its key listed before",
         _file(cast.SIGNED_1, newer, keys=(RevokedKey(first, at - 1),)), at - 1),
    ]  # fmt: skip
    return tuple(
        Vector(f"revoked: {name}", "P-4.5", {"grant": sign(GRANT), "keyid": first, "publisher_file": file}, value(out))
        for name, file, out in cases
    )


FILES = (
    File("grants", "Setup grants for who believes the publisher file: their claims, the keys that they open, "
         "and from when on they count as revoked for a key.", _believed() + _opened() + _revoked(),
         {"pin": cast.PIN.text, "publisher_file": _file()}),
)  # fmt: skip
