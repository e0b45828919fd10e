"""Who this host is: the machine id, a declared identity where the catalog allows one, else a random id."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from volact.client import files
from volact.client.machine import Machine, read_declaration, read_identity, recognize
from volact.client.records import Identity
from volact.credential.encoding import b64
from volact.errors import Malformed, Refusal, Refused
from volact.host.ports import Random
from volact.host.records import Settings
from volact.licensing.catalog import Catalog

_SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}


@dataclass(frozen=True, slots=True)
class Known:
    """How the host is told from others, and the machine behind it."""

    identity: Identity
    machine: Machine


def identify(catalog: Catalog, publisher: str, *, declared: Path | None, random: Random) -> Known:
    """Who this machine is; raises Refused `identity_not_allowed`, `usage`, and Malformed.

    A declared host identity is for tests and demonstrations: whoever declares freely could set up hosts without end.
    """
    if declared is not None:
        return _declared(catalog, publisher, declared=declared)
    identity = Identity()
    machine = recognize(identity, read_identity(identity), publisher=publisher)
    if machine is None:
        identity = Identity(random=b64(random(10)))
        machine = recognize(identity, b"", publisher=publisher)
    assert machine is not None  # a random id always says who it is
    return Known(identity, machine)


def check_machine(settings: Settings) -> Refusal | None:
    """Refuses (`hardware_changed`) where this is another machine than the one that the host was made on."""
    now = recognize(settings.identity, read_identity(settings.identity), publisher=settings.publisher)
    if now is not None and now.dev == settings.dev:
        return None
    where = settings.identity.path or "the machine id"
    detail = f"{where} says that this is another machine than the one that this host was activated on"
    return Refusal("hardware_changed", detail)


def choose_platform(catalog: Catalog, asked: str | None, *, system: str = sys.platform) -> str:
    """The id of the host platform: what was asked for, else this system, else the catalog's default.

    Raises Refused `host_platform_unsupported`, which lists the platforms.
    """
    for platform in (asked,) if asked is not None else (_SYSTEMS.get(system), catalog.policy.default_host_platform):
        if platform in catalog.host_platforms:
            return str(platform)
    platforms = list(catalog.host_platforms)
    what = f'has no host platform "{asked}"' if asked else "does not say which host platform this system is"
    detail = f"the catalog {what}; name one with --platform: {', '.join(platforms) or 'there are none'}"
    raise Refused(Refusal("host_platform_unsupported", detail, {"platform": asked, "platforms": platforms}))


def _declared(catalog: Catalog, publisher: str, *, declared: Path) -> Known:
    if catalog.policy.declared != "all":
        raise Refused(
            Refusal("identity_not_allowed", "the publisher's catalog does not let hosts declare who they are")
        )
    identity = Identity(path=str(declared.absolute()))
    data = files.read_raw(declared)
    if data is None:
        raise Refused(Refusal("usage", f"there is no identity file {declared}"))
    read_declaration(data)
    machine = recognize(identity, data, publisher=publisher)
    if machine is None:
        raise Malformed(f"{declared} does not say who this machine is")
    return Known(identity, machine)
