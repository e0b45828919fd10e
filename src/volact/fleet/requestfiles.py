"""A folder of NAME.request files, as isolated computers hand them over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

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
        data = _bytes(folder / f"{name}{SUFFIX}")
        row, publisher = read_row(data)
        parse_request(data).check_signature()
    except Malformed as err:
        return Found(name, refusal=err.refusal)
    except OSError as err:
        return Found(name, refusal=Refusal("not_permitted", f"{name}{SUFFIX} cannot be read: {err.strerror}"))
    return Found(name, row, publisher)


def names_by_digest(folder: Path) -> dict[str, list[str]]:
    """Which files hold the request of a digest: several where one was copied."""
    found: dict[str, list[str]] = {}
    for name, digest in _digests(folder):
        found.setdefault(digest, []).append(name)
    return found


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for name in names_in(folder):
        try:
            yield name, read_row(_bytes(folder / f"{name}{SUFFIX}"))[0].digest
        except (Malformed, OSError):  # what is no request is answered by nothing
            continue


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(CREDENTIAL_LIMIT + 1)
