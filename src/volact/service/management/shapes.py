"""What is common to what the API says and is asked: pages and their cursors, times, problems."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from ninja import Query, Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field

from volact.credential.encoding import b64, unb64
from volact.errors import Malformed, Refusal, Refused
from volact.protocol import problems

MOST_ROWS = 200
Row = TypeVar("Row")

Cursor = Annotated[
    str | None, Query(description="`next` of the page before; without it the first page.", max_length=512)
]
Limit = Annotated[int, Query(description="Rows of a page.", ge=1, le=MOST_ROWS)]


def _no_number(value: object) -> object:
    """A time is written out: a bare number could be seconds, or milliseconds, of some year."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("a time is given as RFC 3339 has it")
    return value


Written = Annotated[AwareDatetime, BeforeValidator(_no_number)]
Time = Annotated[Written | None, Query(description="RFC 3339; `since` counts itself, `until` does not.")]
Moment = Annotated[Written, Field(strict=False, description="RFC 3339.")]
Note = Annotated[str, Field(min_length=1, max_length=200, description="Kept on record; no product key in it.")]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class Asked(Schema):
    """What is asked: members that are not known are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Problem(Schema):
    """A refusal; a code's own members stand beside these."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    fix: str
    instance: str | None = None


def told(at: int | None) -> str | None:
    """A time as RFC 3339 in UTC; None of a time that is not."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(time: datetime | None) -> int | None:
    """A time that was asked for, in seconds."""
    return None if time is None else int(time.timestamp())


def refused(refusal: Refusal) -> dict[str, Any]:
    """What one row of many was refused with: the problem of its own."""
    problem: dict[str, Any] = json.loads(problems.to_problem(refusal)[1])
    return problem


def page(
    name: str, rows: Sequence[Row], *, limit: int, say: Callable[[Row], Any], place: Callable[[Row], list[Any]]
) -> Any:
    """One page of what was read with one row more than `limit`, and the cursor of the next, None after the last."""
    shown = rows[:limit]
    return {name: [say(row) for row in shown], "next": write_cursor(place(shown[-1])) if len(rows) > limit else None}


def write_cursor(place: list[Any]) -> str:
    """A place in a list as a cursor."""
    return b64(json.dumps(place, separators=(",", ":")).encode())


def read_cursor(text: str | None, *, kinds: tuple[type, ...]) -> list[Any] | None:
    """The place that a cursor stands for; raises Refused (`cursor_invalid`) for what no page gave."""
    if text is None:
        return None
    try:
        place = json.loads(unb64(text))
        if isinstance(place, list) and tuple(map(type, place)) == kinds and all(map(_is_storable, place)):
            return place
    except (Malformed, ValueError, RecursionError):
        pass
    raise Refused(Refusal("cursor_invalid", "the cursor is not one that a page of this list gave"))


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isprintable()  # an id, and no NUL, which no PostgreSQL has
    return not isinstance(value, int) or abs(value) < 1 << 62
