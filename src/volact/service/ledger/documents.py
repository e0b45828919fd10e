"""Versions of root, catalog and revocation list: the payload first, its signed text after."""

from __future__ import annotations

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import DocumentRow

_COLUMNS = "kind, version, payload, kid, text, at"


def newest(ledger: Ledger, kind: str) -> DocumentRow | None:
    """The newest version that is signed, or None before the first."""
    row = ledger.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE kind = ? AND text IS NOT NULL ORDER BY version DESC LIMIT 1", (kind,)
    ).fetchone()
    return None if row is None else DocumentRow(*row)


def newest_on_record(ledger: Ledger, kind: str) -> DocumentRow | None:
    """The newest version, signed or not: what the next one follows; None before the first."""
    row = ledger.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE kind = ? ORDER BY version DESC LIMIT 1", (kind,)
    ).fetchone()
    return None if row is None else DocumentRow(*row)


def newest_version(ledger: Ledger, kind: str) -> int:
    """The highest version on record, signed or not; 0 before the first."""
    return int(ledger.execute("SELECT max(version) FROM documents WHERE kind = ?", (kind,)).fetchone()[0] or 0)


def at_version(ledger: Ledger, kind: str, *, version: int) -> str | None:
    """The signed text of one version, or None where there is none."""
    row = ledger.execute("SELECT text FROM documents WHERE kind = ? AND version = ?", (kind, version)).fetchone()
    return None if row is None else row[0]


def payload_at(ledger: Ledger, kind: str, *, version: int) -> bytes | None:
    """What one version says, signed or not, or None where there is none."""
    row = ledger.execute("SELECT payload FROM documents WHERE kind = ? AND version = ?", (kind, version)).fetchone()
    return None if row is None else bytes(row[0])


def versions(ledger: Ledger, kind: str) -> tuple[tuple[int, int], ...]:
    """The versions on record with their times (seconds), the newest first."""
    rows = ledger.execute("SELECT version, at FROM documents WHERE kind = ? ORDER BY version DESC", (kind,))
    return tuple((row[0], row[1]) for row in rows)


def root_texts(ledger: Ledger) -> tuple[str, ...]:
    """The signed root versions, 1 to N."""
    rows = ledger.execute("SELECT text FROM documents WHERE kind = 'root' AND text IS NOT NULL ORDER BY version")
    return tuple(row[0] for row in rows)


def record(ledger: Ledger, row: DocumentRow) -> None:
    """Puts a version on record; one version is recorded once."""
    ledger.execute(
        f"INSERT INTO documents ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        (row.kind, row.version, row.payload, row.kid, row.text, row.at),
    )


def drop_replaced(ledger: Ledger, kind: str) -> None:
    """Drops the versions before the newest signed one, which nobody is given any more."""
    ledger.execute(
        """
        DELETE FROM documents WHERE kind = ? AND version <
            (SELECT max(version) FROM documents WHERE kind = ? AND text IS NOT NULL)
        """,
        (kind, kind),
    )


def unsigned(ledger: Ledger) -> tuple[DocumentRow, ...]:
    """The versions whose signed text is still to come."""
    rows = ledger.execute(f"SELECT {_COLUMNS} FROM documents WHERE text IS NULL ORDER BY kind, version")
    return tuple(DocumentRow(*row) for row in rows)


def put_text(ledger: Ledger, row: DocumentRow, *, text: str) -> None:
    """Adds the signed text to a version that is on record."""
    ledger.execute("UPDATE documents SET text = ? WHERE kind = ? AND version = ?", (text, row.kind, row.version))
