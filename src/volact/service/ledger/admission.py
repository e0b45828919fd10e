"""What a batch of requests is decided on, read in the batch's own transaction: a few statements, whatever its size."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from volact.credential.claims import Organization
from volact.credential.request import HostRequest
from volact.service.admission.book import Ask, Book, Customer
from volact.service.ledger.rows import ActivationRow, AnswerRow, CertificateRow, KeyRow, SlotRow

_KEY = "k.keyid, k.licensing_id, k.kind, k.product_group, k.product, k.state, k.allowance, k.used, k.first_group"
_ANSWER = "a.jkt, a.rid, a.digest, a.typ, a.kid, a.payload, a.about, a.at"
_CERTIFICATE = "c.jti, c.host_id, c.predecessor, c.replaced, c.jkt, c.iat, c.exp"
_SLOT = "s.host_id, s.keyid, s.dev, s.jkt, s.reactivations, s.at, s.live"
_EACH = "FROM json_each(?) AS e CROSS JOIN"  # the list leads, so that each line is one look into an index
_PAIR = "json_extract(e.value, '$[0]') AND {} = json_extract(e.value, '$[1]')"


def read(ledger: sqlite3.Connection, asks: Sequence[Ask], *, since: int) -> Book:
    """Everything that the requests are about; `since` (seconds) is where the day of new requests begins."""
    book = Book()
    _read_answers(ledger, book, asks=asks)
    _read_predecessors(ledger, book, asks=asks)
    named = [ask.request.keyid for ask in asks if ask.request.keyid is not None]
    _read_keys(ledger, book, keyids={*named, *(slot.keyid for slot in book.slots.values())})
    _read_activations(ledger, book, asks=asks, since=since)
    _read_slots(ledger, book)
    return book


def sealed_proof_key(ledger: sqlite3.Connection, keyid: str) -> bytes | None:
    """The sealed proof key of a key, which never changes; None for an unknown key id."""
    row = ledger.execute("SELECT sealed_proof_key FROM keys WHERE keyid = ?", (keyid,)).fetchone()
    return None if row is None else row[0]


def recorded(ledger: sqlite3.Connection, jkt: str, *, rid: str) -> AnswerRow | None:
    """The answer on record to one request of one device key."""
    row = ledger.execute(f"SELECT {_ANSWER} FROM answers AS a WHERE jkt = ? AND rid = ?", (jkt, rid)).fetchone()
    return None if row is None else AnswerRow(*row)


def gave_certificate(ledger: sqlite3.Connection, jti: str, *, jkt: str) -> bool:
    """Whether a certificate of that id was given to that device key."""
    return ledger.execute("SELECT 1 FROM certificates WHERE jti = ? AND jkt = ?", (jti, jkt)).fetchone() is not None


def data_version(ledger: sqlite3.Connection) -> int:
    """A number that changes when another connection, of whatever process, has committed something."""
    return int(ledger.execute("PRAGMA data_version").fetchone()[0])


def signed_version(ledger: sqlite3.Connection, kind: str) -> int | None:
    """The newest signed version of a kind of document, without reading the document; None before the first."""
    row = ledger.execute(
        "SELECT version FROM documents WHERE kind = ? AND text IS NOT NULL ORDER BY version DESC LIMIT 1", (kind,)
    ).fetchone()
    return None if row is None else int(row[0])


def _read_answers(ledger: sqlite3.Connection, book: Book, *, asks: Sequence[Ask]) -> None:
    numbers = _list(ask.number for ask in asks)
    rows = ledger.execute(f"SELECT {_ANSWER} {_EACH} answers AS a ON a.jkt = {_PAIR.format('a.rid')}", (numbers,))
    for row in map(_answer, rows):
        book.answers[row.jkt, row.rid] = row


def _answer(row: sqlite3.Row) -> AnswerRow:
    return AnswerRow(*row)


def _read_predecessors(ledger: sqlite3.Connection, book: Book, *, asks: Sequence[Ask]) -> None:
    named = [ask.request.predecessor for ask in asks if isinstance(ask.request, HostRequest)]
    jtis = _list(jti for jti in named if jti is not None)
    if jtis == "[]":
        return
    for row in ledger.execute(f"SELECT {_CERTIFICATE} {_EACH} certificates AS c ON c.jti = e.value", (jtis,)):
        book.certificates[row["jti"]] = CertificateRow(*row)
    hosts = _list(certificate.host_id for certificate in book.certificates.values())
    for row in ledger.execute(f"SELECT {_SLOT} {_EACH} slots AS s ON s.host_id = e.value", (hosts,)):
        book.slots[row["host_id"]] = SlotRow(*row)


def _read_keys(ledger: sqlite3.Connection, book: Book, *, keyids: set[str]) -> None:
    rows = ledger.execute(
        f"""
        SELECT {_KEY}, k.sealed_key, k.sealed_proof_key, k.at, o.organization_id, o.name, o.country
        {_EACH} keys AS k ON k.keyid = e.value
        JOIN agreements AS g ON g.licensing_id = k.licensing_id
        JOIN organizations AS o ON o.organization_id = g.organization_id
        """,
        (_list(sorted(keyids)),),
    )
    for row in rows:
        book.keys[row["keyid"]] = KeyRow(*row[:12])
        book.customers[row["keyid"]] = Customer(Organization(row["organization_id"], row["name"]), row["country"])


def _read_activations(ledger: sqlite3.Connection, book: Book, *, asks: Sequence[Ask], since: int) -> None:
    pairs = _list((ask.request.keyid, ask.jkt) for ask in asks if not isinstance(ask.request, HostRequest))
    if pairs == "[]":
        return
    rows = ledger.execute(
        f"""
        SELECT a.activation_id, a.keyid, a.jkt, a.dev, a.channel, a.product, a.live, a.at
        {_EACH} activations AS a ON a.keyid = {_PAIR.format("a.jkt")} AND a.live = 1
        """,
        (pairs,),
    )
    for row in rows:
        book.activations[row["keyid"], row["jkt"]] = ActivationRow(*row)
    about = _list({activation.activation_id for activation in book.activations.values()})
    counted = ledger.execute(
        f"SELECT e.value, count(*) {_EACH} answers AS a ON a.about = e.value AND a.at > ? GROUP BY e.value",
        (about, since),
    )
    book.asked.update({row[0]: row[1] for row in counted})


def _read_slots(ledger: sqlite3.Connection, book: Book) -> None:
    keyids = _list(key.keyid for key in book.keys.values() if key.kind == "host")
    if keyids == "[]":
        return
    for row in ledger.execute(f"SELECT {_SLOT} {_EACH} slots AS s ON s.keyid = e.value AND s.live = 1", (keyids,)):
        book.slots[row["host_id"]] = SlotRow(*row)
    ended = ledger.execute(
        f"SELECT r.id, r.jkt {_EACH} revoked AS r ON r.kind = 'host' AND r.id = e.value", (_list(book.slots),)
    )
    book.ended.update((row["id"], row["jkt"]) for row in ended)


def _list(values: Iterable[object]) -> str:
    return json.dumps(list(values))
