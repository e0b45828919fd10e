"""What names this computer: a declaration, the machine id, or a random id kept in the home (spec D-3).

Until hardware probes exist, the vector of a computer must be met whole; `matches` is where tolerance comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from volact.client import files
from volact.client.records import UNDRAWN, Identity
from volact.credential import identity as names
from volact.credential.encoding import unb64
from volact.errors import Damaged, Malformed, Refusal, Refused, VolactError

_LIMIT = 64 * 1024
MACHINE_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


class Declaration(msgspec.Struct, frozen=True):
    """A declared identity: an id, whether the computer is virtual, and components under free names."""

    id: str
    virtual: bool = False
    components: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Machine:
    """This computer as it is now: its hashed components, the `dev` of them, and whether it says that it is virtual."""

    vector: Mapping[str, str]
    dev: str
    virtual: bool = False


def read_identity(kept: Identity) -> bytes:
    """The bytes that say who this computer is now; empty where nobody says it. Read at each check."""
    if kept.random is not None:
        return b""
    paths = (Path(kept.path),) if kept.path is not None else MACHINE_ID_FILES
    for path in paths:
        try:
            data = files.read_raw(path)
        except Damaged:
            data = None
        if data:
            return data
    return b""


@lru_cache(maxsize=64)
def recognize(kept: Identity, data: bytes, *, publisher: str) -> Machine | None:
    """The computer behind those bytes, None where they do not say who it is."""
    if kept.random is not None:
        return None if kept.random == UNDRAWN else _random_machine(kept.random)
    if kept.path is not None:
        try:
            return _declared(read_declaration(data), publisher)
        except VolactError:
            return None
    text = data.decode("ascii", "replace").strip()
    return _machine({"machine-id": text}, publisher) if text else None


def read_declaration(data: bytes) -> Declaration:
    """Reads an identity file; raises Malformed."""
    try:
        found = msgspec.json.decode(data[:_LIMIT], type=Declaration)
    except msgspec.DecodeError as err:
        raise Malformed(f"not an identity file: {err}") from err
    if not found.id:
        raise Malformed("an identity file has an id that is not empty")
    return found


def this_machine(kept: Identity, publisher: str) -> Machine:
    """This computer as it is now; refuses with `hardware_changed` where nothing says who it is."""
    found = recognize(kept, read_identity(kept), publisher=publisher)
    if found is None:
        where = kept.path or "the machine id"
        raise Refused(Refusal("hardware_changed", f"{where} does not say who this computer is"))
    return found


def matches(vector: Mapping[str, str], machine: Machine | None) -> bool:
    """Whether this computer is the one that the vector was taken from."""
    return machine is not None and dict(vector) == dict(machine.vector)


def names_vector(vector: Mapping[str, str], publisher: str, *, dev: str, mark: str) -> bool:
    """Whether a credential with that `dev` and `mv` was given for that vector."""
    return names.vector_mark(vector) == mark or names.device_id(_stable(vector), publisher) == dev


def _declared(said: Declaration, publisher: str) -> Machine:
    components = {"declared": said.id} | {f"declared.{name}": value for name, value in said.components.items()}
    return _machine(components, publisher, virtual=said.virtual)


def _machine(components: Mapping[str, str], publisher: str, *, virtual: bool = False) -> Machine:
    vector = names.hash_components(components, publisher)
    return Machine(vector, names.device_id(_stable(vector), publisher), virtual)


def _random_machine(random: str) -> Machine:
    vector = {"random": random}
    return Machine(vector, names.random_device_id(unb64(random)))


def _stable(vector: Mapping[str, str]) -> dict[str, str]:
    """The components that `dev` is made of: what was declared as the id, or the machine id."""
    return {name: value for name, value in vector.items() if name in ("declared", "machine-id")}
