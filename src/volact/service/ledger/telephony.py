"""What a confirmation is decided on: the key, whose it is, and what was confirmed for a computer before."""

from __future__ import annotations

from volact.service.admission.book import Book
from volact.service.ledger import admission
from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import ActivationRow

_ACTIVATION = "activation_id, keyid, jkt, dev, channel, product, live, at"
CHANNEL = "telephone"


def read(ledger: Ledger, keyid: str, *, dev: str) -> Book:
    """The book of one installation ID: its key, and what holds of it on that computer by telephone."""
    book = Book()
    admission.read_keys(ledger, book, keyids={keyid})
    row = ledger.execute(
        f"SELECT {_ACTIVATION} FROM activations WHERE keyid = ? AND dev = ? AND channel = ? AND live = 1",
        (keyid, dev, CHANNEL),
    ).fetchone()
    if row is not None:
        held = ActivationRow(*row)
        book.activations[held.keyid, held.jkt] = held
    return book


def signed_by(ledger: Ledger, held: ActivationRow) -> str:
    """The telephone key that signs the confirmation on record."""
    row = ledger.execute("SELECT kid FROM answers WHERE jkt = ? AND rid = ?", (held.jkt, held.keyid)).fetchone()
    return str(row[0])


def was_returned(ledger: Ledger, keyid: str, *, dev: str) -> bool:
    """Whether an activation by telephone of that key on that computer was given back, so that the list names both."""
    row = ledger.execute(
        "SELECT 1 FROM activations WHERE keyid = ? AND dev = ? AND channel = ? AND live = 0",
        (keyid, dev, CHANNEL),
    )
    return row.fetchone() is not None


def confirmed_since(ledger: Ledger, keyid: str, *, since: int) -> int:
    """How many computers were activated by telephone with a key from a time (seconds) on."""
    row = ledger.execute(
        "SELECT count(*) FROM activations WHERE keyid = ? AND channel = ? AND at >= ?", (keyid, CHANNEL, since)
    )
    return int(row.fetchone()[0])


def revoked_pairs(ledger: Ledger) -> dict[str, tuple[str, str]]:
    """The key and the computer of each activation by telephone that the revocation list names by its id."""
    rows = ledger.execute(
        """
        SELECT activation_id, keyid, dev FROM revoked JOIN activations ON activation_id = id
        WHERE kind = 'activation' AND channel = ?
        """,
        (CHANNEL,),
    )
    return {row[0]: (row[1], row[2]) for row in rows}
