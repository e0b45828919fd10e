"""Vectors of C-4 and P-4: newer roots, catalogs and revocation lists for who believes a publisher file already."""

from typing import Any

from vectors import cast
from vectors.cast import DAY, PIN, SIGNED_1, SIGNED_2, T0, catalog, publisher_file, revocations, root
from vectors.form import MALFORMED, ROOT_UNTRUSTED, File, Vector, value
from volact.credential.lists import RevokedActivation, RevokedHost, RevokedKey
from volact.credential.publisher import write_publisher_file
from volact.credential.root import sign_root

LATER = {"iat": T0 + 11 * DAY}


def versions(*said: int) -> Any:
    """What is believed in the end, of root, catalog and list."""
    return value(dict(zip(("root", "catalog", "revocations"), said, strict=True)))


Steps = list[tuple[str, list[tuple[str, str]], Any]]


def _lists() -> Steps:
    entries: dict[str, Any] = {
        "hosts": (RevokedHost(cast.HOST_ID, cast.HOST.public.kid, T0),),
        "keys": (RevokedKey(cast.keyid("key"), T0),),
        "activations": (RevokedActivation(cast.identifier("activation"), T0),),
    }
    return [
        ("a newer catalog", [("catalog", catalog(6))], versions(1, 6, 5)),
        ("a much newer catalog", [("catalog", catalog(1005))], versions(1, 1005, 5)),
        ("the same catalog", [("catalog", catalog(5))], versions(1, 5, 5)),
        ("the same version, other words", [("catalog", catalog(5, iat=T0 + 2 * DAY))], versions(1, 5, 5)),
        ("an older catalog", [("catalog", catalog(6)), ("catalog", catalog(5))], ROOT_UNTRUSTED),
        ("a catalog older than the pin", [("catalog", catalog(4))], ROOT_UNTRUSTED),
        ("a catalog by the issuing key", [("catalog", catalog(6, cast.ISSUING))], ROOT_UNTRUSTED),
        ("a catalog of another publisher", [("catalog", catalog(6, iss="other.example"))], ROOT_UNTRUSTED),
        ("a catalog that is none", [("catalog", catalog(6, catalog={"title": 1}))], ROOT_UNTRUSTED),
        ("a catalog that cannot be read", [("catalog", "a.b.c")], MALFORMED),
        ("a catalog for a list", [("revocations", catalog(6))], MALFORMED),
        ("a catalog of version 0", [("catalog", catalog(0))], MALFORMED),
        ("a newer list", [("revocations", revocations(6, **entries))], versions(1, 5, 6)),
        ("the same list", [("revocations", revocations(5))], versions(1, 5, 5)),
        ("the same version of the list, other words", [("revocations", revocations(5, **entries))], versions(1, 5, 5)),
        ("an older list", [("revocations", revocations(4))], ROOT_UNTRUSTED),
        ("a list by the catalog's key", [("revocations", revocations(6, cast.CATALOG))], ROOT_UNTRUSTED),
    ]


def _after_rotation() -> Steps:
    other_root = sign_root(root(name="Another"), (cast.ROOT_1, cast.ROOT_2)).decode()
    new = catalog(1, cast.CATALOG_2, **LATER)
    stolen = catalog(999_999_999)
    second = SIGNED_2.decode()
    return [
        ("the next root", [("root", second)], versions(2, 5, 5)),
        ("the same root again", [("root", second), ("root", second)], versions(2, 5, 5)),
        ("a known root again", [("root", second), ("root", SIGNED_1.decode())], versions(2, 5, 5)),
        ("another root of a known version", [("root", other_root)], ROOT_UNTRUSTED),
        ("a root with a gap", [("root", sign_root(root(3), (cast.ROOT_1, cast.ROOT_2)).decode())], ROOT_UNTRUSTED),
        ("a new key before its root", [("catalog", new)], ROOT_UNTRUSTED),
        ("a new key counts anew", [("root", second), ("catalog", new)], versions(2, 1, 5)),
        ("a stolen key locks nobody out", [("catalog", stolen), ("root", second), ("catalog", new)], versions(2, 1, 5)),
        ("a new key, the same number", [("root", second), ("catalog", catalog(5, cast.CATALOG_2, **LATER))],
         versions(2, 5, 5)),
        ("a new key's older version",
         [("root", second), ("catalog", catalog(3, cast.CATALOG_2, **LATER)), ("catalog", new)], ROOT_UNTRUSTED),
        ("a compromised key", [("root", second), ("catalog", catalog(6))], ROOT_UNTRUSTED),
        ("a compromised key's catalog that is believed already", [("root", second), ("catalog", catalog(5))],
         versions(2, 5, 5)),
        ("a retired key goes on", [("root", second), ("revocations", revocations(6))], versions(2, 5, 6)),
        ("a retired key's older version", [("revocations", revocations(7)), ("root", second),
         ("revocations", revocations(6))], ROOT_UNTRUSTED),
        ("a retired key after its successor", [("root", second), ("revocations", revocations(6, cast.LIST_2, **LATER)),
         ("revocations", revocations(7))], ROOT_UNTRUSTED),
        ("a new key before it began", [("root", second), ("catalog", catalog(6, cast.CATALOG_2))], ROOT_UNTRUSTED),
    ]  # fmt: skip


def _updates() -> tuple[Vector, ...]:
    return tuple(
        Vector(name, "P-4.2", {"steps": [{"kind": kind, "text": text} for kind, text in done]}, out)
        for name, done, out in (*_lists(), *_after_rotation())
    )


GIVEN = {"pin": PIN.text, "publisher_file": write_publisher_file(publisher_file()).decode()}
FILES = (
    File("updates", "Documents taken in one after the other: the versions believed in the end.", _updates(), GIVEN),
)
