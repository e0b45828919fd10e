"""A folder of NAME.request files, as isolated computers hand them over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from volact.client.telephone import is_text_of_ids
from volact.credential.jws import CREDENTIAL_LIMIT
from volact.credential.request import parse_request
from volact.errors import Malformed, Refusal, Refused
from volact.protocol.bundles import Row, read_row

SUFFIX = ".request"
RESPONSE = ".response"

Tell = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its request as a row and the publisher that it asks, or why it is none."""

    name: str
    row: Row | None = None
    publisher: str = ""
    refusal: Refusal | None = None


def names_in(folder: Path) -> list[str]:
    """The names of a folder's request files, without the suffix, sorted; raises Refused (`usage`) for no folder."""
    if not folder.is_dir():
        raise Refused(Refusal("usage", f"{folder} is not a folder"))
    return sorted(each.name.removesuffix(SUFFIX) for each in folder.iterdir() if each.name.endswith(SUFFIX))


def read_file(folder: Path, name: str) -> Found:
    """The request in a file that its computer signed, or why there is none; what else the file is stays unread."""
    try:
        data = bytes_of(folder / f"{name}{SUFFIX}")
        read = read_row(data)
        parse_request(data).check_signature()
    except Malformed as err:
        return Found(name, refusal=err.refusal)
    except OSError as err:
        return Found(name, refusal=Refusal("not_permitted", f"{name}{SUFFIX} cannot be read: {err.strerror}"))
    return Found(name, read.row, read.publisher)


def is_confirmed(folder: Path, name: str) -> bool:
    """Whether beside a request lies what was told for its computer by telephone."""
    try:
        return is_text_of_ids(bytes_of(folder / f"{name}{RESPONSE}"))
    except OSError:
        return False


@dataclass(slots=True)
class Known:
    """The requests of a folder by their digests: the files that hold them, several where one was copied, and hosts'."""

    names: dict[str, list[str]]
    hosts: set[str]


def known_in(folder: Path) -> Known:
    """The requests of a folder; what is no request is answered by nothing."""
    known = Known({}, set())
    for name in names_in(folder):
        try:
            read = read_row(bytes_of(folder / f"{name}{SUFFIX}"))
        except (Malformed, OSError):
            continue
        known.names.setdefault(read.row.digest, []).append(name)
        if read.op == "host":
            known.hosts.add(read.row.digest)
    return known


def bytes_of(path: Path) -> bytes:
    """A file as far as a request may go, and a byte more of one that is longer; raises OSError."""
    with path.open("rb") as file:
        return file.read(CREDENTIAL_LIMIT + 1)
