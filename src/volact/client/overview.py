"""What `status` shows: the verdict on each product with what stands behind it; and noticing changed hardware."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from volact.client.computer import Computer
from volact.client.records import Host, InstalledKey, Noticed, Tried
from volact.client.snapshot import take
from volact.client.status import Status
from volact.client.verdict import Known, judge, know
from volact.errors import VolactError
from volact.protocol.trust import Trust


@dataclass(frozen=True, slots=True)
class View:
    """One product: its status, what is known behind it, the installed key, and what was tried.

    `is_listed` says that the revocation list has the key that licensed it.
    """

    name: str
    status: Status
    known: Known
    key: InstalledKey | None
    tried: Tried
    host: str | None
    is_listed: bool


def overlook(computer: Computer, product: str) -> View:
    """Looks at one product under the recorded pin; only reads."""
    home = computer.home
    snapshot, folder = take(home, product), home.product(product)
    host, trust = home.load_whole(Host), _trust(computer)
    known = know(snapshot, product, pin=None, now=computer.clock())
    return View(
        _name(trust, product),
        judge(snapshot, product, pin=None, now=computer.clock()),
        known,
        folder.load_whole(InstalledKey),
        folder.load_whole(Tried) or Tried(),
        host.url if host else None,
        known.credential is not None and trust is not None and trust.lists_key(known.credential.source),
    )


def status(computer: Computer) -> tuple[View, ...]:
    """Looks at every product; notices changed hardware where this user may write the home."""
    with suppress(VolactError), computer.home.lock():
        notice(computer)
    return tuple(overlook(computer, product) for product in computer.home.products())


def _trust(computer: Computer) -> Trust | None:
    try:
        return computer.home.trust()
    except VolactError:
        return None


def _name(trust: Trust | None, product: str) -> str:
    """The product's name for people, its id where the catalog cannot be read."""
    sold = trust.catalog.products.get(product) if trust else None
    return sold.name if sold else product


def notice(computer: Computer) -> None:
    """Keeps since when a license lies on a machine that it was not given for; under the home's lock."""
    for product in computer.home.products():
        folder, now = computer.home.product(product), computer.clock()
        known = know(take(computer.home, product), product, pin=None, now=now)
        away = known.credential is not None and not known.credential.here
        noticed = folder.load_whole(Noticed)
        if away and noticed is None:
            folder.save(Noticed(hardware_changed_at=max(now, known.newest_signed)))
        elif noticed is not None and known.credential is not None and not away:
            folder.drop(Noticed)
