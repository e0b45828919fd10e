"""Who works in a service's folder: any number of programs beside each other, or one that has it for itself.

The lock lies on the folder, so that it needs no file, and ends with the program however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from volact.errors import Refusal, Refused, VolactError
from volact.service.config import Folder


@contextmanager
def present(folder: Folder) -> Iterator[None]:
    """Keeps others from having the folder for themselves; raises `not_ready` while one has."""
    with _locked(folder, fcntl.LOCK_SH) as got:
        if not got:
            raise VolactError(f"the ledger in {folder.path} is being restored", code="not_ready")
        yield


@contextmanager
def alone(folder: Folder) -> Iterator[None]:
    """Has the folder for itself; raises Refused (`folder_in_use`) while another program has its ledger open."""
    with _locked(folder, fcntl.LOCK_EX) as got:
        if not got:
            detail = f"a service or command has the ledger in {folder.path} open"
            raise Refused(Refusal("folder_in_use", detail, {"path": str(folder.path)}))
        yield


@contextmanager
def _locked(folder: Folder, how: int) -> Iterator[bool]:
    handle = os.open(folder.path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
