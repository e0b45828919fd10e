"""The service's folder: what lies where, and what is kept apart from what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folder:
    """The places in one service's folder; a backup of the ledger holds neither vault nor seal."""

    path: Path

    @property
    def ledger(self) -> Path:
        """The database: everything on record, no private key in it."""
        return self.path / "ledger.db"

    @property
    def database(self) -> Path:
        """Where the ledger lies in a PostgreSQL database instead: that database's URL, without a password."""
        return self.path / "database"

    @property
    def accounts(self) -> Path:
        """What proves who a member of the pages is, where the ledger is a file: passwords' hashes, sessions."""
        return self.path / "accounts.db"

    @property
    def vault(self) -> Path:
        """The sealed signing keys."""
        return self.path / "vault"

    @property
    def seal(self) -> Path:
        """The key that seals the vault, readable by the service's user only."""
        return self.path / "seal.key"

    @property
    def sounds(self) -> Path:
        """What the telephone menu says, rendered; it comes again where it is deleted."""
        return self.path / "sounds"

    @property
    def root_keys(self) -> Path:
        """Where `init` exports the root keys when it is told no other place; they do not belong here for long."""
        return self.path / "root-keys"
