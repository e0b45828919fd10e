"""Writing what a batch was granted and refused, in the transaction that it was decided in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from volact.service.admission.book import Book
from volact.service.ledger.ports import Ledger

_DAY = 86_400


def write(ledger: Ledger, book: Book, *, now: int) -> None:
    """Writes the book's changes, all but the lines of the revocation list."""
    changes = book.changes
    _each(ledger, _USED, rows=((taken, keyid) for keyid, taken in changes.used.items()))
    _each(ledger, _ACTIVATION, rows=map(_values, changes.activations))
    _each(ledger, _SLOT, rows=map(_values, changes.new_slots))
    _each(ledger, _MOVED, rows=((row.jkt, row.reactivations, row.host_id) for row in changes.moved_slots))
    _each(ledger, _ENDED, rows=((host_id,) for host_id in changes.ended_hosts))
    _each(ledger, _REPLACED, rows=((jti,) for jti in changes.replaced))
    _each(ledger, _CERTIFICATE, rows=(_values(book.certificates[row.jti]) for row in changes.certificates))
    _each(ledger, _ANSWER, rows=map(_values, changes.answers))
    _each(ledger, _AFRESH, rows=((row.payload, row.kid, row.jkt, row.rid) for row in changes.resigned))
    _each(ledger, _AUDIT, rows=((row.at, row.who, row.act, row.subject, row.detail) for row in changes.audit))
    day = now // _DAY
    _each(ledger, _REFUSED, rows=((keyid, code, day, times) for (keyid, code), times in changes.refused.items()))


def _values(row: Any) -> tuple[object, ...]:
    """The fields of a row in their order; `dataclasses.astuple` would copy each of them."""
    return tuple(map(row.__getattribute__, row.__slots__))


def _each(ledger: Ledger, statement: str, *, rows: Iterable[tuple[object, ...]]) -> None:
    ledger.executemany(statement, rows)


_USED = "UPDATE keys SET used = used + ? WHERE keyid = ?"
_ACTIVATION = """
    INSERT INTO activations (activation_id, keyid, jkt, dev, channel, product, live, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_SLOT = "INSERT INTO slots (host_id, keyid, dev, jkt, reactivations, at, live) VALUES (?, ?, ?, ?, ?, ?, ?)"
_MOVED = "UPDATE slots SET jkt = ?, reactivations = ? WHERE host_id = ?"
_ENDED = "UPDATE certificates SET replaced = 1 WHERE host_id = ?"
_REPLACED = "UPDATE certificates SET replaced = 1 WHERE jti = ?"
_CERTIFICATE = """
    INSERT INTO certificates (jti, host_id, predecessor, replaced, jkt, iat, exp) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_ANSWER = """
    INSERT INTO answers (jkt, rid, digest, typ, kid, payload, about, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_AFRESH = "UPDATE answers SET payload = ?, kid = ? WHERE jkt = ? AND rid = ?"
_AUDIT = "INSERT INTO audit (at, who, act, subject, detail) VALUES (?, ?, ?, ?, ?)"
_REFUSED = """
    INSERT INTO refused (keyid, code, day, times) VALUES (?, ?, ?, ?)
    ON CONFLICT (keyid, code, day) DO UPDATE SET times = refused.times + excluded.times
"""
