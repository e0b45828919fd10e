from __future__ import annotations

import pytest

from tests.support.service import Device, read
from tests.unit.service.asking import activated, hosting, issued, refused
from tests.unit.service.conftest import DAY, START, Office
from volact.errors import Refused
from volact.licensing.agreements import day_of
from volact.service.ledger import audit
from volact.service.ports import Call
from volact.service.usecases.center import GivenKey, block_key, free_slot, give_key, on_call, raise_allowance
from volact.service.usecases.keys import Order, block, issue, known_key
from volact.service.usecases.showing import key_sheet

CALL = Call("Kari Nordmann", "agreement 4711, invoice of May", "new building")
WINDOWS, XP = "windows-7-professional", "windows-xp-professional"


def given(office: Office, licensing_id: str, *, product: str = WINDOWS, kind: str = "mak") -> GivenKey:
    """What the center gives out."""
    order = Order(licensing_id=licensing_id, product=product, kind=kind)
    return give_key(office.service, order, call=CALL, act=office.act)


def code_of(office: Office, licensing_id: str, *, product: str = WINDOWS, kind: str = "mak") -> str:
    """The code that the center's giving is refused with."""
    with pytest.raises(Refused) as caught:
        given(office, licensing_id, product=product, kind=kind)
    return caught.value.code


@pytest.mark.parametrize(("kind", "product"), [("mak", WINDOWS), ("host", WINDOWS), ("setup", XP)])
def test_f44_center_gives_out_the_agreements_own_key(office: Office, kind: str, product: str) -> None:
    """The center issues a key where the agreement has none, and gives out that same key ever after."""
    licensing_id = office.agreement(licenses={product: 5})
    first = given(office, licensing_id, product=product, kind=kind)
    again = given(office, licensing_id, product=product, kind=kind)
    assert (first.issued, again.issued, again.key) == (True, False, first.key)
    assert read(first.key, "acme.example").keyid == first.row.keyid


def test_f44_blocked_key_is_not_given_out(office: Office) -> None:
    """A blocked key is not given out again: the agreement's newest active one is, or a new one."""
    licensing_id = office.agreement(licenses={WINDOWS: 5})
    first = given(office, licensing_id)
    block(office.service, first.row.keyid, revoked=False, act=office.act)
    second = given(office, licensing_id)
    assert second.issued
    assert second.key != first.key


def test_f03_setup_key_by_telephone_is_that_of_the_product(office: Office) -> None:
    """Products of one group have setup keys of their own, and the key's history says that it went by telephone."""
    licensing_id = office.agreement(licenses={XP: 5})
    found = given(office, licensing_id, product=XP, kind="setup")
    line = key_sheet(office.service, found.row.keyid).history[-1]
    assert line.what.startswith("delivered by telephone")
    assert (line.who, line.why) == ("kari", CALL.reason)


@pytest.mark.parametrize("program", ["isv-royalty", "high-volume-messaging"])
def test_f11_center_gives_keys_that_the_program_keeps_back(office: Office, program: str) -> None:
    """Keys of programs that show none are given out by the center, for what was purchased and nothing else."""
    licensing_id = office.agreement(program=program, licenses={WINDOWS: 5})
    assert given(office, licensing_id).issued
    assert code_of(office, licensing_id, product="office-2016") == "units_required"


def test_f30_center_gives_nothing_outside_of_the_agreements_days(office: Office) -> None:
    """Before the first day of an agreement and after its last, the center gives no key and raises none."""
    today = day_of(START)
    licensing_id = office.agreement(licenses={WINDOWS: 5}, valid_from=today, valid_until=today)
    key = given(office, licensing_id)
    office.time.go(DAY)
    assert code_of(office, licensing_id) == "agreement_ended"
    with pytest.raises(Refused) as caught:
        raise_allowance(office.service, key.row.keyid, activations=1000, call=CALL, act=office.act)
    assert caught.value.code == "agreement_ended"
    later = office.agreement(licenses={WINDOWS: 5}, valid_from=day_of(START + 5 * DAY))
    assert code_of(office, later) == "agreement_not_started"
    block_key(office.service, key.row.keyid, revoked=False, call=CALL, act=office.act)


