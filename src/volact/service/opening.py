"""Opening a service's folder, and making a new one: everything there, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from volact.credential.keys import Signer
from volact.errors import Damaged, Refusal, Refused, StorageFull, VolactError
from volact.licensing.catalog import Catalog
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.ledger import settings
from volact.service.ledger.connection import Database, connect, creating, reading
from volact.service.ports import Act, Service
from volact.service.presence import present
from volact.service.signing import sign_pending
from volact.service.usecases.founding import Founding, check_founding, found
from volact.service.usecases.sequencing import catch_up
from volact.service.vault import SealedVault
from volact.service.vaultroots import draw_passphrase, draw_root_key, open_root_keys

PASSPHRASE_FILE = "passphrase.txt"
ROOT_KEYS = 2
LONGEST_PASSPHRASE = 1023  # bytes: more than that OpenSSL does not take
_STAGING = ".init"


@dataclass(frozen=True, slots=True)
class Export:
    """Where the root keys go, None for the service's own folder, and under which passphrase, None for a drawn one."""

    path: Path | None = None
    passphrase: str | None = None


@dataclass(frozen=True, slots=True)
class Initialized:
    """A new service: its pin, its root keys' folder, and the passphrase's file where one was drawn."""

    pin: str
    export: Path
    passphrase_file: Path | None


@contextmanager
def opened(folder: Folder, clock: SigningClock | None = None) -> Iterator[Service]:
    """The service in a folder, for one thread at a time; what a crash left unsigned is signed first.

    Raises Refused (`not_initialized`), Damaged, StorageFull, and `not_ready` while the folder's ledger is restored.
    """
    with ExitStack() as stack:
        with as_refusals(folder.path):
            place = database_of(folder) or folder.ledger
            if place == folder.ledger and not folder.ledger.exists() and not folder.vault.exists():
                raise Refused(Refusal("not_initialized", f"{folder.path} is not the folder of a service"))
            stack.enter_context(present(folder))
            ledger = stack.enter_context(closing(connect(place)))
            vault = SealedVault.open(folder.vault, folder.seal)
        service = Service(ledger, vault, clock or SigningClock(), os.urandom)
        sign_pending(service)
        with reading(ledger):
            settings.start(ledger, service.clock)
        yield service


def initialize(
    folder: Folder,
    founding: Founding,
    *,
    catalog: Catalog,
    export: Export,
    act: Act,
    database: Database | None = None,
    clock: SigningClock | None = None,
) -> Initialized:
    """Makes a new service in a folder that is absent or empty; refused, or stopped by a fault, it leaves nothing.

    The ledger is a file in the folder, or it lies in a database, which has to be empty.
    """
    check_founding(founding)
    if not 1 <= founding.threshold <= ROOT_KEYS:
        raise Refused(Refusal("usage", f"there are {ROOT_KEYS} root keys: a threshold is from 1 to {ROOT_KEYS}"))
    if export.passphrase is not None and len(export.passphrase.encode()) > LONGEST_PASSPHRASE:
        raise Refused(Refusal("usage", f"a passphrase is at most {LONGEST_PASSPHRASE} bytes long"))
    keys_at = export.path or folder.root_keys
    with as_refusals(folder.path):
        for path in (folder.path, keys_at):
            if path.exists() and any(each.name != _STAGING for each in _entries(path)):
                raise Refused(Refusal("already_initialized", f"{path} is not empty", {"path": str(path)}))
        with _all_or_nothing(folder.path, keys_at):
            passphrase = export.passphrase or draw_passphrase(os.urandom(17))
            drawn = [draw_root_key(passphrase) for _ in range(ROOT_KEYS)]
            _write_keys(keys_at, [pem for _, pem in drawn], passphrase=None if export.passphrase else passphrase)
            staged = Folder(folder.path / _STAGING)
            with _staged(staged, database, clock=clock) as service:
                pin = found(service, founding, catalog=catalog, roots=[signer for signer, _ in drawn], act=act)
                catch_up(service)
            ledger = (folder.ledger.name, folder.database.name)
            for entry in sorted(staged.path.iterdir(), key=lambda each: each.name in ledger):
                entry.rename(folder.path / entry.name)  # the ledger last: with it the folder is a service's
    return Initialized(pin, keys_at, None if export.passphrase else keys_at / PASSPHRASE_FILE)


