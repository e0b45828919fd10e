"""Vectors of C-12: entries and their leaves, roots and proofs of the tree, checkpoints, and what contradicts."""

from typing import Any

import msgspec

from vectors import cast
from vectors.cast import DAY, DEVICE, ISSUING, ISSUING_2, PUBLISHER, T0, as_json
from vectors.credentials import ACTIVATION, raw, sign
from vectors.form import MALFORMED, UNTRUSTED, File, Vector, value
from volact.credential import checkpoint, jws, merkle
from volact.credential.checkpoint import CHECKPOINT_TYP, Checkpoint, Entry, entry_leaf
from volact.credential.encoding import b64, digest
from volact.credential.publisher import write_publisher_file

replace = msgspec.structs.replace
LARGEST = 20
LEAVES = tuple(merkle.leaf_hash(cast.drawn(f"entry {number}")) for number in range(LARGEST))
CHECKPOINT = Checkpoint(iss=PUBLISHER, size=9, root=digest(b"root of 9"), iat=T0 + 5 * DAY)


def _grown() -> tuple[tuple[bytes, ...], dict[tuple[int, int], bytes]]:
    log, roots = merkle.Frontier(), [merkle.EMPTY]
    nodes: dict[tuple[int, int], bytes] = {}
    for leaf in LEAVES:
        log, made = log.grown(leaf)
        nodes |= {(level, place): found for level, place, found in made}
        roots.append(log.root)
    return tuple(roots), nodes


ROOTS, _NODES = _grown()


def _node(level: int, place: int) -> bytes:
    return _NODES[level, place]


def signed(said: Checkpoint, signer: Any = ISSUING) -> str:
    """A checkpoint as it is signed."""
    return jws.sign_compact(checkpoint.encode(said), typ=CHECKPOINT_TYP, signer=signer)


def _entries() -> tuple[Vector, ...]:
    salt = cast.drawn("salt", 16)
    cases = {
        "an activation": Entry(7, T0, "device API", "activated", "0123456789", '{"activation_id":"A"}'),
        "texts beyond ASCII": Entry(8, T0, "Kåre", "organization added", "Ø-1", '{"name":"Größe \U0001f511"}'),
        "empty texts": Entry(1, 0, "", "", "", ""),
        "texts that only their lengths tell apart": Entry(1, 0, "a", "", "", ""),
        "the same letters in another place": Entry(1, 0, "", "a", "", ""),
    }
    return tuple(
        Vector(f"leaf: {name}", "C-12.1", {"entry": as_json(entry), "salt": salt.hex()},
               value({"canonical": entry.canonical.hex(), "leaf": entry_leaf(entry, salt).hex()}))
        for name, entry in cases.items()
    )  # fmt: skip


def _trees() -> tuple[Vector, ...]:
    hexed = [leaf.hex() for leaf in LEAVES]
    found = [
        Vector(f"root of {size}", "C-12.2", {"leaves": hexed[:size]}, value(ROOTS[size].hex()))
        for size in (*range(9), 15, 16, 17, LARGEST)
    ]
    for size, index in ((1, 0), (2, 1), (3, 2), (7, 0), (7, 6), (8, 5), (LARGEST, 0), (LARGEST, 16), (LARGEST, 19)):
        proof = merkle.inclusion_proof(_node, index, size=size)
        given = {"leaf": hexed[index], "index": index, "size": size, "root": ROOTS[size].hex()}
        cases = [("its proof", proof, True), ("one hash more", (*proof, LEAVES[0]), False)]
        cases += [("one hash less", proof[:-1], False)] if proof else []
        found += [Vector(f"entry {index} of {size}: {name}", "C-12.2", {**given, "proof": _texts(each)}, value(out))
                  for name, each, out in cases]  # fmt: skip
    for first, second in ((1, 2), (1, 7), (3, 7), (4, 8), (6, 8), (7, 7), (8, LARGEST), (13, LARGEST)):
        proof = merkle.consistency_proof(_node, first, second=second)
        given = {"first": first, "second": second}
        right = {"first_root": ROOTS[first].hex(), "second_root": ROOTS[second].hex()}
        wrong = {**right, "first_root": ROOTS[first - 1].hex()}
        named = f"{first} to {second}"
        found += [
            Vector(f"{named}: its proof", "C-12.2", {**given, **right, "proof": _texts(proof)}, value(True)),
            Vector(f"{named}: another root", "C-12.2", {**given, **wrong, "proof": _texts(proof)}, value(False)),
            Vector(f"{named}: one hash more", "C-12.2", {**given, **right, "proof": _texts((*proof, LEAVES[0]))},
                   value(False)),
        ]  # fmt: skip
    return tuple(found)


