"""Two programs on one record, the book of what they have to say, and the devices that ask them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import httpx

from tests.model.expected import Activated, Answer, Asked, Book, Decision, HeldKey, Slot
from tests.model.founded import PUBLISHER, Founded
from tests.model.programs import Ended, Program
from tests.support.service import Device, draw_rid, read
from tests.unit.service.conftest import Time
from volact.credential import claims
from volact.credential.claims import Activation, HostCertificate
from volact.credential.encoding import b64
from volact.errors import Refused
from volact.service.ledger import log
from volact.service.ledger.connection import connect
from volact.service.ports import Act, Service
from volact.service.signing import current_root
from volact.service.usecases import keys as key_deeds
from volact.service.usecases.retiring import retire
from volact.service.usecases.roots import rotate
from volact.service.usecases.sequencing import sequence

One = TypeVar("One")
COMPUTERS, HARDWARE = 5, 3


def pick(those: Sequence[One], at: int) -> One:
    """One of them, whatever the number."""
    return those[at % len(those)]


class World:
    """Whatever is done here is done to the record and noted in the book, and what was answered is compared."""

    def __init__(self, founded: Founded, runner: asyncio.Runner) -> None:
        self.founded, self.runner, self.time = founded, runner, Time()
        self.place = founded.copy()
        self.programs = [self._program() for _ in range(2)]
        self.auditor = Service(connect(self.place), founded.vault, self.time.clock(), bytes)
        self.book = Book(entries=self.entries())
        self.computers = [Device(PUBLISHER) for _ in range(COMPUTERS)]
        self.hosts = [Device(PUBLISHER) for _ in range(HARDWARE)]
        self.sent: list[Asked] = []
        self.kept: dict[str, None] = {}
        self.rotated = self.time.wall

    def close(self) -> None:
        """Ends the programs, and leaves nothing."""
        for program in self.programs:
            program.close()
        self.auditor.ledger.close()
        self.founded.drop(self.place)

    @property
    def now(self) -> int:
        """The time that all clocks show."""
        return int(self.time.wall)

    @property
    def by(self) -> Act:
        """Who acts now."""
        return Act("kari", self.now)

    @property
    def known(self) -> list[Activated]:
        """The activations whose ids were told."""
        return [each for each in self.book.activations if each.id is not None]

    @property
    def placed(self) -> list[Slot]:
        """The places of hosts whose ids were told."""
        return [each for each in self.book.slots if each.host is not None]

    def entries(self) -> int:
        """How many entries the audit has."""
        return int(self.auditor.ledger.execute("SELECT count(*) FROM audit").fetchone()[0])

    def restart(self, number: int) -> None:
        """Ends a program, and starts it again."""
        self.programs[number].close()
        self.programs[number] = self._program()

    def act(
        self, number: int, deed: Callable[[Service], object], noted: Callable[[], str | None], *, end: str | None = None
    ) -> object:
        """Does an act by a program, which may end at a place; what was committed has to be what the book allows."""
        program, done, code = self.programs[number], None, None
        program.fate.decide(end)
        try:
            done = deed(program.desk)
        except Refused as refused:
            code = refused.code
        except Ended:
            pass
        if code is not None:
            assert (noted(), program.fate.commits) == (code, 0)
        elif program.fate.commits or not program.fate.ended:
            assert noted() is None
        self._outlive(number)
        return done

    def issue(self, number: int, *, kind: str, allowance: int, end: str | None = None) -> None:
        """Issues a key; where the program ended before it was told, nobody has it."""
        order = key_deeds.Order(
            licensing_id=self.founded.licensing_id, product="tracer-9", kind=kind, activations=allowance
        )

        def issued(desk: Service) -> None:
            text = key_deeds.issue(desk, order, act=self.by)[0].key
            self.book.keys.append(HeldKey(read(text, PUBLISHER), kind, allowance))

        def noted() -> None:
            self.book.entries += 2

        self.act(number, issued, noted, end=end)

    def rotate(self, number: int, *, compromised: bool, end: str | None = None) -> None:
        """Publishes the next root version; compromised are all issuing keys so far, or none."""
        keys = [key for key in current_root(self.auditor).keys if key.role == "issuing" and key.state != "compromised"]
        kids = [key.public.kid for key in keys] if compromised else []

        def noted() -> None:
            self.book.entries += 1
            self.rotated = self.time.wall
            if compromised:
                self.book.compromise()

        self.act(number, lambda desk: rotate(desk, self.founded.roots, compromised=kids, act=self.by), noted, end=end)

    def sequence(self, number: int, *, end: str | None = None) -> None:
        """Adds to the log, and keeps the checkpoint."""
        self.act(number, sequence, lambda: None, end=end)
        row = log.newest_signed(self.auditor.ledger)
        if row is not None and row.text is not None:
            self.kept[row.text] = None

    def doubt(self, number: int, at: int) -> None:
        """Asks a program whose clock is in doubt: nothing new is signed, and what is recorded is answered."""
        desk = self.programs[number].desk
        asked = [self.request(what, at, at) for what in ("computer", "again")]
        self.post(number, [each for each in asked if each is not None], doubt=True)
        if self.known:
            first = self.known[0]
            code = code_of(lambda: retire(desk, first.id or "", reason="scrapped", act=self.by))
            assert code == ("signing_clock" if first.retired is None else None)
        assert code_of(lambda: sequence(desk)) in ("signing_clock", None)

    def request(self, what: str, one: int, two: int) -> Asked | None:
        """A request that a device sends now, or one that was sent before; None where there is none of that kind."""
        if what in ("again", "altered", "renewal"):
            return self._following(what, one, two)
        key = pick(self.book.keys, two)
        rid, iat = draw_rid(), self.now
        if what in ("host", "reinstalled"):
            host = pick(self.hosts, one)
            if what == "reinstalled":
                host = self.hosts[one % HARDWARE] = host.reinstalled()
            return Asked(host.host(key.key, rid=rid, iat=iat), host, rid, iat, key)
        computer = pick(self.computers, one)
        product = "mesher-9" if what == "other product" else "tracer-9"
        iat -= 5 * 3_600 if what == "late" else 0
        return Asked(computer.activate(key.key, product, rid=rid, iat=iat), computer, rid, iat, key, product)

    def _following(self, what: str, one: int, two: int) -> Asked | None:
        if what == "renewal":
            return self._renewal(one, two)
        if not self.sent:
            return None
        before = pick(self.sent, one * 100 + two)
        if what == "again":
            return before
        if before.key is None or before.product is None:
            return None
        other = Device(PUBLISHER, before.device.dev, before.device.signer, mv=b64(bytes(32)))
        body = other.activate(before.key.key, before.product, rid=before.rid, iat=self.now)
        return Asked(body, other, before.rid, self.now, before.key, before.product)

    def _renewal(self, one: int, two: int) -> Asked | None:
        told = [each for each in self.book.certificates if each.id is not None]
        if not told:
            return None
        before, rid = pick(told, one), draw_rid()
        devices = {asked.device.jkt: asked.device for asked in self.sent}
        host = devices[before.jkt]
        if two % 5 == 0:  # a copy of the host's files on other hardware
            host = Device(PUBLISHER, signer=host.signer)
        elif two % 5 == 1:  # somebody else
            host = pick(self.hosts, two)
        return Asked(host.renew(before.id or "", rid=rid, iat=self.now), host, rid, self.now, predecessor=before)

    def post(self, number: int, asked: Sequence[Asked], *, end: str | None = None, doubt: bool = False) -> None:
        """Sends requests that come together to a program, which may end at a place; compares every answer."""
        self.sent += [each for each in asked if each not in self.sent]
        program = self.programs[number]
        program.fate.decide(end)
        replies = program.post([each.body for each in asked])
        if not program.fate.ended:
            decisions = self.book.batch(asked, self.now, doubt=doubt)
            for reply, decision in zip(replies, decisions, strict=True):
                self._compare(reply, decision)
        elif program.fate.commits:  # on record, and nobody was told
            self.book.batch(asked, self.now, doubt=doubt)
        self._outlive(number)

    def _compare(self, reply: httpx.Response, decision: Decision) -> None:
        said = reply.json()
        if isinstance(decision, str):
            assert said.get("code") == decision, (said, decision)
            return
        assert reply.status_code == 200, (said, decision)
        credential = said["credential"]
        if "checkpoint" in said:
            self.kept[said["checkpoint"]] = None
        decision.credential = decision.credential or credential
        assert credential == decision.credential
        _learn(decision, credential)

    def _outlive(self, number: int) -> None:
        """Starts a program that ended again."""
        if self.programs[number].fate.ended:
            self.restart(number)
        self.programs[number].fate.decide(None)

    def _program(self) -> Program:
        return Program(self.place, self.founded.vault, self.time, self.runner)


def _learn(answer: Answer, credential: str) -> None:
    """Takes the ids out of a credential; those that were told before stay what they are."""
    about = answer.about
    if isinstance(about, Activated):
        given = claims.parse(Activation, credential)[0].jti
        about.id = about.id or given
        assert about.id == given
        return
    said = claims.parse(HostCertificate, credential)[0]
    about.id, about.slot.host = about.id or said.jti, about.slot.host or said.host
    assert (about.id, about.slot.host) == (said.jti, said.host)


def code_of(deed: Callable[[], object]) -> str | None:
    """The code that a deed is refused with, or None."""
    try:
        deed()
    except Refused as refused:
        return refused.code
    return None
