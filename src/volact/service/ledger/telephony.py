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


def counted(
    ledger: Ledger, *, since: int, channel: str | None = None, caller: str | None = None, keyid: str | None = None
) -> tuple[int, int]:
    """How much counts towards a limit after a time (seconds), and the oldest time of that, 0 where nothing does."""
    wanted = {"channel": channel, "caller": caller, "keyid": keyid}
    asked = {name: value for name, value in wanted.items() if value is not None}
    where = "".join(f" AND {name} = ?" for name in asked)
    row = ledger.execute(
        f"SELECT count(*), coalesce(min(at), 0) FROM telephone_counts WHERE at > ?{where}", (since, *asked.values())
    ).fetchone()
    return int(row[0]), int(row[1])


def count(ledger: Ledger, channel: str, *, caller: str, keyid: str | None, at: int, forget: int) -> None:
    """Adds what counts, and forgets what is as old as `forget` (seconds) or older."""
    ledger.execute("DELETE FROM telephone_counts WHERE at <= ?", (forget,))
    ledger.execute(
        "INSERT INTO telephone_counts (at, channel, caller, keyid) VALUES (?, ?, ?, ?)", (at, channel, caller, keyid)
    )


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
