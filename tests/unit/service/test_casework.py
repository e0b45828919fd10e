"""Cases that are worked on, on both databases: who calls, what is done, and what is told of the case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.service import Device, read
from tests.unit.service.asking import activated, hosting, issued
from tests.unit.service.conftest import Office
from volact.credential.telephone.installation import InstallationId, make_installation_id
from volact.errors import Refusal, Refused
from volact.service.ledger import cases, retirements, revoked
from volact.service.ports import Act
from volact.service.usecases.cases import close_case, hand_back, known_case, take_case
from volact.service.usecases.casework import (
    end_computer,
    keep_confirmation,
    keyid_of,
    note_caller,
    open_desk,
    put_about,
    put_confirmed,
    put_digits,
    working,
)
from volact.service.usecases.center import raise_allowance
from volact.service.usecases.keys import IssuedKey, known_key
from volact.service.usecases.requests import Wanted, ask, requests_of, withdraw


def installation(key: IssuedKey, *, dev: str = "0" * 15) -> InstallationId:
    """An installation ID that holds."""
    held = read(key.key, "acme.example")
    return make_installation_id(held.derived.proof_key, keyid=held.keyid, dev=dev)


def organization_of(office: Office, key: IssuedKey) -> str:
    """Whose agreement a key belongs to."""
    row = office.service.ledger.execute(
        "SELECT organization_id FROM agreements WHERE licensing_id = ?", (key.row.licensing_id,)
    ).fetchone()
    return str(row[0])


def code(work: Callable[[], object]) -> str:
    """The code that something is refused with."""
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.code


def told(office: Office, case_id: str) -> list[str]:
    """What was done on a case, the first act first."""
    return [row.act for row in reversed(cases.acts_of(office.service.ledger, case_id, limit=50))]


def test_f44_center_acts_are_told_of_their_case(office: Office) -> None:
    """What is done on a case has its caller, proof and reason, and stands on the case whatever it was done to."""
    key = issued(office, activations=3)
    case = open_desk(office.service, keyid=key.row.keyid, act=office.act)
    assert (case.state, case.taken_by, case.licensing_id) == ("taken", "kari", key.row.licensing_id)
    note_caller(office.service, case.case_id, person="Ola Berg", proof="invoice 88", act=office.act)
    with working(office.service, case.case_id, reason="new building", act=office.act) as call:
        raise_allowance(office.service, key.row.keyid, activations=9, call=call, act=office.act)
    assert told(office, case.case_id) == ["case opened", "case taken", "caller noted", "allowance raised"]
    ((_, entry),) = cases.acts_since(office.service.ledger, office.act.now, limit=1)
    assert '"caller": "Ola Berg", "proof": "invoice 88", "why": "new building"' in entry.detail
    assert known_key(office.service, key.row.keyid).allowance == 9


def test_f44_center_does_nothing_without_caller_proof_and_reason(office: Office) -> None:
    """Without caller and proof, or with a reason left empty, an act is refused and leaves nothing behind."""
    key = issued(office, activations=3)
    case = open_desk(office.service, keyid=key.row.keyid, act=office.act)

    def work(reason: str) -> None:
        with working(office.service, case.case_id, reason=reason, act=office.act) as call:
            raise_allowance(office.service, key.row.keyid, activations=9, call=call, act=office.act)

    assert code(lambda: work("a reason")) == "proof_required"
    for person, proof in (("Ola", " "), ("", "invoice")):
        assert (
            code(lambda: note_caller(office.service, case.case_id, person=person, proof=proof, act=office.act))  # noqa: B023
            == "proof_required"
        )
    note_caller(office.service, case.case_id, person="Ola", proof="invoice", act=office.act)
    assert code(lambda: work("  ")) == "proof_required"
    assert known_key(office.service, key.row.keyid).allowance == 3
    close_case(office.service, case.case_id, reason="nothing more", act=office.act)
    assert code(lambda: work("a reason")) == "case_closed"


def test_f44_center_reads_a_confirmation_from_the_case(office: Office) -> None:
    """An installation ID is typed up to its first wrong group, goes on from there, and is confirmed and kept once."""
    key = issued(office, activations=3)
    said = installation(key)
    case = open_desk(office.service, act=office.act).case_id
    wrong = [*said.groups[:3], "0000001", *said.groups[4:]]
    assert put_digits(office.service, case, groups=wrong, act=office.act).groups == list(said.groups[:3])
    row = put_digits(office.service, case, groups=said.groups, act=office.act)
    assert (row.digits, row.keyid, row.licensing_id) == (said.qr, key.row.keyid, key.row.licensing_id)
    note_caller(office.service, case, person="Ola", proof="invoice", act=office.act)
    promised = put_confirmed(office.service, case, reason="no network", act=office.act)
    assert not isinstance(promised, Refusal)
    assert (promised.key.used, told(office, case)[-1]) == (1, "activated")
    again = put_confirmed(office.service, case, reason="the power went before it was signed", act=office.act)
    assert not isinstance(again, Refusal)
    assert (again.repeated, again.key.used) == (True, 1)
    keep_confirmation(office.service, case, digits="1" * 140)
    assert known_case(office.service, case).confirmation == "1" * 140
    assert put_digits(office.service, case, groups=said.groups, act=office.act).confirmation == "1" * 140
    other = installation(key, dev="1" * 15)
    assert put_digits(office.service, case, groups=other.groups, act=office.act).confirmation is None


def test_a_case_is_about_what_somebody_says_it_is(office: Office) -> None:
    """A case without a key is put to an agreement or a key; what does not exist is refused."""
    key = issued(office)
    case = open_desk(office.service, act=office.act).case_id
    row = put_about(office.service, case, keyid=key.row.keyid, act=office.act)
    assert (row.licensing_id, row.organization_id) == (key.row.licensing_id, organization_of(office, key))
    assert put_about(office.service, case, licensing_id=key.row.licensing_id, act=office.act).keyid is None
    assert code(lambda: put_about(office.service, case, keyid="0" * 10, act=office.act)) == "key_unknown"
    assert code(lambda: put_about(office.service, case, licensing_id="L-0", act=office.act)) == "unknown_agreement"
    assert code(lambda: put_about(office.service, case, act=office.act)) == "key_unknown"
    assert code(lambda: put_about(office.service, case, act=Act("ola", office.act.now))) == "case_taken"


def test_a_case_is_put_back_for_somebody_else(office: Office) -> None:
    """A case that somebody has is put back on record by anybody, and is taken by another then."""
    case = open_desk(office.service, act=office.act).case_id
    ola = Act("ola", office.act.now)
    assert hand_back(office.service, case, act=ola).state == "open"
    assert hand_back(office.service, case, act=ola).taken_by is None
    assert take_case(office.service, case, act=ola).taken_by == "ola"
    assert told(office, case) == ["case opened", "case taken", "case handed back", "case taken"]
    close_case(office.service, case, reason="nothing", act=ola)
    assert code(lambda: hand_back(office.service, case, act=ola)) == "case_closed"


def test_a_lost_computer_ends_and_a_lost_host_too(office: Office) -> None:
    """The center gives a lost computer's activation back, and revokes a lost host."""
    key, host_key = issued(office), issued(office, kind="host")
    machine = Device("acme.example")
    host = hosting(office, host_key, device=machine)
    activation = activated(office, key)
    case = open_desk(office.service, keyid=key.row.keyid, act=office.act).case_id
    note_caller(office.service, case, person="Ola", proof="invoice", act=office.act)

    def end(computer: str) -> None:
        with working(office.service, case, reason="stolen", act=office.act) as call:
            end_computer(office.service, computer, call=call, act=office.act)

    end(host.host)
    assert revoked.has(office.service.ledger, "host", id=host.host, jkt=machine.jkt)
    assert told(office, case)[-1] == "host revoked"
    assert code(lambda: end("HOST0")) == "unknown_activation"
    assert code(lambda: keyid_of(office.service, "HOST0")) == "unknown_activation"
    assert keyid_of(office.service, host.host) == host_key.row.keyid
    end(activation.jti)
    assert retirements.retirement(office.service.ledger, activation.jti) is not None
    assert told(office, case)[-1] == "activation retired"


