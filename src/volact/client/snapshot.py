"""The bytes that a verdict about one product rests on, read and nothing else (spec D-7)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volact.client import files, machine
from volact.client.home import Home, decode
from volact.client.records import (
    FILES,
    ActivationHeld,
    CatalogText,
    ConfirmationHeld,
    Device,
    Identity,
    Installation,
    InstalledKey,
    LeaseHeld,
    Noticed,
    Publisher,
    Record,
    RevocationsText,
    Roots,
    SetupHeld,
)
from volact.errors import VolactError

_OF_HOME = (Publisher, Roots, CatalogText, RevocationsText, Identity, Device)
_OF_PRODUCT = (Installation, InstalledKey, LeaseHeld, ActivationHeld, SetupHeld, ConfirmationHeld, Noticed)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The bytes of the files by record (None: no such file), and those that say who this computer is now."""

    home: tuple[tuple[type[Record], bytes | None], ...]
    product: tuple[tuple[type[Record], bytes | None], ...]
    machine: bytes


def take(home: Home, product: str) -> Snapshot:
    """Reads the files of a product; one that cannot be read counts as damaged."""
    of_home = tuple((kind, _read(home.path / FILES[kind])) for kind in _OF_HOME)
    of_product = tuple((kind, _read(home.path / "products" / product / FILES[kind])) for kind in _OF_PRODUCT)
    try:
        data = dict(of_home)[Identity]
        identity = Identity() if data is None else decode(Identity, files.unseal(data, "identity"), name="identity")
        said = machine.read_identity(identity)
    except VolactError:
        said = b""
    return Snapshot(of_home, of_product, said)


def _read(path: Path) -> bytes | None:
    try:
        return files.read_raw(path)
    except VolactError:
        return b""  # whole files are never empty
