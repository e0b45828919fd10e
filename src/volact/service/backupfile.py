"""The file of a backup: the ledger as an SQLite database, the sealed accounts, then one line that says what it is.

That line is the last one, so that the copy is written once, and programs that open the database find it at the front:
LF, `volact-backup/2`, SHA-256 of the JSON, the JSON (a `Header`), LF. The header has SHA-256 of the database and of the
accounts. Backups of earlier programs say `volact-backup/1`, and hold no accounts.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

from volact.credential import strictjson
from volact.errors import Damaged, Malformed

_MARK, _EARLIER = b"\nvolact-backup/2 ", b"\nvolact-backup/1 "
_LONGEST = 8 * 1024  # bytes of the last line
_PIECE = 1024 * 1024


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """Of how many people a backup holds the accounts, and `size` and `sha256` (hexadecimal) of what is sealed."""

    people: int
    size: int
    sha256: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself: `at` in seconds, `size` and `sha256` (hexadecimal) of the database in it.

    `accounts` is None of a backup that an earlier program made.
    """

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
    accounts: Accounts | None = None


def seal(path: Path, header: Header, *, people: int = 0, accounts: bytes = b"") -> Header:
    """Adds to a database the sealed accounts of so many people and the last line, with sizes and hashes.

    The file is durable when this returns.
    """
    with path.open("r+b") as file:
        hashed = sha256()
        while piece := file.read(_PIECE):
            hashed.update(piece)
        kept = Accounts(people=people, size=len(accounts), sha256=sha256(accounts).hexdigest())
        header = msgspec.structs.replace(header, size=file.tell(), sha256=hashed.hexdigest(), accounts=kept)
        said = msgspec.json.encode(header)
        file.write(accounts)
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
    start = max(tail.rfind(_MARK), tail.rfind(_EARLIER))
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
    if header.size + (header.accounts.size if header.accounts else 0) != length - len(tail) + start:
        raise Damaged(f"{path} was changed: it is not as long as its last line says")
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


def accounts(path: Path, header: Header) -> bytes:
    """The sealed accounts of a backup; raises Damaged where their hash is another."""
    if header.accounts is None:
        return b""
    with path.open("rb") as file:
        file.seek(header.size)
        sealed = file.read(header.accounts.size)
    if sha256(sealed).hexdigest() != header.accounts.sha256:
        raise Damaged(f"{path} was changed: its accounts are not those that were backed up")
    return sealed


def _piece(file: BinaryIO, left: int) -> bytes:
    return file.read(min(_PIECE, left))
