"""Backing up a service's ledger and accounts while it runs, and restoring them: the whole file, or nothing of it."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from volact.credential.encoding import b64
from volact.credential.publisher import PublisherFile
from volact.errors import Malformed, Refusal, Refused, Untrusted, VolactError
from volact.service import backupfile
from volact.service.backupfile import Header
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.ledger import audit, copying, keys, members
from volact.service.ledger.connection import Database, connect, reading, writing
from volact.service.ledger.copying import Holdings
from volact.service.ledger.migrating import check_known
from volact.service.opening import as_refusals, database_of, name_database
from volact.service.placing import Kept, Place, make_durable, place_of
from volact.service.ports import Act, Service
from volact.service.signing import current_root
from volact.service.usecases.restoring import Backup, Known, Resumed, adopt_roots, resume, seen
from volact.service.usecases.sequencing import catch_up
from volact.service.usecases.verifying import verify
from volact.service.vault import SealedVault

BACKED_UP = "backed up"
_STAGING = ".restore"


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of so many people, sealed by the vault's envelope."""

    people: int = 0
    sealed: bytes = b""


class Lay(Protocol):
    """Lays accounts of a backup in a staged folder, without those whose member is not known to the record."""

    def __call__(self, folder: Folder, service: Service, *, sealed: bytes, known: Collection[str]) -> None:
        """Raises Damaged for accounts that cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored ledger: its backup, how it goes on, the files or schemas of before, and what needs a word."""

    header: Header
    resumed: Resumed
    root: int
    kept: Kept
    warnings: tuple[Refusal, ...]


def back_up(service: Service, path: Path, *, accounts: Callable[[], Accounts], act: Act) -> Header:
    """Writes one state of the ledger to a new file for its owner alone, and gives what the file holds.

    The accounts are asked for once the ledger is copied: an account is there before its member is on record.
    Raises Refused (`usage`) for a file that exists, StorageFull, Damaged; then nothing of it is left.
    """
    with as_refusals(path), _staged(path) as staged:
        catch_up(service)
        held = copying.copy(service.ledger, staged)
        found = accounts()
        header = backupfile.seal(staged, _header(held, at=act.now), people=found.people, accounts=found.sealed)
        with writing(service.ledger):
            detail = {
                "sha256": header.sha256,
                "log_size": header.log_size,
                "size": header.size,
                "people": found.people,
                "file": str(path.absolute()),
                "host": platform.node(),
            }
            audit.write(service.ledger, act, what=BACKED_UP, subject=header.publisher, detail=detail)
    return header


@dataclass(frozen=True, slots=True)
class Order:
    """What to restore from, whether in the place of another ledger, and what others kept: checkpoints, newer roots.

    `database` is where the ledger is to lie of a folder that has none yet, and names no other.
    """

    file: Path
    replace: bool = False
    seen: Sequence[str] = ()
    roots: PublisherFile | None = None
    database: Database | None = None


def restore(folder: Folder, order: Order, *, lay: Lay, act: Act, clock: SigningClock | None = None) -> Restored:
    """Puts the ledger of a backup in its place, together with the record of that; else nothing is changed.

    The vault has to be there. Raises Refused: `not_initialized`, `already_initialized` for a ledger that is not to be
    replaced, `folder_in_use`, `usage` for another publisher's backup, `signing_clock`; Untrusted, Damaged, StorageFull.
    """
    with as_refusals(folder.path):
        if not folder.vault.is_dir():
            detail = f"{folder.path} has no vault: put vault and seal.key there first, they are in no backup"
            raise Refused(Refusal("not_initialized", detail))
        database = _database(folder, order)
        with place_of(folder, database) as place, _staging(folder, place, database=database) as staged:
            if place.is_taken and not order.replace:
                detail = f"{folder.path} has a ledger: with --replace it is kept beside the restored one"
                raise Refused(Refusal("already_initialized", detail, {"path": str(folder.ledger)}))
            header = backupfile.read(order.file)
            backupfile.unpack(order.file, header, into=staged.ledger)
            before = place.before()
            if before is not None and before.publisher != header.publisher:
                raise _foreign(header, f"{folder.path} is that of {before.publisher}")
            vault = SealedVault.open(folder.vault, folder.seal)
            with closing(connect(staged.ledger)) as ledger:
                check_known(ledger)
                service = Service(ledger, vault, clock or SigningClock(), os.urandom)
                _adopt(service, order.roots, before=before)
                _check_vault(service, vault, header=header)
                known = seen(service, order.seen, known=_known(before))
                backup = Backup(header.at, header.entries, header.log_size, header.sha256)
                resumed = resume(service, backup, known=known, act=act)
                catch_up(service)
                warnings = _warnings(service, vault, header=header)
                root = current_root(service).version
                has_accounts = _lay_accounts(service, order.file, header=header, into=staged, lay=lay)
            kept = place.put(staged, at=act.now, accounts=has_accounts)
            if order.database is not None:
                name_database(folder, order.database)
    return Restored(header, resumed, root, kept, warnings)


