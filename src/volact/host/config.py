"""Where a host lies on disk, and where it answers unless it is told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
