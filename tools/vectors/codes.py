"""Vectors of C-6 product keys, C-7 proofs and C-9 identity."""

from typing import Any

from vectors.cast import PUBLISHER, drawn
from vectors.form import MALFORMED, File, Vector, code, value
from volact.credential import identity
from volact.credential.encoding import ALPHABET, b64
from volact.credential.productkey import KeyKind, ProductKey, make_key, publisher_tag
from volact.credential.proof import ProofContext, derive, make_proof

OTHER_PUBLISHER = "other.example"
UNLOCATED = {"group": None, "position": None}


def random_part(name: str) -> int:
    """76 bits."""
    return int.from_bytes(drawn(name, 10), "big") >> 4


MAK = make_key(KeyKind.MAK, 4242, publisher=PUBLISHER, random=random_part("mak"))


def said(key: ProductKey) -> dict[str, Any]:
    """A key as the vectors show it."""
    return {"kind": key.kind.word, "group": key.group, "random": f"{key.random:019x}", "data": key.data.hex()}


def _product_keys() -> tuple[Vector, ...]:
    found = []
    for kind in KeyKind:
        part = 0 if kind is KeyKind.GENERIC else random_part(kind.word)
        key = make_key(kind, 2**18 - 1 if kind is KeyKind.SETUP else int(kind), publisher=PUBLISHER, random=part)
        found.append(Vector(f"a {kind.word} key", "C-6.1", {"text": key.text}, value(said(key))))
    text, good = MAK.text, value(said(MAK))
    spellings = {
        "as printed": text,
        "in lower case": text.lower(),
        "with spaces": text.replace("-", " "),
        "without hyphens": text.replace("-", ""),
        "with a line feed": text + "\r\n",
        "with dashes of a word processor": text.replace("-", "\u2013").replace("\u2013", "\u2011", 1) + "\u00a0",
    }
    found += [Vector(name, "C-6.2", {"text": spelled}, good) for name, spelled in spellings.items()]
    found += _confusable()
    found += _mistyped(text)
    return tuple(found)


def _confusable() -> list[Vector]:
    """O, I, L and U, in a key that holds 0, 1 and V."""
    number = 0
    while True:
        key = make_key(KeyKind.RETAIL, 33, publisher=PUBLISHER, random=random_part(f"confusable {number}"))
        if set("01V") <= set(key.text):
            break
        number += 1
    readings = {"O for 0": ("0", "O"), "I for 1": ("1", "I"), "L for 1": ("1", "l"), "U for V": ("V", "u")}
    return [
        Vector(name, "C-6.2", {"text": key.text.replace(right, typed)}, value(said(key)))
        for name, (right, typed) in readings.items()
    ]


