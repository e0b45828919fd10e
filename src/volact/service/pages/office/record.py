"""The auditor's view: the record with its filters, one entry with its proof, checkpoints, and verifying it all."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

from django.http import Http404, HttpResponse

from volact.credential.encoding import b64
from volact.credential.merkle import included, inclusion_proof
from volact.errors import Refusal, Refused, VolactError, say
from volact.licensing.agreements import is_day
from volact.service.exchange.sheet import write_sheet
from volact.service.ledger import audit, log, recorded, settings
from volact.service.ledger.recorded import Search
from volact.service.pages import deeds
from volact.service.pages.look import HEADERS
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.names import without_keys
from volact.service.usecases.verifying import Verified, verify

ROWS = 50
EXPORTED = 50_000  # entries in one file
VERIFIED, BROKEN = "record verified", "record found broken"
LARGEST = 200_000  # entries that are verified here, in seconds; more are the command line's
_HIGHEST = 2**62
_FILTERS = ("subject", "who", "act", "since", "until")
_COLUMNS = ("entry", "at", "who", "act", "subject", "detail")
_verifying = threading.Lock()


@page(Right.AUDIT)
def entries(visit: Visit) -> HttpResponse:
    """Entries, the newest first; by subject, person, act and days. Sent as a form, they come as a file."""
    if visit.request.method == "POST":
        return _exported(visit)
    search = _search(visit, before=_number(visit.asked("before")))
    rows = recorded.entries(visit.service.ledger, search, limit=ROWS + 1)
    acts = deeds.acts()
    return visit.page(
        "office/record.html",
        wrong=[day for day in (visit.asked("since"), visit.asked("until")) if day and not is_day(day)],
        search=search,
        since=visit.asked("since"),
        until=visit.asked("until"),
        acts=sorted(acts.items(), key=lambda each: each[1].casefold()),
        rows=[(row, acts.get(row.act, row.act)) for row in rows[:ROWS]],
        before=rows[ROWS - 1].entry if len(rows) > ROWS else None,
        most=EXPORTED,
    )


@page(Right.AUDIT)
def one(visit: Visit, number: int) -> HttpResponse:
    """One entry, its leaf, and the proof that the newest checkpoint's log has it."""
    ledger = visit.service.ledger
    row = audit.entry(ledger, number) if number < _HIGHEST else None
    if row is None:
        raise Http404
    leaf, checkpoint = log.leaf_of(ledger, number), log.newest_signed(ledger)
    proof: tuple[bytes, ...] | None = None
    if leaf is not None and checkpoint is not None and leaf.leaf < checkpoint.size:
        proof = inclusion_proof(log.nodes(ledger), leaf.leaf, size=checkpoint.size)
    return visit.page(
        "office/entry.html",
        row=row,
        said=deeds.act(row.act),
        detail=deeds.details(row),
        leaf=leaf,
        leaf_hash=b64(leaf.hash) if leaf else "",
        salt=b64(leaf.salt) if leaf and leaf.salt else None,
        checkpoint=checkpoint,
        root=b64(checkpoint.root) if checkpoint else "",
        proof=[b64(each) for each in proof] if proof is not None else None,
        holds=leaf is not None
        and checkpoint is not None
        and proof is not None
        and included(leaf.hash, leaf.leaf, size=checkpoint.size, proof=proof, root=checkpoint.root),
    )


@page(Right.AUDIT)
def checkpoints(visit: Visit) -> HttpResponse:
    """The checkpoints, the newest first, each with the text to keep elsewhere."""
    rows = recorded.checkpoints(visit.service.ledger, before=_number(visit.asked("before")), limit=ROWS + 1)
    return visit.page(
        "office/checkpoints.html",
        rows=[(row, b64(row.root)) for row in rows[:ROWS]],
        before=rows[ROWS - 1].size if len(rows) > ROWS else None,
        waiting=log.newest_entry(visit.service.ledger) - rows[0].size if rows and not visit.asked("before") else 0,
    )


@page(Right.AUDIT)
def verification(visit: Visit) -> HttpResponse:
    """Computes the log anew, compares it with every checkpoint, and one kept elsewhere; records what it found."""
    kept = visit.posted("kept")
    found: Verified | None = None
    refused: Refusal | None = None
    if visit.request.method == "POST":
        try:
            found = _verified(visit, kept)
        except VolactError as err:
            refused = err.refusal
    newest = audit.newest_of(visit.service.ledger, VERIFIED, most=ROWS)
    return visit.page(
        "office/verification.html",
        status=422 if refused else 200,
        refused=refused,
        kept=kept,
        found=found,
        root=b64(found.root) if found else "",
        size=log.size(visit.service.ledger),
        largest=LARGEST,
        rows=[(row, deeds.details(row)) for row in newest],
    )


def _verified(visit: Visit, kept: str) -> Verified:
    if log.size(visit.service.ledger) > LARGEST:
        detail = say("a log of more than {most} entries is verified by `volact service audit verify`", most=LARGEST)
        raise Refused(Refusal("not_ready", detail))
    if not _verifying.acquire(blocking=False):
        raise Refused(Refusal("not_ready", "the record is being verified by somebody else in this moment"))
    try:
        found = verify(visit.service, kept=[kept] if kept else [])
    except Refused as err:
        if err.code == "log_broken":
            _note(visit, BROKEN, detail={"found": err.refusal.detail})
        raise
    finally:
        _verifying.release()
    _note(visit, VERIFIED, detail={"size": found.size, "root": b64(found.root), "checkpoints": found.checkpoints})
    return found


def _note(visit: Visit, what: str, *, detail: dict[str, object]) -> None:
    subject = settings.publisher_id(visit.service.ledger)
    visit.write(lambda service, act: audit.write(service.ledger, act, what=what, subject=subject, detail=detail))


def _exported(visit: Visit) -> HttpResponse:
    rows = recorded.entries(visit.service.ledger, _search(visit, before=0), limit=EXPORTED)
    asked = {name: without_keys(visit.asked(name)[:200]) for name in _FILTERS if visit.asked(name)}
    _note(visit, "record exported", detail={"count": len(rows), "asked": asked})
    data = write_sheet(
        _COLUMNS, ((row.entry, _told(row.at), row.who, row.act, row.subject, row.detail) for row in rows)
    )
    said = {"Content-Disposition": 'attachment; filename="record.csv"', "Content-Type": "text/csv; charset=utf-8"}
    return HttpResponse(data, headers=HEADERS | said)


def _search(visit: Visit, *, before: int) -> Search:
    """What the filters ask for, before an entry; a day that is none is left out, and the page says so."""
    since, until, ledger = visit.asked("since"), visit.asked("until"), visit.service.ledger
    if is_day(until) and not before:
        before = recorded.first_since(ledger, _at(until, days=1))
    return Search(
        subject=visit.asked("subject")[:200],
        who=visit.asked("who")[:200],
        act=visit.asked("act")[:64],
        first=recorded.first_since(ledger, _at(since)) if is_day(since) else 0,
        before=before,
    )


def _at(day: str, *, days: int = 0) -> int:
    """When a day begins, or one so many days after it; the last day there is has none after it."""
    begins = datetime.fromisoformat(day).replace(tzinfo=UTC)
    if days and date.fromisoformat(day) == date.max:
        return int(begins.timestamp())
    return int((begins + timedelta(days=days)).timestamp())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _told(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
