"""Activation by telephone: an installation ID is read to the center, a confirmation ID is read back (spec S-13).

What one activation is: (key, `dev`). The same installation ID again has the same confirmation, and takes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from volact.credential.encoding import dated, digest
from volact.credential.root import RootKey
from volact.credential.telephone.confirmation import (
    FOR_EVER,
    ConfirmationId,
    Header,
    Role,
    Subject,
    confirm,
    month_end,
    signed_message,
)
from volact.credential.telephone.installation import InstallationId, read_installation_id
from volact.errors import Damaged, Refusal, Refused, VolactError, Words, say
from volact.licensing.allowance import Verdict, admit, exhausted
from volact.licensing.kinds import kind_word
from volact.service.admission.batch import unknown_key
from volact.service.admission.book import Book
from volact.service.admission.computers import ACTIVATED, blocked
from volact.service.ledger import admissionwrites, audit, settings, telephony
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import ActivationRow, AnswerRow, KeyRow
from volact.service.ports import Act, Service
from volact.service.signing import current_root, sign_pending
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.retiring import settle_due
from volact.service.usecases.telephonehosts import Proved, Wish, hold_place
from volact.service.usecases.telephonelimits import Line, count, key_full, line_full
from volact.service.usecases.telling import tell_batch

ANY = Wish()
Seen = Collection[str] | None
_MASK = 48


@dataclass(frozen=True, slots=True)
class Promised:
    """What is on record to be confirmed: for which installation, its key as it is then, and whether it was before."""

    subject: Subject
    header: Header
    kid: str
    key: KeyRow
    repeated: bool
    taken: int
    host_id: str | None = None  # of a host or a directory: whose place it is

    @property
    def expires(self) -> int | None:
        """The last second (since 1970) in which the confirmation holds, None where it has no end."""
        last = self.header.last_month
        return None if last == FOR_EVER else month_end(last) - 1


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmation to be read out, and what is on record of it."""

    confirmation: ConfirmationId
    promised: Promised

    @property
    def installation(self) -> InstallationId:
        """The installation ID that it answers."""
        return self.promised.subject.installation


def confirm_installation(
    service: Service, text: str, *, act: Act, channel: str, caller: str = "", wish: Wish = ANY, seen: Seen = None
) -> Confirmed:
    """Activates the computer, host or directory of an installation ID; `channel` says for the audit how it was read.

    `caller` is a mark of whoever did so by telephone, for the limits; where `seen` is given, keys under other Licensing
    IDs are to the caller as unknown ones.

    Raises Refused: `installation_id_mistyped` with `groups`, `key_unknown` for an unknown key and a wrong ID alike,
    `key_wrong_kind`, `key_blocked`, `confirmation_returned`, `too_many_requests`, `mak_exhausted`,
    `host_limit_reached`, `unknown_host`, `signing_clock`, and `not_ready` while the root has no telephone key.
    """
    with writing(service.ledger):
        promised = put_confirmation(service, text, act=act, channel=channel, caller=caller, wish=wish, seen=seen)
    if isinstance(promised, Refusal):  # on record, as one of a device is
        raise Refused(promised)
    sign_pending(service)  # a host whose place was taken is on the list
    return sign_confirmation(service, promised)


def sign_confirmation(service: Service, promised: Promised) -> Confirmed:
    """Signs what is on record; the same promise gives the same confirmation."""
    signer = service.vault.telephone(promised.kid)
    if signer is None:
        raise Damaged(say("the vault holds no telephone key {kid}", kid=promised.kid))
    given = confirm(promised.subject, promised.header, signer=signer, mask=service.draw(_MASK))
    return Confirmed(given, promised)


def put_confirmation(
    service: Service, text: str, *, act: Act, channel: str, caller: str = "", wish: Wish = ANY, seen: Seen = None
) -> Promised | Refusal:
    """The first half of `confirm_installation`, inside the caller's transaction.

    A refusal that is given back has left something on record, of a key that was proved or towards the limits; others
    are raised.
    """
    said = read_installation_id(text)
    if isinstance(said, Refusal):
        raise Refused(said)
    proved = _proved(service, said, act=act, line=Line(channel, caller, seen), wish=wish)
    if isinstance(proved, Refusal):
        return proved
    decided = _check_role(proved, wish) or _decide(service, proved, wish=wish)
    if isinstance(decided, Refusal):
        proved.book.refuse(proved.key.keyid, decided)
    admissionwrites.write(service.ledger, proved.book, now=proved.now)
    tell_batch(service, proved.book, decisions=(), now=proved.now)
    return decided


def _proved(service: Service, said: InstallationId, *, act: Act, line: Line, wish: Wish) -> Proved | Refusal:
    """What is decided on, if whoever made the ID had the whole key; else the refusal, counted."""
    listed = _listed(service)
    now = settings.signing_time(service.ledger, service.clock)
    settle_due(service, now)
    book = telephony.read(service.ledger, said.keyid, dev=said.dev)
    full = line_full(service, line, now=now)
    key = _known(service, book, said=said)
    if key is not None and line.seen is not None and key.licensing_id not in line.seen:
        key = None
    if key is None:
        if full is None:
            count(service, line, keyid=None, now=now)
        return full or unknown_key()
    catalog = current_catalog(service).catalog
    role = wish.role or (Role.HOST if key.kind == Role.HOST.kind.word else Role.COMPUTER)
    group = catalog.product_groups[key.product_group].number
    subject = Subject(role, group, settings.publisher_id(service.ledger), said)
    return Proved(book, key, subject, listed.slot or 0, listed.public.kid, catalog, act, line, full, now)


