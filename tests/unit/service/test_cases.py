"""Cases on both databases: opened with what was typed, taken by one person, closed with a reason."""

from __future__ import annotations

import pytest

from tests.support.service import read
from tests.unit.service.asking import issued
from tests.unit.service.conftest import DAY, Office
from volact.credential.telephone.installation import InstallationId, make_installation_id
from volact.errors import Refused
from volact.service.ledger import audit
from volact.service.ledger.cases import CaseRow
from volact.service.ports import Act
from volact.service.usecases import cases
from volact.service.usecases.cases import KEPT_DAYS, MOST_OF_ONE, Handed, cases_of, close_case, open_case, take_case
from volact.service.usecases.keys import IssuedKey
from volact.service.usecases.telephonelimits import Line


def handed(digits: str = "", *, caller: str = "") -> Handed:
    """What a caller has typed."""
    return Handed(Line("menu", caller), "no", digits, "789")


def opened(office: Office, digits: str = "", *, caller: str = "") -> CaseRow:
    """A new case."""
    return open_case(office.service, handed(digits, caller=caller), act=Act("menu", office.service.clock.now()))


def installation(key: IssuedKey) -> InstallationId:
    """An installation ID that holds."""
    held = read(key.key, "acme.example")
    return make_installation_id(held.derived.proof_key, keyid=held.keyid, dev="0" * 15)


def code(office: Office, case_id: str, *, who: str = "kari") -> str:
    """The code that taking a case is refused with."""
    with pytest.raises(Refused) as caught:
        take_case(office.service, case_id, act=Act(who, office.service.clock.now()))
    return caught.value.code


def test_a_case_is_taken_by_one_person_and_closed_with_a_reason(office: Office) -> None:
    """Whoever has a case keeps it, another is told who has it, and a closed one is neither taken nor closed again."""
    case = opened(office, "1234567")
    first = take_case(office.service, case.case_id, act=office.act)
    assert (first.state, first.taken_by) == ("taken", "kari")
    assert take_case(office.service, case.case_id, act=office.act) == first
    assert code(office, case.case_id, who="ola") == "case_taken"
    assert code(office, "C-0000-0000") == "unknown_case"
    assert [row for _, row in cases_of(office.service)] == [first]
    done = close_case(office.service, case.case_id, reason="read the rest out", act=office.act)
    assert (done.state, done.reason, done.digits) == ("closed", "read the rest out", "1234567")
    assert code(office, case.case_id) == "case_closed"
    with pytest.raises(Refused):
        close_case(office.service, case.case_id, reason="again", act=office.act)
    assert cases_of(office.service) == ()
    told = [(row.act, row.who) for row in audit.history(office.service.ledger, case.case_id)]
    assert told == [("case opened", "menu"), ("case taken", "kari"), ("case closed", "kari")]


def test_a_case_names_the_key_of_a_whole_id_that_holds_and_of_no_other(office: Office) -> None:
    """Only an installation ID that is whole, and whose proof holds, puts key and Licensing ID into a case."""
    key = issued(office, activations=3)
    whole = installation(key).qr
    case = opened(office, whole)
    assert (case.keyid, case.licensing_id, case.groups[0]) == (key.row.keyid, key.row.licensing_id, whole[:7])
    assert opened(office, whole[:49]).keyid is None
    wrong = make_installation_id(bytes(32), keyid=key.row.keyid, dev="0" * 15)
    assert opened(office, wrong.qr).keyid is None


def test_no_caller_opens_more_cases_than_one_can_need(office: Office) -> None:
    """One caller's cases that wait are limited, another caller's are not stopped by them, and closed ones make room."""
    given = [opened(office, caller="a") for _ in range(MOST_OF_ONE)]
    assert len({case.case_id for case in given}) == MOST_OF_ONE
    with pytest.raises(Refused) as caught:
        opened(office, caller="a")
    assert caught.value.code == "too_many_requests"
    opened(office, caller="b")
    close_case(office.service, given[0].case_id, reason="done", act=office.act)
    assert opened(office, caller="a").state == "open"


def test_closed_cases_are_forgotten_after_their_days(office: Office) -> None:
    """A closed case stays as long as is said, and goes when a later one is opened; one that waits stays."""
    waiting, closed = opened(office), opened(office)
    close_case(office.service, closed.case_id, reason="done", act=office.act)
    office.time.go(KEPT_DAYS * DAY)
    opened(office)
    assert len(cases_of(office.service, states=cases.EVERY)) == 3
    office.time.go(1)
    opened(office)
    ids = {row.case_id for _, row in cases_of(office.service, states=cases.EVERY)}
    assert (waiting.case_id in ids, closed.case_id in ids) == (True, False)
