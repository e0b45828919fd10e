"""Files that notice damage: one checksum line, then the body; written atomically, or not at all (spec D-1)."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from volact.errors import Damaged, StorageFull, VolactError

_MARK = b"volact-state-1 "
_HEAD = len(_MARK) + 64 + 1
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
SECRET, OPEN = 0o600, 0o644
OWN, SHARED = 0o700, 0o755


def seal(body: bytes) -> bytes:
    """The bytes of a file with that body."""
    return _head(body) + body


def unseal(data: bytes, name: str) -> bytes:
    """The body of a file; raises Damaged, which names the file, for every byte that changed or is missing."""
    body = data[_HEAD:]
    if data[:_HEAD] != _head(body):
        raise Damaged(f"{name} was cut short or changed by something else", file=name)
    return body


def read(path: Path) -> bytes | None:
    """The body of a file, None where there is none; raises Damaged."""
    data = read_raw(path)
    return None if data is None else unseal(data, str(path))


def read_raw(path: Path) -> bytes | None:
    """The bytes of a file, None where there is none; raises Damaged where it cannot be read."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as err:
        raise Damaged(f"{path} cannot be read: {err.strerror}", file=str(path)) from err


def write(path: Path, body: bytes, *, mode: int = OPEN) -> None:
    """Replaces a file by a new one that is whole on disk; raises StorageFull, or `home_not_writable`."""
    with written(path.parent):
        make_folder(path.parent, rights=SHARED if mode == OPEN else OWN)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            _fill(fresh, seal(body), mode=mode)
            os.replace(fresh, path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Replaces a file of no checksum by these lines once all are there; raises StorageFull, or `home_not_writable`.

    On disk when this returns.
    """
    with written(path.parent):
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with fresh.open("wb") as file:
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def lines_of(file: BinaryIO, limit: int) -> Iterator[bytes]:
    """The lines of a file from its begin on; one that is longer than `limit` bytes comes without its end."""
    file.seek(0)
    while line := file.readline(limit):
        yield line


def make_folder(path: Path, *, rights: int) -> None:
    """Makes a folder and those above it where they are missing, with these rights, whatever the umask says."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(rights)


def remove(path: Path) -> None:
    """Removes a file, which may be gone already; raises `home_not_writable`."""
    with written(path.parent):
        path.unlink(missing_ok=True)


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Turns what the system says about writing into errors of ours: StorageFull, or `home_not_writable`."""
    try:
        yield
    except OSError as err:
        if err.errno in _FULL:
            raise StorageFull(f"{folder} could not be written: {err.strerror}") from err
        raise VolactError(f"{folder} could not be written: {err.strerror}", code="home_not_writable") from err


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds `home.lock`, so that one program at a time writes the home; waits for the one that holds it."""
    import fcntl  # its time is spent only by those who write

    with written(folder):
        handle = os.open(folder / "home.lock", os.O_RDWR | os.O_CREAT, SECRET)  # who opens it could hold it for ever
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _head(body: bytes) -> bytes:
    return _MARK + sha256(body).hexdigest().encode() + b"\n"


def _fill(path: Path, data: bytes, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.fchmod(handle, mode)  # whatever the umask says
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