def _decide(service: Service, proved: Proved, *, wish: Wish) -> Promised | Refusal:
    return _computer(service, proved) if proved.subject.role is Role.COMPUTER else _host(service, proved, wish=wish)


def _host(service: Service, proved: Proved, *, wish: Wish) -> Promised | Refusal:
    held = hold_place(service, proved, wish=wish)
    if isinstance(held, Refusal):
        return held
    if not held.recorded:
        told = telephony.confirmed(service.ledger, proved.mark, keyid=proved.key.keyid)
        answer = _answer(proved, proved.mark, about=held.place.host_id, header=held.header)
        (proved.book.answer if told is None else proved.book.answer_afresh)(answer)
    taken = len(proved.book.changes.new_slots)
    if taken:
        count(service, proved.line, keyid=proved.key.keyid, now=proved.now)
    return _promised(proved, held.header, repeated=held.recorded, taken=taken, host_id=held.place.host_id)


def _computer(service: Service, proved: Proved) -> Promised | Refusal:
    book, key, header = proved.book, proved.key, Header(proved.slot)
    refusal = _check(service, proved)
    if refusal is not None:
        return refusal
    if book.activations:
        (live,) = book.activations.values()
        if telephony.signed_by(service.ledger, live) != proved.kid:  # that key was compromised since: signed afresh
            book.answer_afresh(_answer(proved, live.jkt, about=live.activation_id, header=header))
        return _promised(proved, header, repeated=True)
    live = _activation(service, key, said=proved.said, now=proved.now)
    book.activate(live)
    count(service, proved.line, keyid=key.keyid, now=proved.now)
    book.answer(_answer(proved, live.jkt, about=live.activation_id, header=header))
    detail = {"activation_id": live.activation_id, "channel": proved.line.channel, "dev": proved.said.dev}
    audit.write(service.ledger, proved.act, what=ACTIVATED, subject=key.keyid, detail=detail)
    return _promised(proved, header, repeated=False, taken=1)


def _promised(
    proved: Proved, header: Header, *, repeated: bool, taken: int = 0, host_id: str | None = None
) -> Promised:
    key = replace(proved.key, used=proved.book.used(proved.key.keyid))
    return Promised(proved.subject, header, proved.kid, key, repeated, taken, host_id)


def _listed(service: Service) -> RootKey:
    """The telephone key that signs now, as the root lists it."""
    listed = next(iter(current_root(service).active("telephone")), None)
    if listed is None:
        detail = say("the root has no telephone key: `volact service root rotate` makes one")
        raise VolactError(detail, code="not_ready")
    if service.vault.telephone(listed.public.kid) is None:  # a lost key is found before anything is on record
        raise Damaged(say("the vault holds no telephone key {kid}", kid=listed.public.kid))
    return listed


def _known(service: Service, book: Book, *, said: InstallationId) -> KeyRow | None:
    """The key, if whoever made the ID had the whole of it; else nobody learns whether there is such a key."""
    key = book.keys.get(said.keyid)
    proof_key = service.vault.envelope.open(key.sealed_proof_key, key.keyid) if key else bytes(32)
    return key if said.holds(proof_key) else None


def _check_role(proved: Proved, wish: Wish) -> Refusal | None:
    """Refuses a key that serves no such role by telephone, and what is asked for hosts alone."""
    key, role = proved.key, proved.subject.role
    if key.kind != role.kind.word:
        return Refusal("key_wrong_kind", _serves_none(key.kind, role), {"kind": key.kind, "product": key.product})
    if role is Role.COMPUTER and wish.replaces is not None:
        return Refusal("usage", "a computer takes no host's place: leave the host id out")
    return None


def _serves_none(kind: str, role: Role) -> Words:
    word = kind_word(kind)
    return {
        Role.COMPUTER: say('a key of kind "{kind}" activates no computer by telephone', kind=word),
        Role.HOST: say('a key of kind "{kind}" activates no host by telephone', kind=word),
        Role.DIRECTORY: say('a key of kind "{kind}" activates no directory by telephone', kind=word),
    }[role]


def _check(service: Service, proved: Proved) -> Refusal | None:
    book, key = proved.book, proved.key
    if book.activations:  # what was read out before is read out again, as a recorded answer is given again
        return None
    if refused := blocked(key):
        return refused
    if telephony.was_returned(service.ledger, key.keyid, dev=proved.said.dev):
        detail = say("this computer's activation by telephone was given back, and its confirmation is on the list")
        return Refusal("confirmation_returned", detail, {"keyid": key.keyid})
    if refused := proved.full or key_full(service, key.keyid, now=proved.now):
        return refused
    if admit(key.allowance, key.used, asks=[proved.said.dev], live=()).verdicts[0] is Verdict.EXHAUSTED:
        return exhausted(key.allowance, proved.catalog.center_for(book.customers[key.keyid].country))
    return None


def _activation(service: Service, key: KeyRow, *, said: InstallationId, now: int) -> ActivationRow:
    return ActivationRow(
        activation_id=dated(now * 1000, service.draw(16)),
        keyid=key.keyid,
        jkt=telephony.mark(Role.COMPUTER, said.dev),
        dev=said.dev,
        channel=telephony.CHANNEL,
        product=key.product,
        live=1,
        at=now,
    )


def _answer(proved: Proved, mark: str, *, about: str, header: Header) -> AnswerRow:
    signed = signed_message(proved.subject, header)
    return AnswerRow(
        jkt=mark,
        rid=proved.key.keyid,
        digest=digest(signed),
        typ=telephony.CONFIRMATION_TYP,
        kid=proved.kid,
        payload=signed,
        about=about,
        at=proved.now,
    )