def _mistyped(text: str) -> list[Vector]:
    symbols = text.replace("-", "")
    found = []
    for place, symbol in enumerate(symbols):
        other = ALPHABET[(ALPHABET.index(symbol) + 1 + place) % 32]
        typed = symbols[:place] + other + symbols[place + 1 :]
        out = code("key_mistyped", group=place // 5 + 1, position=place % 5 + 1)
        found.append(Vector(f"one wrong symbol, place {place + 1}", "C-6.3", {"text": typed}, out))
    nowhere = code("key_mistyped", **UNLOCATED)
    swapped = symbols[:7] + symbols[8] + symbols[7] + symbols[9:]
    cases = {
        "two symbols swapped": swapped,
        "two wrong symbols": "Z" + symbols[1:20] + "Z" + symbols[21:],
        "24 symbols": symbols[:-1],
        "26 symbols": symbols + "0",
        "nothing": "",
        "two signs that no key has": "!" + symbols[1:-1] + "?",
        "letters that upper-case to ASCII": "\u017f\u0131" + symbols[2:],
        "digits of another script": "\u0664\u0661" + symbols[2:],
    }
    found += [Vector(name, "C-6.3", {"text": typed}, nowhere) for name, typed in cases.items()]
    sign = symbols[:12] + "*" + symbols[13:]
    found.append(Vector("one sign that no key has", "C-6.3", {"text": sign}, code("key_mistyped", group=3, position=3)))
    return [*found, *_foreign()]


def _foreign() -> list[Vector]:
    foreign = make_key(KeyKind.MAK, 4242, publisher=OTHER_PUBLISHER, random=random_part("foreign"))
    later = ProductKey(KeyKind.MAK, 4242, publisher_tag(PUBLISHER), random_part("later"), version=2)
    other = code("key_of_other_publisher")
    return [
        Vector("a key of another publisher", "C-6.4", {"text": foreign.text}, other),
        Vector("a key of a later version", "C-6.4", {"text": later.text}, other),
    ]


def _proofs() -> tuple[Vector, ...]:
    found = []
    for publisher in (PUBLISHER, OTHER_PUBLISHER):
        out = derive(MAK, publisher)
        said_key = {"key": MAK.text, "publisher": publisher, "tag_of": PUBLISHER}
        outcome = value({"keyid": out.keyid, "proof_key": out.proof_key.hex()})
        found.append(Vector(f"derived for {publisher}", "C-7.1", said_key, outcome))
    derived = derive(MAK, PUBLISHER)
    context = {
        "jkt": b64(drawn("jkt")),
        "aud": PUBLISHER,
        "op": "activate",
        "rid": b64(drawn("rid", 16)),
        "dev": "0123456789ABCDE",
        "product": "editor-1",
    }
    proof = make_proof(derived.proof_key, ProofContext(**context))
    given: dict[str, Any] = {"proof_key": derived.proof_key.hex(), **context}
    found.append(Vector("a proof", "C-7.2", given, value(proof)))
    host = {**context, "op": "host", "product": ""}
    host_proof = make_proof(derived.proof_key, ProofContext(**host))
    found.append(Vector("a host's proof", "C-7.2", {**given, **host}, value(host_proof)))
    for name in ("jkt", "aud", "op", "rid", "dev", "product"):
        changed = {**given, name: context[name] + "X", "proof": proof}
        found.append(Vector(f"a proof for another {name}", "C-7.2", changed, value(False)))
    found.append(Vector("a proof that holds", "C-7.2", {**given, "proof": proof}, value(True)))
    return tuple(found)


def _identity() -> tuple[Vector, ...]:
    components = {"platform_uuid": "4c4c4544-0042", "board": "Größe=1", "machine_id": "b08dfa60"}
    hashed = identity.hash_components(components, PUBLISHER)
    outcome = {"vector": hashed, "dev": identity.device_id(hashed, PUBLISHER), "mv": identity.vector_mark(hashed)}
    alone = identity.hash_components({"id": "computer-7"}, PUBLISHER)
    its = {"vector": alone, "dev": identity.device_id(alone, PUBLISHER), "mv": identity.vector_mark(alone)}
    cases: list[tuple[str, Any, Any]] = [
        ("three components", components, value(outcome)),
        ("the order of the components does not matter", dict(reversed(list(components.items()))), value(outcome)),
        ("one component", {"id": "computer-7"}, value(its)),
        ("a name with an equals sign", {"a=b": "c"}, MALFORMED),
        ("a name with a line feed", {"a\nb": "c"}, MALFORMED),
        ("a name of nothing", {"": "c"}, MALFORMED),
    ]
    return tuple(Vector(name, "C-9", {"components": given}, out) for name, given, out in cases)


FILES = (
    File("product-keys", "A typed key, for the publisher.", _product_keys(), {"publisher": PUBLISHER}),
    File("proofs", "Key to keyid and proof key; proof key and request to proof, or whether a proof holds.", _proofs()),
    File("identity", "Components to their hashes, dev and mv.", _identity(), {"publisher": PUBLISHER}),
)
