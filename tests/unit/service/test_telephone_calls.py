"""Calls on record, on both databases: repeated turns, a crash between record and signature, limits, and time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from tests.support.service import read
from tests.unit.service.asking import issued
from tests.unit.service.conftest import DAY, Office
from volact.credential.telephone.installation import InstallationId, make_installation_id
from volact.licensing.catalog import Catalog
from volact.service.ports import Service, Vault
from volact.service.telephone.calls import LIFETIME, Caller, answer, hang_up
from volact.service.telephone.texts import SENTENCES, spoken
from volact.service.usecases.catalogs import publish
from volact.service.usecases.keys import IssuedKey, known_key


class PowerCut(Exception):
    """The end of a process, in whatever line it was."""


@dataclass
class CutVault:
    """A vault whose machine loses its power when something is to be signed by telephone."""

    vault: Vault

    @property
    def envelope(self) -> Any:
        """The envelope, as it is."""
        return self.vault.envelope

    def telephone(self, kid: str) -> Any:
        """A signer that never comes back."""
        signer = self.vault.telephone(kid)
        assert signer is not None

        class Cut:
            def sign(self, message: bytes, mask: bytes) -> bytes:
                raise PowerCut

        return Cut()


class Call:
    """One caller, turn by turn."""

    def __init__(self, service: Service, name: str = "one", *, number: str = "+4799123456") -> None:
        self.service = service
        self.caller = Caller.of(service, name, number=number)
        self.answer = answer(service, self.caller, turn=None, keys="")

    def press(self, keys: str) -> str:
        """Presses keys; gives what is said."""
        self.answer = answer(self.service, self.caller, turn=self.answer.turn, keys=keys)
        return spoken(self.answer.says)

    def type(self, said: InstallationId) -> str:
        """Chooses English and types all groups."""
        self.press("1")
        return [self.press(group) for group in said.groups][-1]


def installation(key: IssuedKey, number: int) -> InstallationId:
    """What a computer reads out."""
    held = read(key.key, "acme.example")
    return make_installation_id(held.derived.proof_key, keyid=held.keyid, dev=f"{number:015}")


def rows(office: Office, statement: str) -> list[tuple[object, ...]]:
    """What the record has."""
    return [tuple(row) for row in office.service.ledger.execute(statement).fetchall()]


def test_what_was_recorded_and_not_yet_signed_is_signed_when_the_turn_comes_again(office: Office) -> None:
    """A process that ends between the record and the signature has taken one, and the same turn, asked of the next
    process, is answered with the confirmation and takes no other."""
    key = issued(office, activations=3)
    call = Call(office.service)
    call.press("1")
    for group in installation(key, 1).groups[:7]:
        call.press(group)
    last, before = installation(key, 1).groups[7], call.answer
    call.service = replace(office.service, vault=CutVault(office.service.vault))  # type: ignore[arg-type]
    with pytest.raises(PowerCut):
        call.press(last)
    assert known_key(office.service, key.row.keyid).used == 1
    call.service = office.again()
    assert call.press(last).startswith(SENTENCES["confirmed"][0])
    assert (call.answer.turn, call.answer.outcome) == (before.turn + 1, "repeated")
    assert known_key(office.service, key.row.keyid).used == 1


def test_a_turn_that_was_answered_is_answered_alike_and_a_later_one_goes_on(office: Office) -> None:
    """The same keys after the same turn, however often, are one step; a case is opened once."""
    call = Call(office.service)
    first = call.answer
    call.press("2")
    assert answer(office.service, call.caller, turn=first.turn, keys="3") == call.answer
    assert answer(office.service, call.caller, turn=None, keys="") == call.answer
    turn = call.answer.turn
    call.press("0")
    assert answer(office.service, call.caller, turn=turn, keys="0") == call.answer
    assert len(rows(office, "SELECT case_id FROM cases")) == 1
    assert call.answer.wants == 0
    assert call.press("1").endswith(SENTENCES["goodbye"][1])


def test_a_call_that_nobody_ended_is_forgotten(office: Office) -> None:
    """What was typed is forgotten an hour after the last key, by the next call; a call that ended is forgotten then."""
    left, ended = Call(office.service, "left"), Call(office.service, "ended")
    left.press("1")
    hang_up(office.service, ended.caller)
    assert len(rows(office, "SELECT call_id FROM calls")) == 1
    office.time.go(LIFETIME)
    again = answer(office.service, left.caller, turn=left.answer.turn, keys="1234567")
    assert (again.turn, again.outcome) == (0, "begun")
    office.time.go(LIFETIME)
    Call(office.service, "next")
    assert len(rows(office, "SELECT call_id FROM calls")) == 1


def test_f25_telephone_menu_is_limited_by_the_number_that_calls(office: Office, reference: Catalog) -> None:
    """A number that has its computers of a day is told so and offered a person, another number goes on, what was
    confirmed is read out again, and after a restart and a day the record says the same."""
    policy = msgspec.structs.replace(reference.policy, telephone_per_caller=2)
    publish(office.service, msgspec.structs.replace(reference, policy=policy), act=office.act)
    key = issued(office, activations=9)
    for number in range(2):
        assert Call(office.service, f"{number}").type(installation(key, number)).startswith(SENTENCES["confirmed"][0])
    full = Call(office.service, "full")
    assert full.type(installation(key, 2)).startswith(SENTENCES["too_many_requests"][0])
    assert full.press("0").startswith(SENTENCES["case"][0])
    office.service = office.again()
    assert SENTENCES["repeated"][0] in Call(office.service, "again").type(installation(key, 0))
    other = Call(office.service, "other", number="+4799654321")
    assert other.type(installation(key, 3)).startswith(SENTENCES["confirmed"][0])
    office.time.go(DAY)
    assert Call(office.service, "later").type(installation(key, 2)).startswith(SENTENCES["confirmed"][0])
    assert known_key(office.service, key.row.keyid).used == 4


def test_s14_no_number_of_a_caller_is_on_record(office: Office) -> None:
    """Of a caller's number the record has a mark, and in a case its last three digits."""
    key = issued(office, activations=9)
    call = Call(office.service, "CA-provider-id")
    call.type(installation(key, 1))
    call.press("0")
    record = office.on_record()
    for text in (b"99123456", b"123456", b"CA-provider-id"):
        assert text not in record
    assert rows(office, "SELECT number FROM cases") == [("456",)]
    assert Caller.of(office.service, "x", number="12345").number == ""
    marks = {Caller.of(office.service, "x", number=number).mark for number in ("+47 99 12 34 56", "+4799123456")}
    assert len(marks) == 1


def test_a_service_that_cannot_sign_says_so_and_keeps_nothing_from_the_caller(office: Office) -> None:
    """While nothing can be confirmed, a caller is told to call later, and no activation is taken."""
    key = issued(office, activations=9)
    call = Call(office.service)
    office.time.wall -= DAY
    call.service = office.again()
    assert call.type(installation(key, 1)).startswith(SENTENCES["not_now"][0])
    assert (call.answer.wants, call.answer.outcome) == (0, "signing_clock")
    assert known_key(office.service, key.row.keyid).used == 0
