"""What is on record as a sheet that an import takes again, every row of it unchanged."""

from __future__ import annotations

from volact.service.exchange.importing import SUBJECTS
from volact.service.exchange.sheet import write_sheet
from volact.service.ledger.connection import reading
from volact.service.ports import Service


def export_sheet(service: Service, subject: str) -> tuple[bytes, int]:
    """The file of one of SUBJECTS, and how many rows it has; no key is ever in it."""
    kind = SUBJECTS[subject]
    with reading(service.ledger):
        rows = list(kind.rows(service))
    return write_sheet(kind.columns.exported, rows), len(rows)
