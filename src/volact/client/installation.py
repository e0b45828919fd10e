"""What an administrator does to a home: init, remove, install a key, set a host, generalize (spec D-4)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from volact.client import machine
from volact.client.computer import Computer
from volact.client.home import Folder
from volact.client.records import (
    FILES,
    Channel,
    Device,
    Host,
    Identity,
    Installation,
    InstalledKey,
    Publisher,
)
from volact.client.requests import check_declared, check_same_computer
from volact.credential.encoding import b64
from volact.credential.productkey import KeyKind, ProductKey, read_key
from volact.credential.proof import derive
from volact.credential.publisher import Pin, PublisherFile, read_publisher_file
from volact.credential.root import parse_root
from volact.errors import Damaged, Malformed, Refusal, Refused, Untrusted, VolactError
from volact.licensing.catalog import Catalog
from volact.licensing.keys import check_install, products_for
from volact.protocol.trust import Trust

GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Setup:
    """How a product was installed on this computer."""

    product: str
    publisher_file: bytes
    pin: str | None = None
    channel: Channel = "volume"
    arch: str | None = None
    virtual: bool = False
    identity: Path | None = None


def init(computer: Computer, setup: Setup) -> Refusal | None:
    """Sets a product up; gives a warning where the home was made on another computer. A refusal changes nothing.

    Raises Untrusted (`root_untrusted`) for a publisher file that the recorded pin, or the given one, does not reach.
    """
    home = computer.home
    home.make()
    with home.lock():
        file, pin, trust = _believe(computer, setup)
        if setup.product not in trust.catalog.products:
            raise _unknown(setup.product)
        identity = _identity(computer, setup)
        check_declared(trust.catalog.policy, identity)
        known = home.load_whole(Publisher)
        service = file.service or (known.service if known else None)
        home.save(Publisher(pin=pin.text, publisher=trust.publisher, service=service))
        home.keep_trust(trust)
        home.save(identity)
        home.product(setup.product).save(_installation(computer, setup, now=computer.now(trust)))
        try:
            check_same_computer(computer, trust.publisher)
        except Refused as err:
            return err.refusal
        except Damaged:
            return None
        return None


def remove(computer: Computer, product: str) -> None:
    """Forgets a product, its key and its license."""
    with computer.home.lock():
        folder = _installed(computer, product)
        key = folder.load_whole(InstalledKey)
        computer.home.forget(product)
        _drop_unused_proof(computer, key)


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


def set_host(computer: Computer, url: str) -> str:
    """Remembers the activation host, and gives its URL as it is kept."""
    with computer.home.lock():
        computer.home.publisher()
        found = Host(url=normal_url(url))
        computer.home.save(found)
        return found.url


def clear_host(computer: Computer) -> None:
    """Forgets the activation host."""
    with computer.home.lock():
        computer.home.publisher()
        computer.home.drop(Host)


def generalize(computer: Computer) -> None:
    """Makes the home ready to be copied: keeps the products, forgets who this computer is and what it was given."""
    home = computer.home
    with home.lock():
        home.publisher()
        identity = home.load_whole(Identity)
        computer.vault.clear()
        home.drop(Device)
        kept = {Installation, InstalledKey}
        for product in home.products():
            folder = home.product(product)
            key = folder.load_whole(InstalledKey)
            folder.drop(*(kind for kind in FILES if kind not in kept))
            if key is not None and key.kind != GENERIC:
                folder.drop(InstalledKey)  # its proof key is gone, so each copy is given its key anew
        if identity is not None and identity.random is not None:
            home.save(Identity(random=b64(computer.random(16))))


def normal_url(url: str) -> str:
    """A URL without its last slash; refuses with `usage` what is no http or https address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(Refusal("usage", f'"{url}" is no http or https address'))
    return url.rstrip("/")


def _believe(computer: Computer, setup: Setup) -> tuple[PublisherFile, Pin, Trust]:
    known = computer.home.load_whole(Publisher)
    recorded = Pin.parse(known.pin) if known else None
    try:
        file = read_publisher_file(setup.publisher_file)
        pin = Pin.parse(setup.pin) if setup.pin else recorded or _pin_of(file)
        if recorded and recorded.hash != pin.hash:
            raise Untrusted("the pin is another one than this home has recorded", code="root_untrusted")
        fresh = Trust.load(pin, file)
        if not setup.pin and not recorded:
            pin = Pin(pin.hash, fresh.versions.root, fresh.versions.catalog, fresh.versions.revocations)
    except Malformed as err:
        raise Untrusted(f"not a publisher file: {err.detail}", code="root_untrusted") from err
    try:
        return file, pin, _newest(computer.home.trust(), fresh)
    except (Damaged, Refused):
        return file, pin, fresh  # nothing whole is kept yet


def _pin_of(file: PublisherFile) -> Pin:
    """The pin of a file that is taken on trust, because nobody gave one: the first use decides."""
    if not file.roots:
        raise Malformed("it holds no root")
    return Pin(parse_root(file.roots[0].encode()).hash)


def _newest(kept: Trust, fresh: Trust) -> Trust:
    """What is kept, with whatever is newer in a publisher file of the same chain; raises Untrusted."""
    for signed in fresh.roots:
        kept = kept.with_root(signed.data)
    with suppress(Untrusted):  # where the one that is kept is newer
        kept = kept.with_catalog(fresh.catalog_text)
    with suppress(Untrusted):
        kept = kept.with_revocations(fresh.revocations_text)
    return kept


def _identity(computer: Computer, setup: Setup) -> Identity:
    """Who this computer says it is: what was given now, else what was kept, else the machine id, else a random id."""
    if setup.identity is not None:
        path = setup.identity.absolute()
        try:
            machine.read_declaration(path.read_bytes())
        except OSError as err:
            raise Refused(Refusal("usage", f"{path} cannot be read: {err.strerror}")) from err
        return Identity(path=str(path))
    kept = computer.home.load(Identity)
    if kept is not None:
        return kept
    if machine.read_identity(Identity()):
        return Identity()
    return Identity(random=b64(computer.random(16)))


def _installation(computer: Computer, setup: Setup, *, now: int) -> Installation:
    """A product that was installed before keeps the time of its installation: its grace is not given twice."""
    before = computer.home.product(setup.product).load_whole(Installation)
    at = before.installed_at if before else now
    return Installation(channel=setup.channel, installed_at=at, arch=setup.arch, virtual=setup.virtual)


def _installed(computer: Computer, product: str) -> Folder:
    computer.home.publisher()
    if product not in computer.home.products():
        raise Refused(Refusal("home_missing", f"{product} is not installed in this home", {"product": product}))
    return computer.home.product(product)


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
        _installed(computer, product)
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
    _drop_unused_proof(computer, before)


def _drop_unused_proof(computer: Computer, key: InstalledKey | None) -> None:
    """Deletes the proof key of a key that no product has any more."""
    home = computer.home
    in_use = {kept.keyid for each in home.products() if (kept := home.product(each).load_whole(InstalledKey))}
    if key is not None and key.keyid not in in_use:
        try:
            computer.vault.drop_proof(key.keyid)
        except VolactError:
            return  # a damaged file of proofs is made anew by the next key


def _channel(computer: Computer, product: str) -> str:
    installed = computer.home.product(product).load(Installation)
    return installed.channel if installed else "volume"


def _unknown(product: str) -> Refused:
    return Refused(Refusal("unknown_product", f'the catalog has no product "{product}"', {"product": product}))