def _database(folder: Folder, order: Order) -> Database | None:
    """Where the ledger is to lie: in the database that the folder names, or that the order names for a bare folder."""
    named = database_of(folder)
    if order.database is not None and (named is not None or folder.ledger.exists()):
        detail = f"{folder.path} has its ledger already: --database is for a folder with vault and seal.key alone"
        raise Refused(Refusal("usage", detail))
    return order.database or named


def _header(held: Holdings, *, at: int) -> Header:
    return Header(
        publisher=held.publisher,
        at=at,
        size=0,
        sha256="",
        schema=held.schema,
        entries=held.entries,
        log_size=held.log_size,
        log_root=None if held.log_root is None else b64(held.log_root),
        root=held.root,
        catalog=held.catalog,
        revocations=held.revocations,
        rows=held.rows,
    )


def _known(before: Holdings | None) -> Known:
    """What the ledger that is replaced says; what it has not yet in its log is lost as well."""
    if before is None:
        return Known()
    return Known(before.entries, before.newest_signed, before.catalog, before.revocations)


def _adopt(service: Service, file: PublisherFile | None, *, before: Holdings | None) -> None:
    """Newer root versions come back, from what others kept and from the ledger that is replaced."""
    if file is not None:
        adopt_roots(service, file.roots)
    if before is not None:
        with suppress(Malformed, Untrusted):  # of a ledger that nobody vouches for
            adopt_roots(service, before.roots)


def _check_vault(service: Service, vault: SealedVault, *, header: Header) -> None:
    """Raises Refused for a vault of another publisher, and Damaged for one that does not open what the record holds."""
    with reading(service.ledger):
        root = current_root(service)
        row = next(keys.every(service.ledger), None)
    listed = {key.public.kid for key in root.keys}
    if not listed & vault.kids:
        raise _foreign(header, "the vault has none of the signing keys that its root lists")
    if row is not None:
        vault.envelope.open(row.sealed_proof_key, row.keyid)


def _foreign(header: Header, why: str) -> Refused:
    return Refused(Refusal("usage", f"the backup is of {header.publisher}, and {why}"))


def _warnings(service: Service, vault: SealedVault, *, header: Header) -> tuple[Refusal, ...]:
    found = []
    with reading(service.ledger):
        root = current_root(service)
    later = vault.kids - {key.public.kid for key in root.keys}
    if later:
        detail = f"the vault has {len(later)} signing keys that root version {root.version} does not list"
        found.append(Refusal("root_behind", detail, {"root": root.version, "kids": sorted(later)}))
    if header.accounts is None:
        found.append(Refusal("accounts_missing", "the backup was made by an earlier program, and holds no accounts"))
    try:
        verify(service)
    except VolactError as err:  # the only record there is may be one that was written to: it is said, and restored
        found.append(err.refusal)
    return tuple(found)


def _lay_accounts(service: Service, file: Path, *, header: Header, into: Folder, lay: Lay) -> bool:
    """Stages the accounts of a backup; False where it holds none, and those that are there stay."""
    sealed = backupfile.accounts(file, header)
    if not sealed:
        return False
    with reading(service.ledger):
        known = members.every_id(service.ledger)
    lay(into, service, sealed=sealed, known=known)
    return True


@contextmanager
def _staging(folder: Folder, place: Place, *, database: Database | None) -> Iterator[Folder]:
    """A folder to put ledger and accounts together in; what a restore left that was killed is gone first."""
    staged = Folder(folder.path / _STAGING)

    def clear() -> None:
        shutil.rmtree(staged.path, ignore_errors=True)
        place.forget_staged()

    clear()
    staged.path.mkdir(mode=0o700)
    if database is not None:
        name_database(staged, database)
    try:
        yield staged
    finally:
        with suppress(VolactError):  # what was wrong first is what is told
            clear()


@contextmanager
def _staged(path: Path) -> Iterator[Path]:
    """A file to write, which becomes the new file `path` at the end, or is gone."""
    path = path.absolute()
    if os.path.lexists(path):
        raise Refused(Refusal("usage", f"{path} exists: a backup is a new file"))
    if not path.parent.is_dir():
        raise Refused(Refusal("usage", f"{path.parent} is not a folder"))
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        staged = Path(folder) / path.name
        yield staged
        if os.path.lexists(path):
            raise Refused(Refusal("usage", f"{path} exists: a backup is a new file"))
        staged.rename(path)
        make_durable(path.parent)
