"""What a confirmation is decided on: the key, whose it is, and what was confirmed for a computer before."""

from __future__ import annotations

from dataclasses import dataclass

from volact.credential.telephone.confirmation import Role
from volact.credential.telephone.installation import named_dev
from volact.service.admission.book import Book
from volact.service.ledger import admission
from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import DEV_MARK, DIRECTORY_MARK, ActivationRow

_ACTIVATION = "activation_id, keyid, jkt, dev, channel, product, live, at"
CHANNEL = "telephone"
CONFIRMATION_TYP = "volact-confirmation"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmation on record: what was signed, by which key, and since when it holds (seconds)."""

    payload: bytes
    kid: str
    since: int


def mark(role: Role, dev: str) -> str:
    """What stands for the device key of whoever told a `dev` and no key."""
    return f"{DIRECTORY_MARK if role is Role.DIRECTORY else DEV_MARK}{dev}"


def read(ledger: Ledger, keyid: str, *, dev: str) -> Book:
    """The book of one installation ID: its key, and what holds of it on that computer by telephone."""
    book = Book()
    admission.read_keys(ledger, book, keyids={keyid})
    admission.read_slots(ledger, book)
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


def confirmed(ledger: Ledger, marked: str, *, keyid: str) -> Confirmed | None:
    """The confirmation on record of a host or a directory."""
    row = ledger.execute(
        """
        SELECT a.payload, a.kid, max(c.iat) FROM answers AS a
        JOIN certificates AS c ON c.host_id = a.about AND c.jkt = a.jkt
        WHERE a.jkt = ? AND a.rid = ? GROUP BY a.payload, a.kid
        """,
        (marked, keyid),
    ).fetchone()
    return None if row is None else Confirmed(bytes(row[0]), row[1], row[2])


def ended_devices(ledger: Ledger, keyid: str) -> set[str]:
    """The device keys, or their marks, of a host key's hosts that the revocation list has."""
    rows = ledger.execute(
        "SELECT jkt FROM revoked WHERE kind = 'host' AND id IN (SELECT host_id FROM slots WHERE keyid = ?)", (keyid,)
    )
    return {row[0] for row in rows}


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


def revoked_hosts(ledger: Ledger) -> dict[tuple[str, str], tuple[str, str]]:
    """The key and the `dev` that the telephone knows of each line of the list that ends a host's device key."""
    rows = ledger.execute(
        """
        SELECT id, revoked.jkt, rid, answers.jkt FROM revoked JOIN answers ON about = id
        WHERE kind = 'host' AND typ = ?
        """,
        (CONFIRMATION_TYP,),
    )
    found = {}
    for host_id, ended, keyid, marked in rows:
        dev = marked.rpartition(":")[2]
        if ended == marked or named_dev(ended) == dev:
            found[host_id, ended] = (keyid, dev)
    return found