def _texts(proof: tuple[bytes, ...]) -> list[str]:
    return [b64(each) for each in proof]


def _checkpoints() -> tuple[Vector, ...]:
    said = as_json(CHECKPOINT)
    wrong: dict[str, list[Any]] = {"size": [0, -1, 2**40 + 1, "9", None], "root": ["", "short", 9], "iat": [-1, "0"]}
    cases: list[tuple[str, str, Any]] = [
        ("a checkpoint", signed(CHECKPOINT), value(said)),
        ("members of a later version", raw({**said, "origin": "x"}, CHECKPOINT_TYP), value(said)),
        ("a second before its key", signed(replace(CHECKPOINT, iat=T0 - 1)), UNTRUSTED),
        ("a second after its key", signed(replace(CHECKPOINT, iat=T0 + cast.YEAR + 1)), UNTRUSTED),
        ("by the catalog's key", signed(CHECKPOINT, cast.CATALOG), UNTRUSTED),
        ("by a computer", signed(CHECKPOINT, DEVICE), UNTRUSTED),
        ("of another publisher", signed(replace(CHECKPOINT, iss="other.example")), UNTRUSTED),
        ("an activation for a checkpoint", sign(ACTIVATION), MALFORMED),
        ("a checkpoint under the typ of an activation", raw(said, "volact-activation+jwt"), MALFORMED),
        ("not a token", "a.b.c", MALFORMED),
    ]
    cases += [(f"without {n}", raw({m: v for m, v in said.items() if m != n}, CHECKPOINT_TYP), MALFORMED) for n in said]
    cases += [(f"{name} number {place} of the wrong ones", raw({**said, name: bad}, CHECKPOINT_TYP), MALFORMED)
              for name, values in wrong.items() for place, bad in enumerate(values, 1)]  # fmt: skip
    found = [
        Vector(f"checkpoint: {name}", "C-12.4" if out == UNTRUSTED else "C-12.3", {"checkpoint": text}, out)
        for name, text, out in cases
    ]
    lists = {
        "catalog": cast.catalog(6, cast.CATALOG_2, iat=T0 + 11 * DAY),
        "revocations": cast.revocations(6, cast.LIST_2, iat=T0 + 11 * DAY),
    }
    newer = write_publisher_file(cast.publisher_file(cast.SIGNED_1, cast.SIGNED_2, **lists))
    after = replace(CHECKPOINT, iat=T0 + 11 * DAY)
    return (
        *found,
        Vector("checkpoint: by a key that was compromised since", "C-12.4",
               {"checkpoint": signed(CHECKPOINT), "publisher_file": newer.decode()}, UNTRUSTED),
        Vector("checkpoint: by the key that followed it", "C-12.4",
               {"checkpoint": signed(after, ISSUING_2), "publisher_file": newer.decode()}, value(as_json(after))),
    )  # fmt: skip


def _contradictions() -> tuple[Vector, ...]:
    cases = [
        ("the same", CHECKPOINT, False),
        ("signed again later", replace(CHECKPOINT, iat=CHECKPOINT.iat + 1), False),
        ("another root", replace(CHECKPOINT, root=digest(b"another")), True),
        ("grown later", replace(CHECKPOINT, size=10, iat=CHECKPOINT.iat + 1), False),
        ("grown at the same time", replace(CHECKPOINT, size=10), False),
        ("grown earlier", replace(CHECKPOINT, size=10, iat=CHECKPOINT.iat - 1), True),
        ("smaller and earlier", replace(CHECKPOINT, size=8, iat=CHECKPOINT.iat - 1), False),
        ("smaller and later", replace(CHECKPOINT, size=8, iat=CHECKPOINT.iat + 1), True),
    ]
    return tuple(
        Vector(f"two checkpoints: {name}", "C-12.5", {"kept": signed(CHECKPOINT), "other": signed(other)}, value(out))
        for name, other, out in cases
    )


FILES = (
    File("log", "The publisher's log: leaves of entries, roots and proofs, checkpoints for who believes the publisher "
         "file, and which two of them contradict one another.",
         _entries() + _trees() + _checkpoints() + _contradictions(),
         {"pin": cast.PIN.text, "publisher_file": write_publisher_file(cast.publisher_file()).decode()}),
)  # fmt: skip