def test_f40_center_gives_no_key_that_lies_on_the_media(office: Office) -> None:
    """The setup key of a product whose key comes on its media is given out by nobody else."""
    licensing_id = office.agreement(licenses={"sbs-2008-standard": 5})
    with pytest.raises(Refused) as caught:
        given(office, licensing_id, product="sbs-2008-standard", kind="setup")
    assert caught.value.code == "kind_not_offered"
    assert "media" in caught.value.refusal.detail


def test_f25_center_raises_and_never_lowers(office: Office) -> None:
    """The center raises what a key allows, and refuses a lower number and a key that counts nothing."""
    key = issued(office)
    keyid = key.row.keyid
    assert raise_allowance(office.service, keyid, activations=80, call=CALL, act=office.act).allowance == 80
    before = len(audit.history(office.service.ledger, keyid))
    assert raise_allowance(office.service, keyid, activations=80, call=CALL, act=office.act).allowance == 80
    assert len(audit.history(office.service.ledger, keyid)) == before
    setup = issued(office, XP, "setup").row.keyid
    for number, which in ((79, keyid), (2_000_000_000, keyid), (5, setup)):
        with pytest.raises(Refused) as caught:
            raise_allowance(office.service, which, activations=number, call=CALL, act=office.act)
        assert caught.value.code == "usage"
    assert known_key(office.service, keyid).allowance == 80


def test_f18_center_frees_a_slot(office: Office) -> None:
    """A freed slot can be taken by other hardware; the freed host renews nothing and is on the revocation list."""
    key = issued(office, kind="host", activations=2)
    hosts = [Device("acme.example") for _ in range(3)]
    first, _ = (hosting(office, key, device=host) for host in hosts[:2])
    held, now = read(key.key, "acme.example"), office.service.clock.now()
    ask = hosts[2].host(held, platform="windows-server-2008-r2", iat=now)
    assert refused(office, ask) == "host_limit_reached"
    freed = free_slot(office.service, key.row.keyid, host_id=first.host, call=CALL, act=office.act)
    assert freed.remaining == 1
    renewal = hosts[0].renew(first.jti, platform="windows-server-2008-r2", iat=now)
    assert refused(office, renewal) == "host_slot_freed"
    assert [(line.host, line.jkt, line.at) for line in office.trust().revocations.hosts] == [
        (first.host, hosts[0].jkt, START)
    ]
    assert hosting(office, key, device=hosts[2]).host != first.host
    again = hosts[0].host(held, platform="windows-server-2008-r2", iat=now)
    assert refused(office, again) == "host_limit_reached"


def test_freeing_twice_frees_once(office: Office) -> None:
    """A slot that was freed before stays so: nothing more comes back, and its hardware may take a new one."""
    key = issued(office, kind="host", activations=2)
    hosts = [Device("acme.example") for _ in range(2)]
    first, _ = (hosting(office, key, device=host) for host in hosts)
    for _ in range(3):
        row = free_slot(office.service, key.row.keyid, host_id=first.host, call=CALL, act=office.act)
        assert row.used == 1
    again = hosting(office, key, device=hosts[0])
    assert again.host != first.host
    assert known_key(office.service, key.row.keyid).used == 2


def test_only_a_host_of_the_key_is_freed(office: Office) -> None:
    """A host id that is unknown, or a host of another key, frees nothing."""
    key, other = issued(office, kind="host"), issued(office, kind="host")
    host = hosting(office, other, device=Device("acme.example")).host
    for keyid, host_id, code in (
        (key.row.keyid, host, "unknown_host"),
        (key.row.keyid, "0" * 15, "unknown_host"),
        ("0000000000", host, "key_unknown"),
    ):
        with pytest.raises(Refused) as caught:
            free_slot(office.service, keyid, host_id=host_id, call=CALL, act=office.act)
        assert caught.value.code == code
    assert known_key(office.service, other.row.keyid).used == 1


