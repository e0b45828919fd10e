"""Where requests are decided: one transaction for a batch, on record before anything is signed (spec C-8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from volact.errors import Refusal, Refused, VolactError
from volact.service.admission.batch import decide
from volact.service.admission.book import Ask, Decision, Granted, Terms
from volact.service.admission.computers import DAY
from volact.service.devices.published import Published, published
from volact.service.ledger import admission, admissionwrites, documents, settings
from volact.service.ledger.connection import writing
from volact.service.ports import Service
from volact.service.signing import kid_in_force, sign_pending
from volact.service.usecases.retiring import settle_due
from volact.service.usecases.revocations import revoke
from volact.service.usecases.telling import tell_batch

Outcome = Granted | VolactError


class Desk:
    """The writer's side of the device API; it works in one thread, on a connection of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._published: Published | None = None

    def decide(self, asks: Sequence[Ask]) -> Sequence[Outcome]:
        """Decides on a batch and puts it on record; gives a payload to be signed, or a refusal, for each request.

        A defect that one request brings out does not reach the others: they are decided one by one.
        """
        try:
            return [_outcome(decision) for decision in self._commit(asks)]
        except VolactError:
            raise
        except Exception:
            if len(asks) == 1:
                raise
            return [_alone(self._commit, ask) for ask in asks]

    def _commit(self, asks: Sequence[Ask]) -> tuple[Decision, ...]:
        # The ledger's functions do the steps in this order; their transaction ends before anything is signed.
        ledger = self._service.ledger
        with writing(ledger):
            self._published = published(self._service, self._published)
            terms = self._terms(self._published)
            settle_due(self._service, terms.now)
            book = admission.read(ledger, asks, since=terms.now - DAY)
            decisions = decide(book, terms, asks=asks)
            admissionwrites.write(ledger, book, now=terms.now)
            tell_batch(self._service, book, decisions=decisions, now=terms.now)
            if book.changes.answers or book.changes.resigned:  # a refusal, and what was signed before, date nothing
                settings.note_signed(ledger, terms.now)
            if book.changes.revoked:
                revoke(self._service, book.changes.revoked)
            unsigned = documents.newest_version(ledger, "revocations") > self._published.versions.revocations
        if unsigned:
            with suppress(VolactError):  # the list is on record; the next batch, or the next start, signs it
                sign_pending(self._service)
        return decisions

    def _terms(self, now: Published) -> Terms:
        at = settings.time_to_sign(self._service.ledger, self._service.clock)
        return Terms(
            publisher=now.publisher,
            now=at,
            catalog=now.catalog,
            catalog_version=now.versions.catalog,
            revocations_version=documents.newest_version(self._service.ledger, "revocations"),
            kid=kid_in_force(now.root, "issuing", at=at),
            usable=now.usable,
        )


def _outcome(decision: Decision) -> Outcome:
    return Refused(decision) if isinstance(decision, Refusal) else decision


def _alone(commit: Callable[[Sequence[Ask]], tuple[Decision, ...]], ask: Ask) -> Outcome:
    try:
        return _outcome(commit([ask])[0])
    except VolactError as err:
        return err
    except Exception as err:
        defect = VolactError(f"the request brought out a defect: {type(err).__name__}")
        defect.__cause__ = err
        return defect
