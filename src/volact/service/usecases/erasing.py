"""Erasing what an entry of the audit says, so that no proof over the log breaks, and finding it (spec S-8.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, log, pages, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import AuditRow, LeafRow
from volact.service.ports import Act, Service
from volact.service.usecases.names import check_note
from volact.service.usecases.restores import RESTORED
from volact.service.usecases.sequencing import sequence
from volact.service.usecases.verifying import ERASED

_PAGE = 1_000  # rows that are in memory at once
_STAY = (ERASED, RESTORED)  # without their texts `verify` could not tell what became of others


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries to list: younger than `after`, on one subject, with `naming` anywhere in their texts."""

    after: int = 0
    subject: str | None = None
    naming: str | None = None


def listed(service: Service, wanted: Wanted, *, most: int) -> tuple[AuditRow, ...]:
    """The first so many entries that are wanted, in their order."""
    with reading(service.ledger):
        return tuple(islice(_found(service, wanted), most))


def erase(service: Service, entry: int, *, reason: str, act: Act) -> bool:
    """Takes the texts of an entry and its salt away, and records that and why; gives whether there was anything left.

    What is not in the log yet is sequenced first. Raises Refused: `unknown_entry`, `usage` for an entry that says what
    became of others, `signing_clock`.
    """
    why = check_note(reason, say("a reason"))
    with reading(service.ledger):
        _known(service, entry)
    while log.leaf_of(service.ledger, entry) is None and sequence(service):
        pass
    for statement in service.ledger.dialect.traceless:
        service.ledger.execute(statement)
    with writing(service.ledger):
        _known(service, entry)
        leaf = _leaf(service, entry)
        if leaf.salt is None:
            return False
        log.erase_salt(service.ledger, entry)
        audit.erase(service.ledger, entry)
        subject = settings.publisher_id(service.ledger)
        audit.write(service.ledger, act, what=ERASED, subject=subject, detail={"entry": entry, "why": why})
    return True


def _known(service: Service, entry: int) -> None:
    row = audit.entry(service.ledger, entry)
    if row is None:
        raise Refused(Refusal("unknown_entry", say("the audit has no entry {entry}", entry=entry), {"entry": entry}))
    if row.act in _STAY:
        detail = say('entry {entry} is "{act}": without it the log could not be verified', entry=entry, act=row.act)
        raise Refused(Refusal("usage", detail, {"entry": entry}))


def _leaf(service: Service, entry: int) -> LeafRow:
    leaf = log.leaf_of(service.ledger, entry)
    if leaf is None:  # of a record that somebody wrote to behind the log's back
        detail = say("entry {entry} is in no place of the log", entry=entry)
        raise Refused(Refusal("log_broken", detail, {"entry": entry, "size": None, "fits": False}))
    return leaf


def _found(service: Service, wanted: Wanted) -> Iterator[AuditRow]:
    text, after = (wanted.naming or "").casefold(), wanted.after
    while page := pages.audit(service.ledger, after=[after], limit=_PAGE, subject=wanted.subject):
        yield from (row for row in page if any(text in said.casefold() for said in (row.who, row.subject, row.detail)))
        after = page[-1].entry
