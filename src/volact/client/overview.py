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


@dataclass(frozen=True, slots=True)
class View:
    """One product: its status, what is known behind it, the installed key, and what was tried."""

    name: str
    status: Status
    known: Known
    key: InstalledKey | None
    tried: Tried
    host: str | None


def overlook(computer: Computer, product: str) -> View:
    """Looks at one product under the recorded pin; only reads."""
    home = computer.home
    snapshot, folder = take(home, product), home.product(product)
    host = home.load_whole(Host)
    return View(
        _name(computer, product),
        judge(snapshot, product, pin=None, now=computer.clock()),
        know(snapshot, product, pin=None, now=computer.clock()),
        folder.load_whole(InstalledKey),
        folder.load_whole(Tried) or Tried(),
        host.url if host else None,
    )


def status(computer: Computer) -> tuple[View, ...]:
    """Looks at every product; notices changed hardware where this user may write the home."""
    with suppress(VolactError), computer.home.lock():
        notice(computer)
    return tuple(overlook(computer, product) for product in computer.home.products())


def _name(computer: Computer, product: str) -> str:
    """The product's name for people, its id where the catalog cannot be read."""
    try:
        sold = computer.home.trust().catalog.products.get(product)
    except VolactError:
        return product
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
