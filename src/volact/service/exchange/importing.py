"""One sheet into the record, as a whole or not at all; without `apply` the same is done and undone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from volact.errors import Refusal, Refused
from volact.service.exchange.agreements import Agreements
from volact.service.exchange.keys import Keys
from volact.service.exchange.products import Products
from volact.service.exchange.purchases import Purchases
from volact.service.exchange.results import Outcome, masked
from volact.service.exchange.sheet import Sheet, read_sheet
from volact.service.ledger import audit, settings
from volact.service.ledger.connection import writing
from volact.service.ports import Act, Service
from volact.service.signing import sign_pending


class Taking(Protocol):
    """How the rows of one kind of sheet come on record."""

    def prepare(self, sheet: Sheet) -> None:
        """What takes long and writes nothing."""
        ...

    def take(self, sheet: Sheet) -> list[Outcome]:
        """All rows on record, inside the caller's transaction; an outcome for each, in the sheet's order."""
        ...


SUBJECTS: Mapping[str, type[Products] | type[Agreements] | type[Purchases] | type[Keys]] = {
    "products": Products,
    "agreements": Agreements,
    "purchases": Purchases,
    "keys": Keys,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to, or would come to; `refusal` where the file, or at least one row, was refused."""

    outcomes: tuple[Outcome, ...]
    applied: bool
    left_out: tuple[str, ...]
    refusal: Refusal | None


class _Undone(Exception):
    """Ends a transaction that is not to be kept."""


def import_sheet(service: Service, subject: str, *, data: bytes, apply: bool, act: Act) -> Imported:
    """Takes a sheet of one of SUBJECTS; one refused row and nothing is applied.

    A file whose rows cannot be told apart has no outcomes, and the refusal `sheet_invalid`.
    """
    kind = SUBJECTS[subject]
    try:
        sheet = read_sheet(data, kind.columns)
    except Refused as error:
        return Imported((), False, (), masked(error.refusal))
    taking: Taking = kind(service, act)
    taking.prepare(sheet)
    outcomes: list[Outcome] = []
    refusal: Refusal | None = None
    with suppress(_Undone), writing(service.ledger):
        outcomes = taking.take(sheet)
        refusal = _refusal(outcomes)
        if refusal is not None or not apply:
            raise _Undone
        detail = {"subject": subject, "rows": len(outcomes), "sha256": sha256(data).hexdigest()}
        publisher = settings.publisher_id(service.ledger)
        audit.write(service.ledger, act, what="sheet imported", subject=publisher, detail=detail)
    applied = apply and refusal is None
    if applied:
        sign_pending(service)
    return Imported(tuple(outcomes), applied, sheet.left_out, refusal)


def _refusal(outcomes: list[Outcome]) -> Refusal | None:
    """The refusal of the whole sheet, which leads with its first refused row."""
    refused = [each for each in outcomes if each.refusal is not None]
    if not refused or refused[0].refusal is None:
        return None
    first = refused[0].refusal.detail
    line = refused[0].row.line
    told = first if first.startswith(f"line {line} ") else f"line {line}: {first}"
    detail = f"{len(refused)} of {len(outcomes)} rows cannot be applied, so none was; {told}"
    return Refusal("sheet_refused", detail, {"refused": len(refused), "line": line})
