"""A JSON reader with one reading for every text: what two readers could read differently is refused (spec C-2).

Refused: duplicate members, floats and exponents, integers beyond 2^53 - 1, minus zero, NaN and Infinity, nesting over
8, text that is not UTF-8 or holds a lone surrogate, a byte order mark, anything after the value.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from volact.errors import Malformed

MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1


def loads(data: bytes | str, limit: int = 16 * 1024) -> Any:
    """Reads one JSON value of at most `limit` bytes; raises Malformed."""
    try:
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > limit:
            raise Malformed(f"longer than {limit} bytes")
        text = raw.decode()
        value = _DECODER.decode(text)
    except (UnicodeError, ValueError, RecursionError) as err:
        raise Malformed("not strict JSON") from err
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value, MAX_DEPTH)
    if "\\u" in text:
        _check_surrogates(value)
    return value


def dumps(value: Any) -> bytes:
    """Writes compact UTF-8 JSON with members in the order given."""
    return _ENCODER.encode(value).encode()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate member")
    return found


def _integer(text: str) -> int:
    if text == "-0" or len(text) > 17 or abs(value := int(text)) > MAX_INTEGER:
        raise ValueError("integer out of range")
    return value


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is not an integer")


def _check_depth(value: Any, left: int) -> None:
    if isinstance(value, (dict, list)):
        if left == 0:
            raise Malformed(f"nested deeper than {MAX_DEPTH}")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, left - 1)


def _check_surrogates(value: Any) -> None:
    try:
        dumps(value)
    except UnicodeEncodeError as err:
        raise Malformed("a lone surrogate") from err


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse)
