"""What a batch of requests is decided on, read in the batch's own transaction: a few statements, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from volact.credential.claims import Organization
from volact.credential.request import HostRequest
from volact.service.admission.book import Ask, Book, Customer
from volact.service.ledger.ports import Ledger, Row
from volact.service.ledger.rows import ActivationRow, AnswerRow, CertificateRow, KeyRow, SlotRow

_KEY = "k.keyid, k.licensing_id, k.kind, k.product_group, k.product, k.state, k.allowance, k.used, k.first_group"
_ACTIVATION = "a.activation_id, a.keyid, a.jkt, a.dev, a.channel, a.product, a.live, a.at"
_ANSWER = "a.jkt, a.rid, a.digest, a.typ, a.kid, a.payload, a.about, a.at"
_CERTIFICATE = "c.jti, c.host_id, c.predecessor, c.replaced, c.jkt, c.iat, c.exp"
_SLOT = "s.host_id, s.keyid, s.dev, s.jkt, s.reactivations, s.at, s.live"


def read(ledger: Ledger, asks: Sequence[Ask], *, since: int) -> Book:
    """Everything that the requests are about; `since` (seconds) is where the day of new requests begins."""
    book = Book()
    book.answers.update(recorded(ledger, asks))
    _read_predecessors(ledger, book, asks=asks)
    named = [ask.request.keyid for ask in asks if ask.request.keyid is not None]
    read_keys(ledger, book, keyids={*named, *(slot.keyid for slot in book.slots.values())})
    _read_activations(ledger, book, asks=asks, since=since)
    read_slots(ledger, book)
    return book


def sealed_proof_key(ledger: Ledger, keyid: str) -> bytes | None:
    """The sealed proof key of a key, which never changes; None for an unknown key id."""
    row = ledger.execute("SELECT sealed_proof_key FROM keys WHERE keyid = ?", (keyid,)).fetchone()
    return None if row is None else row[0]


def recorded(ledger: Ledger, asks: Sequence[Ask]) -> dict[tuple[str, str], AnswerRow]:
    """The answers on record to requests of those numbers, by number."""
    words, numbers = ledger.dialect, _list(ask.number for ask in asks)
    known = words.pairs("answers AS a", f"a.jkt = {words.first} AND a.rid = {words.second}")
    rows = ledger.execute(f"SELECT {_ANSWER} {known}", (numbers,))
    return {(row.jkt, row.rid): row for row in map(_answer, rows)}


def gave_certificate(ledger: Ledger, jti: str, *, jkt: str) -> bool:
    """Whether a certificate of that id was given to that device key."""
    return ledger.execute("SELECT 1 FROM certificates WHERE jti = ? AND jkt = ?", (jti, jkt)).fetchone() is not None


def seen(ledger: Ledger) -> object:
    """Something that differs as soon as another connection, of whatever process, has committed anything."""
    return ledger.execute(ledger.dialect.seen).fetchone()[0]


def _answer(row: Row) -> AnswerRow:
    return AnswerRow(*row)


def _activation(row: Row) -> ActivationRow:
    return ActivationRow(*row)


def _read_predecessors(ledger: Ledger, book: Book, *, asks: Sequence[Ask]) -> None:
    named = [ask.request.predecessor for ask in asks if isinstance(ask.request, HostRequest)]
    jtis = _list(jti for jti in named if jti is not None)
    if jtis == "[]":
        return
    words = ledger.dialect
    found = ledger.execute(f"SELECT {_CERTIFICATE} {words.texts} certificates AS c ON c.jti = {words.text}", (jtis,))
    book.certificates.update((row[0], CertificateRow(*row)) for row in found)
    hosts = _list(certificate.host_id for certificate in book.certificates.values())
    slots = ledger.execute(f"SELECT {_SLOT} {words.texts} slots AS s ON s.host_id = {words.text}", (hosts,))
    book.slots.update((row[0], SlotRow(*row)) for row in slots)


def read_keys(ledger: Ledger, book: Book, *, keyids: set[str]) -> None:
    """Puts keys and whose they are into the book."""
    words = ledger.dialect
    rows = ledger.execute(
        f"""
        SELECT {_KEY}, k.sealed_key, k.sealed_proof_key, k.at, o.organization_id, o.name, o.country
        {words.texts} keys AS k ON k.keyid = {words.text}
        JOIN agreements AS g ON g.licensing_id = k.licensing_id
        JOIN organizations AS o ON o.organization_id = g.organization_id
        """,
        (_list(sorted(keyids)),),
    )
    for row in rows:
        book.keys[row[0]] = KeyRow(*row[:12])
        book.customers[row[0]] = Customer(Organization(row[12], row[13]), row[14])


def _read_activations(ledger: Ledger, book: Book, *, asks: Sequence[Ask], since: int) -> None:
    pairs = _list((ask.request.keyid, ask.jkt) for ask in asks if not isinstance(ask.request, HostRequest))
    if pairs == "[]":
        return
    words = ledger.dialect
    held = words.pairs("activations AS a", f"a.keyid = {words.first} AND a.jkt = {words.second} AND a.live = 1")
    rows = ledger.execute(f"SELECT {_ACTIVATION} {held}", (pairs,))
    for row in map(_activation, rows):
        book.activations[row.keyid, row.jkt] = row
    if not book.activations:
        return
    about = _list((activation.activation_id, since) for activation in book.activations.values())
    asked = words.pairs("answers AS a", f"a.about = {words.first} AND a.at > {words.number}")
    counted = ledger.execute(f"SELECT a.about, count(*) {asked} GROUP BY a.about", (about,))
    book.asked.update(dict(counted))


def read_slots(ledger: Ledger, book: Book) -> None:
    """Puts the places of the book's host keys into it, and which device keys of theirs ended."""
    keyids = _list(key.keyid for key in book.keys.values() if key.kind == "host")
    if keyids == "[]":
        return
    words = ledger.dialect
    slots = ledger.execute(
        f"SELECT {_SLOT} {words.texts} slots AS s ON s.keyid = {words.text} AND s.live = 1", (keyids,)
    )
    book.slots.update((row[0], SlotRow(*row)) for row in slots)
    ended = ledger.execute(
        f"SELECT r.id, r.jkt {words.texts} revoked AS r ON r.kind = 'host' AND r.id = {words.text}",
        (_list(book.slots),),
    )
    book.ended.update((row[0], row[1]) for row in ended)


def _list(values: Iterable[object]) -> str:
    return msgspec.json.encode(list(values)).decode()
