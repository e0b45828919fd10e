"""A file of many lines that says at its end how many they are and what they hash to (spec P-9.1).

It is written and read line by line, whatever its size; what was cut, edited or joined is found at its end at last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from volact.credential.encoding import b64
from volact.credential.jws import DOCUMENT_LIMIT
from volact.credential.strictjson import dumps
from volact.errors import Refusal, Refused

MOST_ROWS = 1_000_000
LINE_LIMIT = 3 * DOCUMENT_LIMIT  # the longest line there is: the documents at the head of an answer


def sealed(head: bytes, rows: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file: the head, the rows, and the seal over them."""
    hashed, count = sha256(head + b"\n"), 0
    yield head + b"\n"
    for row in rows:
        line = row + b"\n"
        hashed.update(line)
        count += 1
        yield line
    yield _seal(count, hashed.digest())


def opened(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The head of such a file and then its rows, each without its line feed.

    Raises Refused (`bundle_damaged`): for a line that does not end, and after the last row if the seal does not fit.
    """
    hashed, count, held = sha256(), -1, b""
    for line in lines:
        if held:
            hashed.update(held)
            count += 1
            if count > MOST_ROWS:
                raise damaged(f"it has more than {MOST_ROWS} rows", row=count)
            yield held[:-1]
        if not line.endswith(b"\n"):
            raise damaged("a line is cut short, or longer than any may be", row=count + 1)
        held = line
    if held != _seal(count, hashed.digest()):
        raise damaged("it was cut short or changed, for its seal does not fit", row=None)


def damaged(why: str, *, row: int | None) -> Refused:
    """What a file is refused with that is not what was written; `row` counts from 1, 0 for the head."""
    where = "" if row is None else "in its head, " if row == 0 else f"in row {row}, "
    return Refused(Refusal("bundle_damaged", f"{where}{why}", {"row": row}))


def _seal(count: int, hashed: bytes) -> bytes:
    return dumps({"rows": count, "sha256": b64(hashed)}) + b"\n"
