"""Installing keys: what fits is kept as its proof key and its first group, what does not stores nothing (spec D-4).

A setup key, and the key of a preinstalled product, is opened here and now by the publisher's signed grant.
"""

from __future__ import annotations

from dataclasses import dataclass

from volact.client.computer import Computer
from volact.client.installation import drop_unused_proof
from volact.client.records import (
    ActivationHeld,
    Installation,
    InstalledKey,
    LeaseHeld,
    Noticed,
    Pending,
    PendingFile,
    SetupHeld,
)
from volact.client.requests import check_same_computer
from volact.credential.claims import SetupGrant
from volact.credential.encoding import b64
from volact.credential.productkey import KeyKind, ProductKey, read_key
from volact.credential.proof import Derived, derive, proof_hash
from volact.errors import Malformed, Refusal, Refused, Untrusted
from volact.licensing.catalog import UNCOUNTED, Catalog
from volact.licensing.keys import check_install, products_for
from volact.protocol.trust import Trust

GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Opener:
    """A believed setup grant, and its text as it is kept."""

    text: str
    said: SetupGrant


def install_key(
    computer: Computer, text: str, *, product: str | None = None, grant: bytes | None = None
) -> tuple[str, ...]:
    """Installs a typed key, or `generic`, and gives the products it was installed for; a refusal stores nothing.

    `grant` is the file that came with a setup key or the key of a preinstalled product, and opens it without a network.
    """
    with computer.home.lock():
        trust = computer.home.trust()
        key = None if text.strip().lower() == GENERIC else _read(text, trust.publisher)
        check_same_computer(computer, trust.publisher)
        opener = _opener(trust, key, grant=grant)
        named = opener.said.product if opener and product is None else product
        chosen = _products_for_key(computer, trust.catalog, key=key, product=named)
        for each in chosen:
            _check_key(computer, trust.catalog, key=key, product=each)
            _check_opener(trust, key, opener=opener, product=each)
        for each in chosen:
            _store(computer, trust, key=key, opener=opener, product=each)
        return chosen


def _opener(trust: Trust, key: ProductKey | None, *, grant: bytes | None) -> Opener | None:
    """The believed grant for the key's kind and product group; raises Untrusted, or refuses another one."""
    if grant is None:
        return None
    if key is None or key.kind.word not in UNCOUNTED:
        raise Refused(Refusal("usage", "a grant opens a setup key or the key of a preinstalled product, and no other"))
    try:
        text = grant.strip().decode("ascii")
        said = trust.grant(text)
    except (UnicodeDecodeError, Malformed) as err:
        raise Untrusted("the file is no grant of the publisher") from err
    fields: dict[str, object] = {"product": said.product}
    if trust.catalog.product_groups[said.group].number != key.group:
        detail = f"the grant is for {trust.catalog.products[said.product].name}, and the key for another product"
        raise Refused(Refusal("key_wrong_product", detail, fields))
    if said.kind != key.kind.word:
        detail = f"the grant opens {said.kind} keys, and this is a key of kind {key.kind.word}"
        raise Refused(Refusal("key_wrong_kind", detail, {"kind": key.kind.word, **fields}))
    return Opener(text, said)


def _check_opener(trust: Trust, key: ProductKey | None, *, opener: Opener | None, product: str) -> None:
    """Whether the grant opens the key for the product; without one such a key is `grant_required`."""
    if key is None or key.kind.word not in UNCOUNTED:
        return
    sold, fields = trust.catalog.products[product], {"product": product}
    if opener is None:
        detail = f"the key for {sold.name} is checked against the grant that came with it: name its file with --grant"
        raise Refused(Refusal("grant_required", detail, fields))
    said, derived = opener.said, derive(key, trust.publisher)
    if said.product != product:
        detail = f"the grant is for {trust.catalog.products[said.product].name}, not for {sold.name}"
        raise Refused(Refusal("key_wrong_product", detail, fields))
    if proof_hash(derived.proof_key) not in said.keys:
        raise Refused(Refusal("key_unknown", "the grant does not list this key: it came with another one", fields))
    _check_revoked(trust, opener, keyid=derived.keyid, product=product)


def _check_revoked(trust: Trust, opener: Opener, *, keyid: str, product: str) -> None:
    if trust.lists_key(keyid):
        raise Refused(Refusal("key_blocked", "the publisher has revoked this key", {"product": product}))
    if trust.grant_revoked_at(opener.text, keyid) is not None:
        raise Untrusted("the grant was signed by a key that the publisher has given up; get a newer grant")


def _read(text: str, publisher: str) -> ProductKey:
    found = read_key(text, publisher)
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


def _products_for_key(
    computer: Computer, catalog: Catalog, *, key: ProductKey | None, product: str | None
) -> tuple[str, ...]:
    """The named product; without a name those whose key it is, or all of them where none fits or any will do."""
    if product is not None:
        computer.home.installed(product)
        return (product,)
    products = computer.home.products()
    if not products:
        raise Refused(Refusal("home_missing", "no product is installed in this home"))
    if key is None:
        fitting = tuple(each for each in products if _refusal(computer, catalog, key=None, product=each) is None)
        return fitting or products
    theirs = products_for(catalog, key.kind.word, number=key.group)
    return tuple(each for each in products if each in theirs) or products[:1]


def _check_key(computer: Computer, catalog: Catalog, *, key: ProductKey | None, product: str) -> None:
    refusal = _refusal(computer, catalog, key=key, product=product)
    if refusal is not None:
        raise Refused(refusal)


def _refusal(computer: Computer, catalog: Catalog, *, key: ProductKey | None, product: str) -> Refusal | None:
    kind, number = (GENERIC, None) if key is None else (key.kind.word, key.group)
    return check_install(catalog, kind, number=number, product=product, channel=_channel(computer, product))


def _store(computer: Computer, trust: Trust, *, key: ProductKey | None, opener: Opener | None, product: str) -> None:
    folder = computer.home.product(product)
    before = folder.load_whole(InstalledKey)
    at = computer.now(trust)
    if key is None or key.kind is KeyKind.GENERIC:
        folder.save(InstalledKey(kind=GENERIC, installed_at=at))
    else:
        derived = derive(key, trust.publisher)
        kept = InstalledKey(
            kind=key.kind.word,
            installed_at=at,
            keyid=derived.keyid,
            group=key.group,
            first_group=key.first_group,
        )
        if opener is None:
            computer.vault.keep_proof(derived.keyid, derived.proof_key)
            folder.save(kept)
        else:
            _open(computer, opener, kept=kept, derived=derived)
    drop_unused_proof(computer, before)


def _open(computer: Computer, opener: Opener, *, kept: InstalledKey, derived: Derived) -> None:
    """Keeps what the grant opened, in the place of what licensed the product before: the newest key decides."""
    folder = computer.home.product(opener.said.product)
    proof = b64(derived.proof_key)
    folder.save(SetupHeld(grant=opener.text, keyid=derived.keyid, proof=proof, got_at=computer.clock()))
    folder.save(kept)
    folder.drop(Noticed, LeaseHeld, ActivationHeld, Pending, PendingFile)


def _channel(computer: Computer, product: str) -> str:
    installed = computer.home.product(product).load(Installation)
    return installed.channel if installed else "volume"
