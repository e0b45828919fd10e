"""What an administrator does to a home: init, remove, set a host, generalize (spec D-4)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from volact.client import machine
from volact.client.computer import Computer
from volact.client.logwatch import forget_fork
from volact.client.records import (
    FILES,
    UNDRAWN,
    Channel,
    Device,
    Host,
    Identity,
    Installation,
    InstalledKey,
    Publisher,
    SetupHeld,
)
from volact.client.requests import check_declared, check_same_computer
from volact.credential.encoding import b64
from volact.credential.publisher import Pin, PublisherFile, read_publisher_file
from volact.credential.root import parse_root
from volact.errors import Damaged, Malformed, Refusal, Refused, Untrusted, VolactError
from volact.licensing.catalog import UNCOUNTED
from volact.licensing.keys import unknown_product
from volact.protocol.trust import Trust


@dataclass(frozen=True, slots=True)
class Setup:
    """How a product was installed on this computer; None is what it was, at first the volume channel."""

    product: str
    publisher_file: bytes
    pin: str | None = None
    channel: Channel | None = None
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
            raise Refused(unknown_product(setup.product))
        identity = _identity(computer, setup)
        check_declared(trust.catalog.policy, identity)
        _check_texts(setup.arch, identity.path)
        known = home.load_whole(Publisher)
        service = file.service or (known.service if known else None)
        forget_fork(computer)
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
        folder = computer.home.installed(product)
        key = folder.load_whole(InstalledKey)
        computer.home.forget(product)
        drop_unused_proof(computer, key)


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
    """Makes the home ready to be copied: keeps the products, forgets who this computer is and what it was given.

    What a grant opened stays, since nothing binds it to a computer.
    """
    home = computer.home
    with home.lock():
        home.publisher()
        identity = home.load_whole(Identity)
        computer.vault.clear()
        home.drop(Device)
        kept = {Installation, InstalledKey, SetupHeld}
        for product in home.products():
            folder = home.product(product)
            key = folder.load_whole(InstalledKey)
            folder.drop(*(kind for kind in FILES if kind not in kept))
            if key is not None and key.kind not in ("generic", *UNCOUNTED):
                folder.drop(InstalledKey)  # its proof key is gone, so each copy is given its key anew
        if identity is not None and identity.random is not None:
            home.save(Identity(random=UNDRAWN))  # each copy draws its own: with one id all would count as one


def normal_url(url: str) -> str:
    """A URL without its last slash; refuses with `usage` what is no http or https address."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        whole = whole and url.isprintable()  # nor what cannot be written as text
    except ValueError:  # an open bracket, or a port that is none
        whole = False
    if not whole:
        raise Refused(Refusal("usage", f'"{url}" is no http or https address'))
    if "@" in parts.netloc:
        raise Refused(Refusal("usage", "an address holds no user and password: it is shown and kept"))
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
        return file, pin, computer.home.trust().with_newer(fresh)
    except (Damaged, Refused):
        return file, pin, computer.home.with_whole(fresh)


def _pin_of(file: PublisherFile) -> Pin:
    """The pin of a file that is taken on trust, because nobody gave one: the first use decides."""
    if not file.roots:
        raise Malformed("it holds no root")
    return Pin(parse_root(file.roots[0].encode()).hash)


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


def _check_texts(*texts: str | None) -> None:
    """Refuses with `usage`, before anything is written, what a file cannot hold as text."""
    try:
        "".join(text or "" for text in texts).encode()
    except UnicodeEncodeError as err:
        raise Refused(Refusal("usage", "something that was given is not text in UTF-8")) from err


def _installation(computer: Computer, setup: Setup, *, now: int) -> Installation:
    """A product that was installed before keeps the time of its installation: its grace is not given twice."""
    before = computer.home.product(setup.product).load_whole(Installation)
    before = before or Installation(channel="volume", installed_at=now)
    return Installation(
        channel=setup.channel or before.channel,
        installed_at=before.installed_at,
        arch=setup.arch or before.arch,
        virtual=setup.virtual,
    )


def drop_unused_proof(computer: Computer, key: InstalledKey | None) -> None:
    """Deletes the proof key of a key that no product has any more."""
    home = computer.home
    in_use = {kept.keyid for each in home.products() if (kept := home.product(each).load_whole(InstalledKey))}
    if key is not None and key.keyid not in in_use:
        try:
            computer.vault.drop_proof(key.keyid)
        except VolactError:
            return  # a damaged file of proofs is made anew by the next key
