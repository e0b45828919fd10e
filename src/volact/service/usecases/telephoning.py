"""Activation by telephone: an installation ID is read to the center, a confirmation ID is read back (spec S-13).

What one activation is: (key, `dev`). The same installation ID again has the same confirmation, and takes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from volact.credential.encoding import dated, digest
from volact.credential.root import RootKey
from volact.credential.telephone.confirmation import ConfirmationId, Header, Role, Subject, confirm, signed_message
from volact.credential.telephone.installation import InstallationId, read_installation_id
from volact.errors import Damaged, Refusal, Refused, VolactError
from volact.licensing.allowance import Verdict, admit, exhausted
from volact.service.admission.batch import unknown_key
from volact.service.admission.book import Book
from volact.service.admission.computers import ACTIVATED, blocked
from volact.service.ledger import admissionwrites, audit, settings, telephony
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import ActivationRow, AnswerRow, KeyRow
from volact.service.ports import Act, Service
from volact.service.signing import current_root
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.retiring import settle_due
from volact.service.usecases.telephonelimits import Line, count, key_full, line_full
from volact.service.usecases.telling import tell_batch

CONFIRMATION_TYP = "volact-confirmation"
_MASK = 48


@dataclass(frozen=True, slots=True)
class Promised:
    """What is on record to be confirmed: for which installation, its key as it is then, and whether it was before."""

    subject: Subject
    header: Header
    kid: str
    key: KeyRow
    repeated: bool


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmation to be read out, and what is on record of it."""

    confirmation: ConfirmationId
    promised: Promised

    @property
    def installation(self) -> InstallationId:
        """The installation ID that it answers."""
        return self.promised.subject.installation


def confirm_installation(service: Service, text: str, *, act: Act, channel: str, caller: str = "") -> Confirmed:
    """Activates the computer of an installation ID; `channel` says by which way it was read out, for the audit.

    `caller` is a mark of whoever did so by telephone, for the limits.

    Raises Refused: `installation_id_mistyped` with `groups`, `key_unknown` for an unknown key and a wrong ID alike,
    `key_wrong_kind`, `key_blocked`, `confirmation_returned`, `too_many_requests`, `mak_exhausted`, `signing_clock`,
    and `not_ready` while the root has no telephone key.
    """
    with writing(service.ledger):
        promised = put_confirmation(service, text, act=act, channel=channel, caller=caller)
    if isinstance(promised, Refusal):  # on record, as one of a device is
        raise Refused(promised)
    return sign_confirmation(service, promised)


def sign_confirmation(service: Service, promised: Promised) -> Confirmed:
    """Signs what is on record; the same promise gives the same confirmation."""
    signer = service.vault.telephone(promised.kid)
    if signer is None:
        raise Damaged(f"the vault holds no telephone key {promised.kid}")
    given = confirm(promised.subject, promised.header, signer=signer, mask=service.draw(_MASK))
    return Confirmed(given, promised)


def put_confirmation(service: Service, text: str, *, act: Act, channel: str, caller: str = "") -> Promised | Refusal:
    """The first half of `confirm_installation`, inside the caller's transaction.

    A refusal that is given back has left something on record, of a key that was proved or towards the limits; others
    are raised.
    """
    said = read_installation_id(text)
    if isinstance(said, Refusal):
        raise Refused(said)
    listed = _listed(service)
    at = settings.signing_time(service.ledger, service.clock)
    settle_due(service, at)
    book = telephony.read(service.ledger, said.keyid, dev=said.dev)
    line = Line(channel, caller)
    full = line_full(service, line, now=at)
    key = _known(service, book, said=said)
    if key is None:
        if full is None:
            count(service, line, keyid=None, now=at)
        return full or unknown_key()
    group = current_catalog(service).catalog.product_groups[key.product_group].number
    subject = Subject(Role.COMPUTER, group, settings.publisher_id(service.ledger), said)
    header = Header(listed.slot or 0)
    signed, kid = signed_message(subject, header), listed.public.kid
    refusal = _check(service, book, key=key, said=said, full=full, now=at)
    if refusal is not None:
        book.refuse(key.keyid, refusal)
    elif book.activations:
        (live,) = book.activations.values()
        if telephony.signed_by(service.ledger, live) != kid:  # that key was compromised since: signed afresh
            book.answer_afresh(_answer(live, signed=signed, kid=kid))
    else:
        live = _activation(service, key, said=said, now=at)
        book.activate(live)
        book.answer(_answer(live, signed=signed, kid=kid))
        detail = {"activation_id": live.activation_id, "channel": channel, "dev": said.dev}
        count(service, line, keyid=key.keyid, now=at)
        audit.write(service.ledger, act, what=ACTIVATED, subject=key.keyid, detail=detail)
    admissionwrites.write(service.ledger, book, now=at)
    tell_batch(service, book, decisions=(), now=at)
    if refusal is not None:
        return refusal
    taken = len(book.changes.activations)
    return Promised(subject, header, kid, replace(key, used=key.used + taken), repeated=not taken)


def _listed(service: Service) -> RootKey:
    """The telephone key that signs now, as the root lists it."""
    listed = next(iter(current_root(service).active("telephone")), None)
    if listed is None:
        detail = "the root has no telephone key: `volact service root rotate` makes one"
        raise VolactError(detail, code="not_ready")
    if service.vault.telephone(listed.public.kid) is None:  # a lost key is found before anything is on record
        raise Damaged(f"the vault holds no telephone key {listed.public.kid}")
    return listed


def _known(service: Service, book: Book, *, said: InstallationId) -> KeyRow | None:
    """The key, if whoever made the ID had the whole of it; else nobody learns whether there is such a key."""
    key = book.keys.get(said.keyid)
    proof_key = service.vault.envelope.open(key.sealed_proof_key, key.keyid) if key else bytes(32)
    return key if said.holds(proof_key) else None


def _check(
    service: Service, book: Book, *, key: KeyRow, said: InstallationId, full: Refusal | None, now: int
) -> Refusal | None:
    if key.kind != "mak":
        detail = f'a key of kind "{key.kind}" is not activated by telephone; a multiple activation key is'
        return Refusal("key_wrong_kind", detail, {"kind": key.kind, "product": key.product})
    if book.activations:  # what was read out before is read out again, as a recorded answer is given again
        return None
    if refused := blocked(key):
        return refused
    if telephony.was_returned(service.ledger, key.keyid, dev=said.dev):
        detail = "this computer's activation by telephone was given back, and its confirmation is on the list"
        return Refusal("confirmation_returned", detail, {"keyid": key.keyid})
    if refused := full or key_full(service, key.keyid, now=now):
        return refused
    if admit(key.allowance, key.used, asks=[said.dev], live=()).verdicts[0] is Verdict.EXHAUSTED:
        center = current_catalog(service).catalog.center_for(book.customers[key.keyid].country)
        return exhausted(key.allowance, center)
    return None


def _activation(service: Service, key: KeyRow, *, said: InstallationId, now: int) -> ActivationRow:
    return ActivationRow(
        activation_id=dated(now * 1000, service.draw(16)),
        keyid=key.keyid,
        jkt=f"dev:{said.dev}",
        dev=said.dev,
        channel=telephony.CHANNEL,
        product=key.product,
        live=1,
        at=now,
    )


def _answer(live: ActivationRow, *, signed: bytes, kid: str) -> AnswerRow:
    return AnswerRow(
        jkt=live.jkt,
        rid=live.keyid,
        digest=digest(signed),
        typ=CONFIRMATION_TYP,
        kid=kid,
        payload=signed,
        about=live.activation_id,
        at=live.at,
    )
