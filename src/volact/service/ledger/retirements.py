"""Activations that were returned: ended at once, and credited to their keys after the cool-down, each exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterable

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import ActivationRow, RetirementRow

_COLUMNS = "activation_id, keyid, at, credit_at, credited"
_DUE = "credited = 0 AND credit_at <= ?"


def activation(ledger: Ledger, activation_id: str) -> ActivationRow | None:
    """The activation of that id, whether it holds or not, or None."""
    row = ledger.execute(
        "SELECT activation_id, keyid, jkt, dev, channel, product, live, at FROM activations WHERE activation_id = ?",
        (activation_id,),
    ).fetchone()
    return None if row is None else ActivationRow(*row)


def retirement(ledger: Ledger, activation_id: str) -> RetirementRow | None:
    """How the activation of that id was returned, or None where it was not."""
    row = ledger.execute(f"SELECT {_COLUMNS} FROM retirements WHERE activation_id = ?", (activation_id,)).fetchone()
    return None if row is None else RetirementRow(*row)


def credit_times(ledger: Ledger, activation_ids: Iterable[str]) -> dict[str, int]:
    """When the key of each activation has it again; of those alone that were returned."""
    words = ledger.dialect
    rows = ledger.execute(
        f"""
        SELECT r.activation_id, r.credit_at {words.texts} retirements AS r ON r.activation_id = {words.text}
        """,
        (json.dumps(list(activation_ids)),),
    )
    return dict(rows)


def times(ledger: Ledger, keyid: str) -> tuple[int, ...]:
    """When activations of a key were returned, the first one first."""
    rows = ledger.execute("SELECT at FROM retirements WHERE keyid = ? ORDER BY at", (keyid,))
    return tuple(row[0] for row in rows)


def returning(ledger: Ledger, keyid: str) -> tuple[RetirementRow, ...]:
    """What the key gets back and has not got yet, the first one first."""
    rows = ledger.execute(
        f"SELECT {_COLUMNS} FROM retirements WHERE keyid = ? AND credited = 0 ORDER BY at, rowid", (keyid,)
    )
    return tuple(RetirementRow(*row) for row in rows)


def add(ledger: Ledger, row: RetirementRow) -> None:
    """Ends the activation; its key's number stays until the retirement is credited."""
    ledger.execute("UPDATE activations SET live = 0 WHERE activation_id = ?", (row.activation_id,))
    ledger.execute(
        f"""
        INSERT INTO retirements ({_COLUMNS}, licensing_id)
        SELECT ?, keyid, ?, ?, ?, licensing_id FROM keys WHERE keyid = ?
        """,
        (row.activation_id, row.at, row.credit_at, row.credited, row.keyid),
    )


def due(ledger: Ledger, now: int) -> tuple[RetirementRow, ...]:
    """The retirements whose cool-down is over and that were not credited: one look into an index of those alone."""
    rows = ledger.execute(f"SELECT {_COLUMNS} FROM retirements WHERE {_DUE} ORDER BY credit_at, rowid", (now,))
    return tuple(RetirementRow(*row) for row in rows)


def credit(ledger: Ledger, row: RetirementRow) -> bool:
    """Gives the key its activation back; gives False, and changes nothing, where that was done before."""
    done = ledger.execute(
        "UPDATE retirements SET credited = 1 WHERE activation_id = ? AND credited = 0", (row.activation_id,)
    )
    if done.rowcount == 1:
        ledger.execute("UPDATE keys SET used = used - 1 WHERE keyid = ?", (row.keyid,))
    return done.rowcount == 1