def test_what_a_customer_asks_for_waits_in_the_same_queue(office: Office) -> None:
    """A request has what it names and why, is the organization's alone, and is taken back until it is decided."""
    key, strange = issued(office, activations=5), issued(office)
    ours = organization_of(office, key)
    wanted = Wanted(kind="raise", keyid=key.row.keyid, number=33, reason="forty new computers")
    row = ask(office.service, ours, wanted=wanted, language="nb", act=office.act)
    assert (row.channel, row.wanted, row.licensing_id, row.stands) == ("portal", 33, key.row.licensing_id, "open")
    assert [each.case_id for _, each in requests_of(office.service, ours, limit=9)] == [row.case_id]
    theirs = organization_of(office, strange)
    assert requests_of(office.service, theirs, limit=9) == ()
    assert code(lambda: withdraw(office.service, row.case_id, organization_id=theirs, act=office.act)) == "unknown_case"
    done = withdraw(office.service, row.case_id, organization_id=ours, act=office.act)
    assert (done.stands, done.reason) == ("withdrawn", None)
    assert code(lambda: withdraw(office.service, row.case_id, organization_id=ours, act=office.act)) == "case_closed"
    again = ask(office.service, ours, wanted=wanted, language="nb", act=office.act)
    closed = close_case(office.service, again.case_id, reason="too many", outcome="refused", act=office.act)
    assert (closed.stands, closed.closed_by) == ("refused", "kari")
    assert [each.case_id for _, each in requests_of(office.service, ours, limit=1)] == [again.case_id]


