"""Writing a file or a folder that other programs read: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from volact.errors import Refusal, Refused, StorageFull, VolactError


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to write into that takes the place of `path`, absent or empty, at the end: whole, or not at all.

    Raises Refused (`usage`) for a folder that holds something or cannot be replaced, StorageFull, or `not_permitted`.
    """
    with _as_refusals(path):
        target = path.resolve()
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise Refused(Refusal("usage", f"{path} is not an empty folder"))
        if target == Path.cwd() or target.is_mount():
            raise Refused(Refusal("usage", f"{path} is in use and cannot be replaced; name a new folder in it"))
        staged = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            yield staged
            staged.chmod(0o755)
            staged.rename(target)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise


def put_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Writes a new file, durable when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)


def write_whole(path: Path, data: bytes) -> None:
    """Replaces the file, of a link the one that it leads to, at once; durable when this returns.

    A pipe or device, such as /dev/stdout, is written to. Raises StorageFull, or `not_permitted`.
    """
    with writing_whole(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """The same for what is written piece by piece: the file is replaced at the end, or not at all."""
    with _as_refusals(path):
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        path = path.resolve()
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise


def counted(rows: Mapping[str, int]) -> list[str]:
    """How many of each, by the name of more than one."""
    return [f"{count} {name.removesuffix('s') if count == 1 else name}" for name, count in rows.items()]


@contextlib.contextmanager
def _as_refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull(f"{path} could not be written: the disk is full") from error
        raise VolactError(f"{path} could not be written: {error.strerror}", code="not_permitted") from error
