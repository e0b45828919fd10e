"""Installing keys: what fits is kept as its proof key and its first group, what does not stores nothing (spec D-4)."""

from __future__ import annotations

from volact.client.computer import Computer
from volact.client.installation import drop_unused_proof
from volact.client.records import Installation, InstalledKey
from volact.client.requests import check_same_computer
from volact.credential.productkey import KeyKind, ProductKey, read_key
from volact.credential.proof import derive
from volact.errors import Refusal, Refused
from volact.licensing.catalog import Catalog
from volact.licensing.keys import check_install, products_for
from volact.protocol.trust import Trust

GENERIC = "generic"


def install_key(computer: Computer, text: str, *, product: str | None = None) -> tuple[str, ...]:
    """Installs a typed key, or `generic`, and gives the products it was installed for; a refusal stores nothing."""
    with computer.home.lock():
        trust = computer.home.trust()
        key = None if text.strip().lower() == GENERIC else _read(text, trust.publisher)
        check_same_computer(computer, trust.publisher)
        chosen = _products_for_key(computer, trust.catalog, key=key, product=product)
        for each in chosen:
            _check_key(computer, trust.catalog, key=key, product=each)
        for each in chosen:
            _store(computer, trust, key=key, product=each)
        return chosen


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
        return tuple(each for each in products if _channel(computer, each) == "volume") or products
    fitting = products_for(catalog, key.kind.word, number=key.group)
    return tuple(each for each in products if each in fitting) or products[:1]


def _check_key(computer: Computer, catalog: Catalog, *, key: ProductKey | None, product: str) -> None:
    kind, number = (GENERIC, None) if key is None else (key.kind.word, key.group)
    refusal = check_install(catalog, kind, number=number, product=product, channel=_channel(computer, product))
    if refusal is not None:
        raise Refused(refusal)


def _store(computer: Computer, trust: Trust, *, key: ProductKey | None, product: str) -> None:
    folder = computer.home.product(product)
    before = folder.load_whole(InstalledKey)
    at = computer.now(trust)
    if key is None or key.kind is KeyKind.GENERIC:
        folder.save(InstalledKey(kind=GENERIC, installed_at=at))
    else:
        derived = derive(key, trust.publisher)
        computer.vault.keep_proof(derived.keyid, derived.proof_key)
        kept = InstalledKey(
            kind=key.kind.word,
            installed_at=at,
            keyid=derived.keyid,
            group=key.group,
            first_group=key.first_group,
        )
        folder.save(kept)
    drop_unused_proof(computer, before)


def _channel(computer: Computer, product: str) -> str:
    installed = computer.home.product(product).load(Installation)
    return installed.channel if installed else "volume"