def read_root_keys(path: Path, passphrase: str | None) -> tuple[Signer, ...]:
    """The root keys exported to a folder; without a passphrase the one that lies beside them is tried.

    Raises Refused: `passphrase_wrong`, and `root_threshold` for a folder that holds no root key.
    """
    with as_refusals(path):
        files = {file: file.read_bytes() for file in sorted(path.glob("*.pem"))} if path.is_dir() else {}
        if not files:
            raise Refused(Refusal("root_threshold", f"{path} holds no root keys", {"have": 0}))
        beside = path / PASSPHRASE_FILE
        if passphrase is None and not beside.exists():
            raise Refused(Refusal("passphrase_wrong", f"no passphrase was given for the root keys in {path}"))
        return open_root_keys(
            files, passphrase if passphrase is not None else beside.read_text(errors="replace").strip()
        )


def database_of(folder: Folder) -> Database | None:
    """The database that a folder names; None where its ledger is a file. Raises Damaged where it names none."""
    if not folder.database.exists():
        return None
    found = Database(folder.database.read_text(errors="replace").strip())
    try:
        found.check()
    except Refused as error:
        raise Damaged(f"{folder.database} does not say where the database is: {error.refusal.detail}") from error
    return found


def name_database(folder: Folder, database: Database) -> None:
    """Says in a folder where its ledger lies."""
    folder.database.touch(mode=0o600)
    folder.database.write_text(f"{database.url}\n")


@contextmanager
def _staged(folder: Folder, database: Database | None, *, clock: SigningClock | None) -> Iterator[Service]:
    folder.path.mkdir(mode=0o700)
    if database is not None:
        name_database(folder, database)
    with creating(database or folder.ledger) as ledger:
        vault = SealedVault.create(folder.vault, folder.seal)
        yield Service(ledger, vault, clock or SigningClock(), os.urandom)


def _write_keys(path: Path, pems: Sequence[bytes], *, passphrase: str | None) -> None:
    files = {f"root-{number}.pem": pem for number, pem in enumerate(pems, 1)}
    if passphrase is not None:
        files[PASSPHRASE_FILE] = f"{passphrase}\n".encode()
    for name, data in files.items():
        handle = os.open(path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def _all_or_nothing(*folders: Path) -> Iterator[None]:
    """Makes the folders; whatever goes wrong inside, they are empty again, and those made here are gone."""
    made: list[Path] = []
    try:
        for folder in folders:
            missing = [each for each in (folder, *folder.parents) if not each.exists()]
            for path in reversed(missing):
                path.mkdir(mode=0o700 if path == folder else 0o755)
                made.append(path)
            shutil.rmtree(folder / _STAGING, ignore_errors=True)  # of an `init` that was killed
        yield
    except BaseException:
        for folder in folders:
            for entry in _entries(folder):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        for path in reversed(made):
            shutil.rmtree(path, ignore_errors=True)
        raise
    for folder in folders:
        shutil.rmtree(folder / _STAGING, ignore_errors=True)


def _entries(path: Path) -> list[Path]:
    return list(path.iterdir()) if path.exists() else []


@contextmanager
def as_refusals(path: Path) -> Iterator[None]:
    """Raises what the system says of files as StorageFull or `not_permitted`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull(f"{error.filename or path} could not be written: {error.strerror}") from error
        detail = f"{error.filename or path}: {error.strerror or error}"
        raise VolactError(detail, code="not_permitted") from error
