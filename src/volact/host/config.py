"""Where a host lies on disk, and with what it is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volact.serving.run import Tls

DEFAULT_BIND = "0.0.0.0:8471"


@dataclass(frozen=True, slots=True)
class Place:
    """The files of a host: one database, one folder of device keys."""

    folder: Path

    @property
    def database(self) -> Path:
        """The database."""
        return self.folder / "host.db"

    @property
    def keys(self) -> Path:
        """The device keys."""
        return self.folder / "device"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a host answers: address, who may ask beside private addresses, TLS."""

    bind: str = DEFAULT_BIND
    allow: tuple[str, ...] = ()
    tls: Tls | None = None
