"""Backing up a service's ledger while it runs, and restoring it: the whole file, or nothing of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from volact.credential.encoding import b64
from volact.credential.publisher import PublisherFile
from volact.errors import Damaged, Malformed, Refusal, Refused, Untrusted, VolactError
from volact.service import backupfile
from volact.service.backupfile import Header
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.ledger import audit, copying, keys
from volact.service.ledger.connection import connect, reading, writing
from volact.service.ledger.copying import Holdings
from volact.service.opening import as_refusals
from volact.service.ports import Act, Service
from volact.service.presence import alone
from volact.service.signing import current_root
from volact.service.usecases.restoring import Backup, Known, Resumed, adopt_roots, resume, seen
from volact.service.usecases.sequencing import catch_up
from volact.service.usecases.verifying import verify
from volact.service.vault import SealedVault

BACKED_UP = "backed up"
_STAGING = ".restore"


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored ledger: its backup, how it goes on, where the ledger before it lies, and what needs a word."""

    header: Header
    resumed: Resumed
    root: int
    kept: Path | None
    warnings: tuple[Refusal, ...]


def back_up(service: Service, path: Path, *, act: Act) -> Header:
    """Writes one state of the ledger to a new file for its owner alone, and gives what the file holds.

    Raises Refused (`usage`) for a file that exists, StorageFull, Damaged; then nothing of it is left.
    """
    with as_refusals(path), _staged(path) as staged:
        catch_up(service)
        held = copying.copy(service.ledger, staged)
        header = backupfile.seal(staged, _header(held, at=act.now))
        with writing(service.ledger):
            detail = {"sha256": header.sha256, "log_size": header.log_size, "size": header.size}
            audit.write(service.ledger, act, what=BACKED_UP, subject=header.publisher, detail=detail)
    return header


@dataclass(frozen=True, slots=True)
class Order:
    """What to restore from, whether in the place of another ledger, and what others kept: checkpoints, newer roots."""

    file: Path
    replace: bool = False
    seen: Sequence[str] = ()
    roots: PublisherFile | None = None


def restore(folder: Folder, order: Order, *, act: Act, clock: SigningClock | None = None) -> Restored:
    """Puts the ledger of a backup in its place, together with the record of that; else nothing is changed.

    The vault has to be there. Raises Refused: `not_initialized`, `already_initialized` for a ledger that is not to be
    replaced, `folder_in_use`, `usage` for another publisher's backup, `signing_clock`; Untrusted, Damaged, StorageFull.
    """
    if folder.database.exists():
        raise copying.on_server()
    with as_refusals(folder.path):
        if not folder.vault.is_dir():
            detail = f"{folder.path} has no vault: put vault and seal.key there first, they are in no backup"
            raise Refused(Refusal("not_initialized", detail))
        with alone(folder), _staging(folder) as staged:
            if folder.ledger.exists() and not order.replace:
                detail = f"{folder.path} has a ledger: with --replace it is kept beside the restored one"
                raise Refused(Refusal("already_initialized", detail, {"path": str(folder.ledger)}))
            header = backupfile.read(order.file)
            backupfile.unpack(order.file, header, into=staged.ledger)
            before = copying.settle(folder.ledger) if folder.ledger.exists() else None
            if before is not None and before.publisher != header.publisher:
                raise _foreign(header, f"{folder.path} is that of {before.publisher}")
            vault = SealedVault.open(folder.vault, folder.seal)
            with closing(connect(staged.ledger)) as ledger:
                service = Service(ledger, vault, clock or SigningClock(), os.urandom)
                _adopt(service, order.roots, before=before)
                _check_vault(service, vault, header=header)
                known = seen(service, order.seen, known=_known(before))
                resumed = resume(
                    service, Backup(header.at, header.entries, header.log_size, header.sha256), known=known, act=act
                )
                catch_up(service)
                warnings = _warnings(service, vault)
                root = current_root(service).version
            kept = _put_in_place(folder, staged, at=act.now)
    return Restored(header, resumed, root, kept, warnings)


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


def _warnings(service: Service, vault: SealedVault) -> tuple[Refusal, ...]:
    found = []
    with reading(service.ledger):
        root = current_root(service)
    later = vault.kids - {key.public.kid for key in root.keys}
    if later:
        detail = f"the vault has {len(later)} signing keys that root version {root.version} does not list"
        found.append(Refusal("root_behind", detail, {"root": root.version, "kids": sorted(later)}))
    try:
        verify(service)
    except VolactError as err:  # the only record there is may be one that was written to: it is said, and restored
        found.append(err.refusal)
    return tuple(found)


def _put_in_place(folder: Folder, staged: Folder, *, at: int) -> Path | None:
    """From one moment to the next the folder's ledger is the restored one; the old one is kept under another name.

    A log beside a database is read into whatever database lies there, so that none may be left. `settle` brings it
    into its database; that of one too damaged for it is kept beside it first, and the database without it until then.
    """
    if any(_beside(staged.ledger)):
        raise Damaged("the restored ledger could not be brought into one file")
    day = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"{folder.ledger.stem}-before-restore-{day}"
    number = 1
    while (kept := folder.path / f"{name}{'' if number == 1 else f'-{number}'}.db").exists():
        number += 1
    for side in _beside(folder.ledger):
        side.rename(kept.with_name(kept.name + side.name.removeprefix(folder.ledger.name)))
    had = folder.ledger.exists()
    if had:
        os.link(folder.ledger, kept)
    staged.ledger.replace(folder.ledger)
    _make_durable(folder.path)
    return kept if had else None


def _beside(ledger: Path) -> list[Path]:
    sides = (ledger.with_name(ledger.name + side) for side in copying.SIDES)
    return [side for side in sides if side.exists()]


@contextmanager
def _staging(folder: Folder) -> Iterator[Folder]:
    staged = Folder(folder.path / _STAGING)
    shutil.rmtree(staged.path, ignore_errors=True)  # of a restore that was killed
    staged.path.mkdir(mode=0o700)
    try:
        yield staged
    finally:
        shutil.rmtree(staged.path, ignore_errors=True)


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
        _make_durable(path.parent)


def _make_durable(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
