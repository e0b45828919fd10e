"""Writing what a batch was granted and refused, in the transaction that it was decided in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import astuple

from volact.service.admission.book import Book
from volact.service.ledger.ports import Ledger

_DAY = 86_400


def write(ledger: Ledger, book: Book, *, now: int) -> None:
    """Writes the book's changes, all but the lines of the revocation list."""
    changes = book.changes
    if changes.used:
        _take(ledger, changes.used)
    whose = {keyid: key.licensing_id for keyid, key in book.keys.items()}
    about = {row.activation_id: whose[row.keyid] for row in book.activations.values()}
    about.update((slot.host_id, whose[slot.keyid]) for slot in book.slots.values())
    ledger.add(_ACTIVATION, ((*astuple(row), whose[row.keyid]) for row in changes.activations))
    ledger.add(_SLOT, ((*_values(row), whose[row.keyid]) for row in changes.new_slots))
    ledger.executemany(_MOVED, ((row.dev, row.jkt, row.reactivations, row.host_id) for row in changes.moved_slots))
    ledger.executemany(_ENDED, ((host_id,) for host_id in changes.ended_hosts))
    ledger.executemany(_REPLACED, ((jti,) for jti in changes.replaced))
    certificates = (book.certificates[row.jti] for row in changes.certificates)
    ledger.add(_CERTIFICATE, ((*_values(row), about[row.host_id]) for row in certificates))
    ledger.add(_ANSWER, ((*astuple(row), about[row.about]) for row in changes.answers))
    ledger.executemany(_AFRESH, ((row.payload, row.kid, row.jkt, row.rid) for row in changes.resigned))
    acts = changes.audit
    ledger.add(_AUDIT, ((row.at, row.who, row.act, row.subject, row.detail, whose[row.subject]) for row in acts))
    day = now // _DAY
    refused = changes.refused.items()
    ledger.executemany(_REFUSED, ((keyid, code, day, times, whose[keyid]) for (keyid, code), times in refused))


def _take(ledger: Ledger, used: Mapping[str, int]) -> None:
    words = ledger.dialect
    taken = f"UPDATE keys SET used = used + {words.number} {words.each} WHERE keyid = {words.first}"
    ledger.execute(taken, (msgspec.json.encode(list(used.items())).decode(),))


def _values(row: Any) -> tuple[object, ...]:
    """The fields of a row in their order; `dataclasses.astuple` would copy each of them."""
    return tuple(map(row.__getattribute__, row.__slots__))


_ACTIVATION = "activations (activation_id, keyid, jkt, dev, channel, product, live, at, licensing_id)"
_SLOT = "slots (host_id, keyid, dev, jkt, reactivations, at, live, licensing_id)"
_MOVED = "UPDATE slots SET dev = ?, jkt = ?, reactivations = ? WHERE host_id = ?"
_ENDED = "UPDATE certificates SET replaced = 1 WHERE host_id = ?"
_REPLACED = "UPDATE certificates SET replaced = 1 WHERE jti = ?"
_CERTIFICATE = "certificates (jti, host_id, predecessor, replaced, jkt, iat, exp, licensing_id)"
_ANSWER = "answers (jkt, rid, digest, typ, kid, payload, about, at, licensing_id)"
_AFRESH = "UPDATE answers SET payload = ?, kid = ? WHERE jkt = ? AND rid = ?"
_AUDIT = "audit (at, who, act, subject, detail, licensing_id)"
_REFUSED = """
    INSERT INTO refused (keyid, code, day, times, licensing_id) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (keyid, code, day) DO UPDATE SET times = refused.times + excluded.times
"""