def test_f44_center_blocks_a_leaked_key(office: Office) -> None:
    """A key that the center blocks gives nothing new, and blocked again is done."""
    key = issued(office)
    activated(office, key)
    for _ in range(2):
        row = block_key(office.service, key.row.keyid, revoked=False, call=CALL, act=office.act)
        assert row.state == "blocked"
    body = Device("acme.example").activate(read(key.key, "acme.example"), WINDOWS, iat=office.service.clock.now())
    assert refused(office, body) == "key_blocked"
    assert block_key(office.service, key.row.keyid, revoked=True, call=CALL, act=office.act).state == "revoked"


def test_f44_every_act_is_recorded_with_caller_proof_and_reason(office: Office) -> None:
    """Each act of the center is on record with who, when, why, the caller and the proof, and never with a key."""
    licensing_id = office.agreement(licenses={WINDOWS: 5})
    mak, host = given(office, licensing_id), given(office, licensing_id, kind="host")
    held = issue(office.service, Order(licensing_id=licensing_id, product=WINDOWS, kind="host"), act=office.act)[0]
    slot = hosting(office, held, device=Device("acme.example")).host
    raise_allowance(office.service, mak.row.keyid, activations=900, call=CALL, act=office.act)
    free_slot(office.service, held.row.keyid, host_id=slot, call=CALL, act=office.act)
    block_key(office.service, mak.row.keyid, revoked=True, call=CALL, act=office.act)
    rows = [row for keyid in (mak, host) for row in audit.history(office.service.ledger, keyid.row.keyid)]
    rows += audit.history(office.service.ledger, held.row.keyid)[-1:]
    texts = [row.detail for row in rows]
    assert [row.act for row in rows] == [
        "issued", "given out by the activation center", "allowance raised", "revoked",
        "issued", "given out by the activation center", "host slot freed",
    ]  # fmt: skip
    for text in texts:
        assert all(word in text for word in (CALL.caller, CALL.proof, CALL.reason))
        assert not any(key in text for key in (mak.key, host.key, held.key))
    assert {(row.who, row.at) for row in rows} == {("kari", START)}


@pytest.mark.parametrize("missing", ["caller", "proof", "reason"])
@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_acts_without_caller_proof_or_reason_are_refused(office: Office, missing: str, text: str) -> None:
    """An act for which caller, proof or reason is missing or blank is refused by proof_required and changes nothing."""
    key = issued(office, kind="host")
    host = hosting(office, key, device=Device("acme.example")).host
    said = {"caller": "Kari", "proof": "invoice", "reason": "new building"} | {missing: text}
    call, keyid = Call(**said), key.row.keyid
    order = Order(licensing_id=key.row.licensing_id, product=WINDOWS, kind="mak")
    acts = (
        lambda: give_key(office.service, order, call=call, act=office.act),
        lambda: raise_allowance(office.service, keyid, activations=9, call=call, act=office.act),
        lambda: free_slot(office.service, keyid, host_id=host, call=call, act=office.act),
        lambda: block_key(office.service, keyid, revoked=True, call=call, act=office.act),
    )
    for act in acts:
        with pytest.raises(Refused) as caught:
            act()
        assert (caught.value.code, caught.value.refusal.fields) == ("proof_required", {"missing": [missing]})
    assert (known_key(office.service, keyid).state, known_key(office.service, keyid).used) == ("active", 1)


def test_words_are_not_taken_for_a_key(office: Office) -> None:
    """Five words of five letters, and a long id, are recorded as they are, since no key looks like them."""
    call = Call("Kari", "0" * 26, "those three small white boxes")
    assert on_call(office.act, call).call == call


@pytest.mark.parametrize("text", ["the key 0G5ZZ-K1M2N-P3Q4R-S5T6V-W7X8Y leaked", "x" * 201, "two\nlines"])
def test_no_key_and_no_novel_is_recorded(office: Office, text: str) -> None:
    """A text with a key in it, one that is too long and one of several lines are refused and not recorded."""
    key = issued(office)
    with pytest.raises(Refused) as caught:
        block_key(office.service, key.row.keyid, revoked=True, call=Call("Kari", "invoice", text), act=office.act)
    assert caught.value.code == "usage"
    assert "0G5ZZ" not in caught.value.refusal.detail
    assert known_key(office.service, key.row.keyid).state == "active"
