"""Activating by telephone: an installation ID out, a confirmation ID in (spec D-11).

A confirmation is kept with its installation ID, and is as good again on the same computer after it was set up anew.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass

import msgspec

from volact.client.computer import Computer
from volact.client.machine import Machine
from volact.client.records import (
    ConfirmationHeld,
    Device,
    Identity,
    Installation,
    InstalledKey,
    LeaseHeld,
    Noticed,
    Tried,
)
from volact.client.requests import check_declared, check_same_computer
from volact.credential.telephone.confirmation import Role, Subject, read_confirmation_id
from volact.credential.telephone.installation import InstallationId, make_installation_id, read_installation_id
from volact.errors import Refusal, Refused
from volact.licensing.keys import check_install
from volact.protocol.callsheets import CalledCenter, CallSheet, telephone_keys
from volact.protocol.trust import Trust

MAK = "mak"
_FIRST = "installation ID: "
_NOT_BY_TELEPHONE = frozenset({"identity_not_allowed", "key_wrong_kind", "no_key"})


@dataclass(frozen=True, slots=True)
class ToReadOut:
    """What a person tells the center: the installation ID, for which products, and which center to call."""

    products: tuple[str, ...]
    installation: InstallationId
    center: dict[str, object] | None


def installation_id(computer: Computer, product: str | None = None, *, country: str | None = None) -> ToReadOut:
    """The installation ID of the installed multiple activation key on this computer; the same every time.

    The center is that of `country`, else the one that a refusal named last, else the catalog's first. Refuses with
    `no_key`, `key_wrong_kind`, `hardware_changed`, and with `identity_not_allowed` what nothing names for good.
    """
    with computer.home.lock():
        trust = computer.home.trust()
        machine = _machine(computer, trust)
        key = _key(computer, product)
        made = _installation(computer, key, dev=_dev(computer, machine))
        products = _products_of(computer, key)
        return ToReadOut(products, made, _center(computer, trust, products=products, country=country))


def confirm(computer: Computer, text: str, *, product: str | None = None) -> tuple[str, ...]:
    """Believes a confirmation ID, and gives the products that it licenses; a refusal stores nothing.

    `text` is the confirmation ID in either form, or what `kept_text` gave, then also in a fresh home with no key.
    Refuses with `confirmation_mistyped`, `installation_id_mistyped`, `confirmation_invalid`, `key_blocked`.
    """
    with computer.home.lock():
        trust = computer.home.trust()
        machine = _machine(computer, trust)
        kept, typed = read_ids(text)
        _check_typed(typed)
        own_dev = _dev(computer, machine)
        if kept is None:
            key = _key(computer, product)
            kept, products = _installation(computer, key, dev=own_dev), _products_of(computer, key)
        else:
            products = computer.home.products() if product is None else (product,)
        if kept.dev != own_dev:
            raise Refused(Refusal("confirmation_invalid", "the installation ID is that of another computer"))
        return _believe(computer, trust, said=_Said(kept, typed, dict(machine.vector)), products=products)


def call_sheet(computer: Computer, product: str) -> CallSheet | None:
    """What somebody needs who calls for this computer; None where it is not activated by telephone.

    Refuses with `hardware_changed`.
    """
    try:
        told = installation_id(computer, product)
    except Refused as err:
        if err.code in _NOT_BY_TELEPHONE:
            return None
        raise
    trust = computer.home.trust()
    keys, sold = telephone_keys(trust.root), trust.catalog.products.get(product)
    if not keys or sold is None:
        return None
    return CallSheet(
        publisher=trust.publisher,
        product=product,
        group=trust.catalog.product_groups[sold.group].number,
        installation=told.installation.qr,
        keys=keys,
        center=_called(told.center),
    )


def _called(center: dict[str, object] | None) -> CalledCenter | None:
    """A center as a call sheet has it; None of what no catalog has, for refusals name centers too."""
    try:
        return msgspec.convert(center, CalledCenter | None)
    except msgspec.ValidationError:
        return None


def kept_text(computer: Computer, product: str) -> str:
    """Both IDs as text, to be kept outside of the computer; refuses with `no_key` where nothing is confirmed."""
    held = computer.home.installed(product).load(ConfirmationHeld)
    if held is None:
        raise Refused(Refusal("no_key", f"{product} was not confirmed by telephone", {"product": product}))
    return text_of_ids(held.installation, held.confirmation)


def text_of_ids(installation: str, confirmation: str) -> str:
    """Both IDs as a text that is kept, or handed to their computer."""
    return f"{_FIRST}{installation}\nconfirmation ID: {confirmation}\n"


def is_text_of_ids(data: bytes) -> bool:
    """Whether a file that begins so is meant as both IDs, and not as the answer to a request."""
    return data.removeprefix(BOM_UTF8).startswith(_FIRST.encode())


def read_ids(text: str) -> tuple[InstallationId | None, str]:
    """The installation ID and the confirmation ID of such a text, or None and the confirmation ID alone.

    The confirmation ID is as it was typed; refuses with `installation_id_mistyped`.
    """
    lines = [line.rpartition(":")[2] for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if len(lines) != 2 or ":" not in text:
        return None, "\n".join(lines)
    kept = read_installation_id(lines[0])
    if isinstance(kept, Refusal):
        raise Refused(kept)
    return kept, lines[1]


@dataclass(frozen=True, slots=True)
class _Said:
    """A confirmation, what it answers, and the computer on which it was typed."""

    installation: InstallationId
    typed: str
    vector: dict[str, str]


def _believe(computer: Computer, trust: Trust, *, said: _Said, products: tuple[str, ...]) -> tuple[str, ...]:
    """Keeps the confirmation for each product whose group it was signed for."""
    found = {each: _judge(computer, trust, said=said, product=each) for each in products}
    held = {each: result for each, result in found.items() if isinstance(result, ConfirmationHeld)}
    refusals = [result for result in found.values() if isinstance(result, Refusal)]
    if not held:
        nothing = Refusal("home_missing", "no product is installed in this home")
        raise Refused(refusals[0] if refusals else nothing)
    for each, record in held.items():
        folder = computer.home.product(each)
        folder.save(record)
        folder.drop(Noticed, LeaseHeld)
    if not refusals:
        computer.vault.drop_proof(said.installation.keyid)  # the installation ID is kept, and says enough
    return tuple(held)


def _judge(computer: Computer, trust: Trust, *, said: _Said, product: str) -> ConfirmationHeld | Refusal:
    from volact.protocol.confirming import believe_confirmation, confirmation_revoked_at  # needs the extra

    installed, sold = computer.home.installed(product).load(Installation), trust.catalog.products.get(product)
    channel = installed.channel if installed else "volume"
    refused = check_install(trust.catalog, MAK, number=None, product=product, channel=channel)
    if refused is not None or sold is None:
        return refused or Refusal("unknown_product", "the catalog does not have it", {"product": product})
    number = trust.catalog.product_groups[sold.group].number
    subject, now = Subject(Role.COMPUTER, number, trust.publisher, said.installation), computer.now(trust)
    found = believe_confirmation(trust, said.typed, subject=subject, now=now)
    if isinstance(found, Refusal):
        return found
    if trust.lists_key(said.installation.keyid):
        return Refusal("key_blocked", "the publisher has revoked this key", {"product": product})
    if confirmation_revoked_at(trust, found, subject=subject) is not None:
        return Refusal("confirmation_invalid", "the publisher has revoked this confirmation; call again for another")
    return ConfirmationHeld(
        installation=" ".join(said.installation.groups),
        confirmation=" ".join(found.groups),
        vector=said.vector,
        got_at=now,
    )


def _check_typed(typed: str) -> None:
    """Refuses what is mistyped before anything else is looked at."""
    read = read_confirmation_id(typed)
    if isinstance(read, Refusal):
        raise Refused(read)


def _machine(computer: Computer, trust: Trust) -> Machine:
    """This computer, if something names it for good; a random id of the home would not outlive the home."""
    identity = computer.home.load(Identity) or Identity()
    check_declared(trust.catalog.policy, identity, method=MAK)
    if identity.random is not None:
        detail = "nothing names this computer for good, so it cannot be activated by telephone"
        raise Refused(Refusal("identity_not_allowed", detail))
    return check_same_computer(computer, trust.publisher)


def _dev(computer: Computer, machine: Machine) -> str:
    device = computer.home.load(Device)
    return machine.dev if device is None else device.dev


def _key(computer: Computer, product: str | None) -> InstalledKey:
    """The multiple activation key that is installed, for the product if one is named."""
    home = computer.home
    names = home.products() if product is None else (product,)
    keys = [key for each in names if (key := home.installed(each).load_whole(InstalledKey)) and key.keyid]
    fitting = {key.keyid: key for key in keys if key.kind == MAK}
    if len(fitting) > 1:
        raise Refused(Refusal("usage", "several keys are installed: name the product with --product"))
    if not fitting and keys:
        detail = (
            f"the key that is installed is of kind {keys[0].kind}: a multiple activation key alone goes by telephone"
        )
        raise Refused(Refusal("key_wrong_kind", detail, {"kind": keys[0].kind}))
    if not fitting:
        raise Refused(Refusal("no_key", "no multiple activation key is installed"))
    return next(iter(fitting.values()))


def _products_of(computer: Computer, key: InstalledKey) -> tuple[str, ...]:
    home = computer.home
    kept = {each: home.product(each).load_whole(InstalledKey) for each in home.products()}
    return tuple(each for each, its in kept.items() if its is not None and its.keyid == key.keyid)


def _installation(computer: Computer, key: InstalledKey, *, dev: str) -> InstallationId:
    """Of the key's proof key, or once that is used up, the one that was confirmed."""
    keyid = key.keyid or ""
    proof_key = computer.vault.proof(keyid)
    if proof_key is not None:
        return make_installation_id(proof_key, keyid=keyid, dev=dev)
    for each in _products_of(computer, key):
        held = computer.home.product(each).load_whole(ConfirmationHeld)
        kept = read_installation_id(held.installation) if held else None
        if isinstance(kept, InstallationId) and (kept.keyid, kept.dev) == (keyid, dev):
            return kept
    raise Refused(Refusal("no_key", "the key was used up online; install it again to activate by telephone"))


def _center(
    computer: Computer, trust: Trust, *, products: tuple[str, ...], country: str | None
) -> dict[str, object] | None:
    tried = [computer.home.product(each).load_whole(Tried) or Tried() for each in products]
    told = [attempt.fields.get("center") for each in tried for attempt in each.attempts]
    named = next((center for center in told if isinstance(center, dict)), None)
    if country is None and named is not None:
        return named
    found = trust.catalog.center_for(country)
    return found.as_fields if found else None
