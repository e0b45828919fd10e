"""The file of a backup: the ledger as an SQLite database, then one line that says what it is.

That line is the last one, so that the copy is written once, and programs that open the database find it at the front:
LF, `volact-backup/1`, SHA-256 of the JSON, the JSON (a `Header`), LF. The header has SHA-256 of the database.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

from volact.credential import strictjson
from volact.errors import Damaged, Malformed

_MARK = b"\nvolact-backup/1 "
_LONGEST = 8 * 1024  # bytes of the last line
_PIECE = 1024 * 1024


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself: `at` in seconds, `size` and `sha256` (hexadecimal) of the database in it."""

    publisher: str
    at: int
    size: int
    sha256: str
    schema: int
    entries: int
    log_size: int
    log_root: str | None
    root: int
    catalog: int
    revocations: int
    rows: dict[str, int]


def seal(path: Path, header: Header) -> Header:
    """Adds the last line to a database, with its size and hash; the file is durable when this returns."""
    with path.open("r+b") as file:
        hashed = sha256()
        while piece := file.read(_PIECE):
            hashed.update(piece)
        header = msgspec.structs.replace(header, size=file.tell(), sha256=hashed.hexdigest())
        said = msgspec.json.encode(header)
        file.write(_MARK + sha256(said).hexdigest().encode() + b" " + said + b"\n")
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o600)
    return header


def read(path: Path) -> Header:
    """What the backup says of itself; raises Damaged for a file that is none, or was cut or changed there."""
    with path.open("rb") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(max(length - _LONGEST, 0))
        tail = file.read()
    start = tail.rfind(_MARK)
    digest, _, said = tail[start + len(_MARK) :].partition(b" ") if start >= 0 else (b"", b"", b"")
    if not said.endswith(b"\n"):
        raise Damaged(f"{path} is no backup of a service, or was cut short")
    said = said[:-1]
    if sha256(said).hexdigest().encode() != digest:
        raise Damaged(f"{path} was changed: its last line is not what was written")
    try:
        header = msgspec.convert(strictjson.loads(said), Header)
    except (msgspec.ValidationError, Malformed) as err:
        raise Damaged(f"{path} has a last line that is none of a backup: {err}") from err
    if header.size != length - len(tail) + start:
        raise Damaged(f"{path} was changed: its database is not as long as its last line says")
    return header


def unpack(path: Path, header: Header, *, into: Path) -> None:
    """Writes the database of a backup to a new file; raises Damaged, and leaves a part, where its hash is another."""
    left, hashed = header.size, sha256()
    handle = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with path.open("rb") as file, os.fdopen(handle, "wb") as out:
        while left and (piece := _piece(file, left)):
            hashed.update(piece)
            out.write(piece)
            left -= len(piece)
        out.flush()
        os.fsync(out.fileno())
    if left or hashed.hexdigest() != header.sha256:
        raise Damaged(f"{path} was changed: its database is not the one that was backed up")


def _piece(file: BinaryIO, left: int) -> bytes:
    return file.read(min(_PIECE, left))
