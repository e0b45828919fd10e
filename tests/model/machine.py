"""Whatever may happen to a ledger, in any order: rules for hypothesis, and what holds after each."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.model.expected import DAY
from tests.model.founded import Founded
from tests.model.programs import ENDS
from tests.model.world import World, pick
from volact.service.ledger import keys, settings
from volact.service.ledger.connection import reading
from volact.service.ports import Call
from volact.service.usecases import center
from volact.service.usecases import keys as key_deeds
from volact.service.usecases.retiring import retire, settle
from volact.service.usecases.settling import confirm_clock
from volact.service.usecases.verifying import verify

CALL = Call("Nordlys", "purchase order", "a test")
ROTATION_DAYS = 390  # an issuing key is in force for 400
FALL_SECONDS = 7_200
WHATS = ("computer",) * 4 + ("host", "reinstalled", "renewal", "again", "again", "altered", "late", "other product")

programs = st.integers(0, 1)
which = st.integers(0, 99)
ends = st.sampled_from((None,) * 6 + ENDS)
requests = st.lists(st.tuples(st.sampled_from(WHATS), which, which), min_size=1, max_size=7)


class LedgerMachine(RuleBasedStateMachine):
    """Two programs on one record answer requests and do an operator's acts; either may end anywhere."""

    def __init__(self, founded: Founded, runner: asyncio.Runner) -> None:
        super().__init__()
        self.world = World(founded, runner)
        self.book, self.time = self.world.book, self.world.time
        self.world.issue(0, kind="mak", allowance=2)
        self.world.issue(0, kind="host", allowance=1)

    @rule(number=programs, drawn=requests, end=ends)
    def ask(self, number: int, drawn: list[tuple[str, int, int]], end: str | None) -> None:
        asked = [self.world.request(*each) for each in drawn]
        self.world.post(number, [each for each in asked if each is not None], end=end)

    @rule(number=programs, kind=st.sampled_from(("mak", "mak", "host")), allowance=st.integers(0, 4), end=ends)
    def issue(self, number: int, kind: str, allowance: int, end: str | None) -> None:
        self.world.issue(number, kind=kind, allowance=allowance, end=end)

    @precondition(lambda self: self.world.known)
    @rule(number=programs, at=which, end=ends)
    def retire(self, number: int, at: int, end: str | None) -> None:
        activation = pick(self.world.known, at)
        self.world.act(
            number,
            lambda desk: retire(desk, activation.id or "", reason="scrapped", act=self.world.by),
            lambda: self.book.retire(activation, self.world.now),
            end=end,
        )

    @rule(number=programs, at=which, allowance=st.integers(0, 5), end=ends)
    def allow(self, number: int, at: int, allowance: int, end: str | None) -> None:
        key = pick(self.book.keys, at)
        self.world.act(
            number,
            lambda desk: key_deeds.change_allowance(
                desk, key.key.keyid, activations=allowance, reason="a test", act=self.world.by
            ),
            lambda: self.book.allow(key, allowance),
            end=end,
        )

    @precondition(lambda self: len(self.book.keys) > 2)
    @rule(number=programs, at=which, revoked=st.booleans(), end=ends)
    def block(self, number: int, at: int, revoked: bool, end: str | None) -> None:
        key = pick(self.book.keys, at)
        self.world.act(
            number,
            lambda desk: key_deeds.block(desk, key.key.keyid, revoked=revoked, act=self.world.by),
            lambda: self.book.block(key, revoked=revoked),
            end=end,
        )

    @precondition(lambda self: self.world.placed)
    @rule(number=programs, at=which, end=ends)
    def free(self, number: int, at: int, end: str | None) -> None:
        slot = pick(self.world.placed, at)
        self.world.act(
            number,
            lambda desk: center.free_slot(
                desk, slot.key.key.keyid, host_id=slot.host or "", call=CALL, act=self.world.by
            ),
            lambda: self.book.free(slot),
            end=end,
        )

    @rule(number=programs, compromised=st.booleans(), end=ends)
    def rotate(self, number: int, compromised: bool, end: str | None) -> None:
        self.world.rotate(number, compromised=compromised, end=end)

    @rule(number=programs, end=ends)
    def settle(self, number: int, end: str | None) -> None:
        self.world.act(number, settle, lambda: self.book.settle(self.world.now), end=end)

    @rule(number=programs, end=ends)
    def sequence(self, number: int, end: str | None) -> None:
        self.world.sequence(number, end=end)

    @rule(number=programs)
    def restart(self, number: int) -> None:
        self.world.restart(number)

    @rule(seconds=st.sampled_from((1, 3_600, 5 * 3_600, DAY, 31 * DAY, 200 * DAY)))
    def pass_time(self, seconds: int) -> None:
        if self.time.wall + seconds > self.world.rotated + ROTATION_DAYS * DAY:
            self.world.rotate(0, compromised=False)
        self.time.go(seconds)

    @precondition(lambda self: self.time.wall - FALL_SECONDS > self.world.rotated)
    @rule(number=programs, at=which, looking=st.sampled_from(((), (0,), (1,), (0, 1))))
    def fall_back(self, number: int, at: int, looking: tuple[int, ...]) -> None:
        """The clock falls back: nothing new is signed, and what is recorded is answered, until somebody confirms it."""
        self.time.wall -= FALL_SECONDS
        for each in looking:
            self.world.doubt(each, at)
        confirm_clock(self.world.programs[number].desk, self.world.by)
        self.book.entries += 1
        for program in self.world.programs:  # each goes on, also one that has not looked before
            assert settings.time_to_sign(program.desk.ledger, program.desk.clock) == self.world.now

    @rule()
    def look_into_the_log(self) -> None:
        verify(self.world.auditor, kept=list(self.world.kept))

    @invariant()
    def counts_hold(self) -> None:
        """What is on record of each key is what the book says, and no key gives more than it allows."""
        ledger = self.world.auditor.ledger
        with reading(ledger):
            rows = {row.keyid: row for row in keys.every(ledger)}
            live, places, waiting = (
                dict(ledger.execute(f"SELECT keyid, count(*) FROM {held} GROUP BY keyid").fetchall())
                for held in ("activations WHERE live = 1", "slots WHERE live = 1", "retirements WHERE credited = 0")
            )
        for key in self.book.keys:
            row, used = rows[key.key.keyid], self.book.used(key)
            assert (row.used, row.allowance, row.state) == (used, key.allowance, key.state)
            assert used <= key.allowance
            assert live.get(row.keyid, 0) == len(self.book.live(key))
            assert used == sum(held.get(row.keyid, 0) for held in (live, places, waiting))

    @invariant()
    def audit_has_every_act(self) -> None:
        """Every act that changes a right, and nothing else, is an entry of the audit."""
        assert self.world.entries() == self.book.entries

    def teardown(self) -> None:
        """Everything answered is answered again alike, and the log fits all checkpoints that were given out."""
        try:
            answered = [each for each in self.world.sent if self.book.has_answered(each)]
            self.world.post(1, answered)
            self.world.sequence(0)
            found = verify(self.world.auditor, kept=list(self.world.kept))
            assert (found.waiting, found.size) == (0, self.book.entries)
        finally:
            self.world.close()
