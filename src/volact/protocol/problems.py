"""Refusals on the wire: RFC 9457 problem details with a stable `code` and its `fix` (spec P-3)."""

from __future__ import annotations

import re
from dataclasses import replace

from volact.credential import strictjson
from volact.errors import Malformed, Refusal
from volact.protocol.messages import ANSWER_LIMIT

MEDIA_TYPE = "application/problem+json"
_CODE = re.compile(r"[a-z][a-z_]{1,63}")
_STANDARD = frozenset({"type", "title", "status", "detail", "code", "instance", "fix"})


def to_problem(refusal: Refusal, instance: str | None = None) -> tuple[int, bytes]:
    """Writes a refusal as HTTP status and problem document; `instance` names this one occurrence in the log."""
    code = refusal.known
    document: dict[str, object] = {
        "type": f"urn:volact:code:{refusal.code}",
        "title": code.title,
        "status": code.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "fix": code.fix,
    }
    if instance:
        document["instance"] = instance
    own = {name: value for name, value in refusal.fields.items() if name not in _STANDARD}
    return code.status, strictjson.dumps(document | own)


def numbered(refusal: Refusal, rid: str | None) -> Refusal:
    """The refusal with the number of the request that it answers, None where that could not be read."""
    return refusal if rid is None else replace(refusal, fields={**refusal.fields, "rid": rid})


def from_problem(data: bytes) -> Refusal:
    """Reads a problem document as advice, for it is not signed; raises Malformed."""
    document = strictjson.loads(data, ANSWER_LIMIT)
    if not isinstance(document, dict):
        raise Malformed("not a problem document")
    code, detail = document.get("code"), document.get("detail", "")
    if not isinstance(code, str) or not _CODE.fullmatch(code) or not isinstance(detail, str):
        raise Malformed("not a problem document")
    return Refusal(code, detail, {name: value for name, value in document.items() if name not in _STANDARD})
