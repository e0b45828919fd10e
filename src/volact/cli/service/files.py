"""Writing a file that other programs read: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from volact.errors import StorageFull, VolactError


def write_whole(path: Path, data: bytes) -> None:
    """Replaces the file at once, durable when this returns; raises StorageFull, or `not_permitted`."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull(f"{path} could not be written: the disk is full") from error
        raise VolactError(f"{path} could not be written: {error.strerror}", code="not_permitted") from error