def test_a_request_names_what_the_organization_has(office: Office) -> None:
    """What is another's is refused as what does not exist, and a request that says too little as misused."""
    key, host_key = issued(office), issued(office, kind="host")
    host = hosting(office, host_key, device=Device("acme.example"))
    activation = activated(office, key)
    ours, theirs = organization_of(office, key), organization_of(office, host_key)

    def refused(organization_id: str = ours, **said: object) -> str:
        wanted = Wanted(reason="why", **said)  # type: ignore[arg-type]
        return code(lambda: ask(office.service, organization_id, wanted=wanted, language="en", act=office.act))

    assert refused(kind="raise", keyid=host_key.row.keyid, number=1) == "key_unknown"
    assert refused(kind="raise", keyid="0" * 10, number=1) == "key_unknown"
    assert refused(kind="host", keyid=key.row.keyid) == "key_wrong_kind"
    assert {refused(kind=kind) for kind in ("raise", "host", "setup", "gift")} == {"usage"}
    assert {refused(kind="raise", keyid=key.row.keyid, number=n) for n in (None, 0, -1, 10**12)} == {"usage"}
    assert refused(kind="setup", licensing_id=host_key.row.licensing_id) == "unknown_agreement"
    assert refused(kind="setup", licensing_id=key.row.licensing_id, product="none") == "unknown_product"
    assert refused(kind="lost", computer=host.host) == "unknown_activation"
    assert refused(theirs, kind="lost", computer=activation.jti) == "unknown_activation"
    assert refused(theirs, kind="host", keyid=host_key.row.keyid, computer="HOST0") == "unknown_host"
    for organization_id, said in (
        (ours, {"kind": "lost", "computer": activation.jti}),
        (theirs, {"kind": "lost", "computer": host.host}),
        (theirs, {"kind": "host", "keyid": host_key.row.keyid, "computer": host.host}),
        (ours, {"kind": "other"}),
    ):
        wanted = Wanted(reason="why", **said)  # type: ignore[arg-type]
        ask(office.service, organization_id, wanted=wanted, language="en", act=office.act)
