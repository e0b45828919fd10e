"""Places of hosts under their host keys, for whoever gives one up."""

from __future__ import annotations

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import SlotRow


def slot(ledger: Ledger, host_id: str, *, keyid: str) -> SlotRow | None:
    """The slot of that host under that key, whether it is taken or not, or None."""
    found = place(ledger, host_id)
    return found if found is not None and found.keyid == keyid else None


def place(ledger: Ledger, host_id: str) -> SlotRow | None:
    """The slot of that host, whether it is taken or not, or None.

    A host by telephone has a new id with each last month: it is found by every one of them.
    """
    row = ledger.execute(
        """
        SELECT host_id, keyid, dev, jkt, reactivations, at, live FROM slots
        WHERE host_id = ? OR host_id = (SELECT host_id FROM certificates WHERE jti = ?)
        """,
        (host_id, host_id),
    ).fetchone()
    return None if row is None else SlotRow(*row)


def certificates_end(ledger: Ledger, host_id: str) -> int | None:
    """When the newest certificate of a host ends (seconds)."""
    row = ledger.execute("SELECT max(exp) FROM certificates WHERE host_id = ?", (host_id,)).fetchone()
    return None if row is None else row[0]


def free(ledger: Ledger, row: SlotRow) -> None:
    """Gives a slot that is taken back to its key, and lets none of its certificates be renewed."""
    ledger.execute("UPDATE slots SET live = 0 WHERE host_id = ?", (row.host_id,))
    ledger.execute("UPDATE certificates SET replaced = 1 WHERE host_id = ?", (row.host_id,))
    ledger.execute("UPDATE keys SET used = used - 1 WHERE keyid = ?", (row.keyid,))
