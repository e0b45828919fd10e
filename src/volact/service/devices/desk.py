"""Where requests are decided: one transaction for a batch, on record before anything is signed (spec C-8)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress

from volact.errors import Refusal, Refused, VolactError
from volact.service.admission.batch import decide
from volact.service.admission.book import Ask, Book, Decision, Granted, Terms
from volact.service.admission.computers import DAY
from volact.service.devices.published import Published, published
from volact.service.ledger import admission, admissionwrites, settings
from volact.service.ledger.connection import writing
from volact.service.ledger.standing import Standing, standing
from volact.service.ports import Service
from volact.service.signing import kid_in_force, sign_pending
from volact.service.usecases.retiring import settle_due
from volact.service.usecases.revocations import revoke
from volact.service.usecases.telling import tell_batch
from volact.serving.batch import Steps, whole

Outcome = Granted | VolactError


class Desk:
    """The writer's side of the device API, on a connection of its own, for one batch at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._published: Published | None = None

    def decide(self, asks: Sequence[Ask]) -> Sequence[Outcome]:
        """All of `parts` in the caller's thread."""
        return whole(self.parts(asks))

    def parts(self, asks: Sequence[Ask]) -> Steps[Granted]:
        """Decides on a batch and puts it on record; gives a payload to be signed, or a refusal, for each request.

        What waits, for the database's turn, its server or its disk, stands before the first yield and after the second.
        A defect that one request brings out does not reach the others: they are decided one by one.
        """
        try:
            decisions = yield from self._commit(asks)
        except VolactError:
            raise
        except Exception:
            if len(asks) == 1:
                raise
            return [_alone(self._commit, ask) for ask in asks]
        return [_outcome(decision) for decision in decisions]

    def _commit(self, asks: Sequence[Ask]) -> Generator[None, None, Sequence[Decision]]:
        ledger = self._service.ledger
        with writing(ledger):
            ahead = self._opened(asks) if ledger.is_served else None
            yield
            now, terms, book = ahead or self._opened(asks)
            decisions = decide(book, terms, asks=asks)
            if not ledger.is_served:
                self._write(book, now, decisions=decisions, at=terms.now)
            yield
            if ledger.is_served:
                self._write(book, now, decisions=decisions, at=terms.now)
        if book.changes.revoked or now.list_on_record > (now.revocations or 0):
            with suppress(VolactError):  # the list is on record; the next batch, or the next start, signs it
                sign_pending(self._service)
        return decisions

    def _opened(self, asks: Sequence[Ask]) -> tuple[Standing, Terms, Book]:
        now = standing(self._service.ledger)
        self._published = published(self._service, now, before=self._published)
        terms = self._terms(self._published, now)
        if now.credit_at is not None and now.credit_at <= terms.now:
            settle_due(self._service, terms.now)
        return now, terms, admission.read(self._service.ledger, asks, since=terms.now - DAY)

    def _write(self, book: Book, now: Standing, *, decisions: Sequence[Decision], at: int) -> None:
        admissionwrites.write(self._service.ledger, book, now=at)
        tell_batch(self._service, book, decisions=decisions, now=at)
        dated = book.changes.answers or book.changes.resigned  # a refusal, and what was signed before, date nothing
        if dated and at > now.signed.newest:
            settings.note_signed(self._service.ledger, at)
        if book.changes.revoked:
            revoke(self._service, book.changes.revoked)

    def _terms(self, documents: Published, now: Standing) -> Terms:
        at = self._service.clock.time_to_sign(now.signed)
        return Terms(
            publisher=documents.publisher,
            now=at,
            catalog=documents.catalog,
            catalog_version=documents.versions.catalog,
            revocations_version=now.list_on_record,
            kid=kid_in_force(documents.root, "issuing", at=at),
            usable=documents.usable,
        )


def _outcome(decision: Decision) -> Outcome:
    return Refused(decision) if isinstance(decision, Refusal) else decision


def _alone(commit: Callable[[Sequence[Ask]], Generator[None, None, Sequence[Decision]]], ask: Ask) -> Outcome:
    try:
        return _outcome(whole(commit([ask]))[0])
    except VolactError as err:
        return err
    except Exception as err:
        defect = VolactError(f"the request brought out a defect: {type(err).__name__}")
        defect.__cause__ = err
        return defect
