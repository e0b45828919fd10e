"""The activation center's screen of one case, by a real process: what is done and what is refused (F18, F26, F44)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.center import EA, WINDOWS, Center, staff, words
from tests.support.commands import volact
from tests.support.databases import BOTH
from tests.support.pages import age, join
from tests.support.service import Place, Running
from volact.credential.telephone.confirmation import read_confirmation_id
from volact.credential.telephone.installation import make_installation_id
from volact.errors import Refusal
from volact.service.roles import Role

DATABASES = BOTH
CATALOG = "reference"


@pytest.fixture(scope="module")
def center(place: Place, running: Running) -> Center:
    """Its activation center."""
    return Center.open(place, running)


def test_f44_center_raises_a_key_with_who_why_and_the_caller(center: Center) -> None:
    """A key is raised once however often the form is sent; the record has who, when, why, the caller and the proof."""
    case_id = center.case(center.mak)
    before = center.key(center.mak).allowance
    sent: dict[str, Any] = {
        "act": "raise",
        "keyid": center.mak.keyid,
        "number": str(before + 5),
        "reason": "new building",
    }
    center.operator.get(f"/center/cases/{case_id}/")
    mark = center.operator.marks["once"]
    assert "Activations raised" in words(center.do(case_id, "raise", **sent, once=mark))
    told = words(center.do(case_id, "raise", **{**sent, "number": str(before + 50)}, once=mark))
    assert f"Activations raised from {before} to {before + 5}" in told
    assert center.key(center.mak).allowance == before + 5
    raised = [row for row in center.acts(center.mak.keyid) if row.act == "allowance raised"]
    assert len(raised) == 1
    said = json.loads(raised[0].detail)
    assert (said["caller"], said["proof"], said["why"]) == ("Ola Berg", "invoice 88-2041", "new building")
    assert raised[0].who.startswith("Sven Lund (member ")


def test_a_reason_left_empty_loses_nothing(center: Center) -> None:
    """Without a reason nothing is done, and the page has everything that was typed."""
    case_id, before = center.case(center.mak), center.key(center.mak).allowance
    page = center.do(case_id, "raise", act="raise", keyid=center.mak.keyid, number="4711", reason="   ")
    assert page.status_code == 422
    assert "Write down why it is done" in words(page)
    assert 'value="4711"' in page.text
    assert center.key(center.mak).allowance == before


def test_nothing_is_done_without_caller_and_proof(center: Center) -> None:
    """Before caller and proof are written down buttons are off with the reason beside, and a form is refused."""
    case_id, before = center.case(center.mak, person=""), center.key(center.mak).allowance
    shown = center.operator.get(f"/center/cases/{case_id}/", act="raise")
    assert re.search(r'<button type="submit" class="button filled" disabled', shown.text)
    assert "First write down who is calling" in words(shown)
    page = center.do(case_id, "raise", act="raise", keyid=center.mak.keyid, number="999", reason="because")
    assert (page.status_code, center.key(center.mak).allowance) == (422, before)
    assert center.do(case_id, "caller", person="Ola", proof="").status_code == 422
    assert center.row(case_id).person is None


def test_f44_center_reads_a_confirmation_group_by_group(center: Center) -> None:
    """A wrong group is named and the right ones stay; what it takes is said; then one group after another is lit."""
    said = make_installation_id(center.mak.derived.proof_key, keyid=center.mak.keyid, dev="7" * 15)
    case_id, left = center.case(center.mak), center.key(center.mak).remaining
    typed = {f"g{place}": group for place, group in enumerate(said.groups, 1)}
    page = center.do(case_id, "digits", act="confirm", **{**typed, "g6": "0000001"})
    assert page.status_code == 422
    assert "roup 6 of the installation ID is mistyped" in words(page)
    assert page.text.count('aria-invalid="true"') == 1
    assert [f'value="{group}"' in page.text for group in said.groups].count(True) == 7
    page = center.do(case_id, "digits", act="confirm", **typed)
    assert f"{left} → {left - 1} of" in words(page)
    page = center.do(case_id, "confirm", act="confirm", reason="no network there")
    groups = re.findall(r"<li[^>]*>(\d{7})</li>", page.text)
    assert len(groups) == 20
    assert not isinstance(read_confirmation_id("".join(groups)), Refusal)
    lit = center.operator.get(f"/center/cases/{case_id}/", act="confirm", group="5")
    assert f'<li class="lit" aria-current="step">{groups[4]}</li>' in lit.text
    assert lit.text.count('class="said"') == 4
    assert center.key(center.mak).remaining == left - 1
    repeated = center.case(center.mak)
    page = center.do(repeated, "digits", act="confirm", g1=said.qr)
    assert "nothing is taken" in words(page)
    page = center.do(repeated, "confirm", act="confirm", reason="typed it wrong")
    assert re.findall(r"<li[^>]*>(\d{7})</li>", page.text) == groups
    assert center.key(center.mak).remaining == left - 1


def test_f26_center_and_command_line_say_the_same_that_is_left(center: Center, place: Place) -> None:
    """What is left of a key reads the same on the screen of a case and by the command line."""
    case_id = center.case(center.mak)
    shown = words(center.operator.get(f"/center/cases/{case_id}/", act="raise"))
    key = volact("service", "key", "show", str(place.folder), center.mak.keyid).data
    assert f"{key['used']} of {key['allowance']} are used; {key['allowance'] - key['used']} are left." in shown


def test_f18_center_frees_a_place_for_the_seventh_host(center: Center) -> None:
    """The seventh host is refused; once the center has freed a place the next one has it, and one more has none."""
    assert [page.status_code for page in center.hosts(7)] == [200] * 6 + [409]
    case_id = center.case(center.host)
    shown = center.operator.get(f"/center/cases/{case_id}/", act="slot", keyid=center.host.keyid)
    assert "6 of 6 places are taken. Freed: 6 → 5." in words(shown)
    host_id = re.findall(r'name="host" value="([^"]+)"', shown.text)[0]
    sent: dict[str, Any] = {
        "act": "slot",
        "keyid": center.host.keyid,
        "host": host_id,
        "reason": "the machine was scrapped",
    }
    assert center.do(case_id, "slot", **sent).status_code == 200
    assert not center.is_live(host_id)
    assert [page.status_code for page in center.hosts(2)] == [200, 409]


def test_f18_center_confirms_a_host_in_the_place_of_another(center: Center) -> None:
    """Where all places are taken a host is confirmed by telephone in the place of one that is named."""
    key = center.host_key()
    center.hosts(6, key=key)
    said = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev=f"{4711:015}")
    case_id = center.case(key)
    shown = center.do(case_id, "digits", act="confirm", g1=" ".join(said.groups))
    assert "6 of 6 places are taken" in words(shown)
    (offered,) = re.findall(r'<select name="host">(.*?)</select>', shown.text, re.DOTALL)
    named = re.findall(r'<option value="([^"]+)"', offered)
    assert len(named) == 6
    sent = {"act": "confirm", "role": "host", "reason": "the old machine burned"}
    full = center.do(case_id, "confirm", **sent)
    assert full.status_code == 422
    assert all(center.is_live(host_id) for host_id in named)
    assert center.do(case_id, "confirm", **sent, host="H-0000-0000").status_code == 422
    read_aloud = center.do(case_id, "confirm", **sent, host=named[0])
    assert read_aloud.status_code == 200
    assert len(re.findall(r"<li[^>]*>\d{7}</li>", read_aloud.text)) == 20
    assert [center.is_live(host_id) for host_id in named] == [False] + [True] * 5


def test_f44_center_confirms_a_directory(center: Center) -> None:
    """A directory is confirmed by telephone where that is said, and the confirmation is a directory's."""
    key = center.host_key()
    said = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev=f"{815:015}")
    case_id = center.case(key)
    center.do(case_id, "digits", act="confirm", g1=" ".join(said.groups))
    page = center.do(case_id, "confirm", act="confirm", role="directory", reason="no network there")
    read = read_confirmation_id("".join(re.findall(r"<li[^>]*>(\d{7})</li>", page.text)))
    assert not isinstance(read, Refusal)
    made = [row for row in center.acts(key.keyid) if row.act == "directory confirmed by telephone"]
    assert [json.loads(row.detail)["dev"] for row in made] == [said.dev]


def test_f44_center_gives_a_key_out_once_and_says_why_another_is_not(center: Center) -> None:
    """A key that the agreement carries is shown once and recorded; a kind that is not offered cannot be chosen."""
    case_id = center.case(center.mak)
    shown = center.operator.get(f"/center/cases/{case_id}/", act="give", product=WINDOWS)
    assert re.search(r'name="kind" value="setup" disabled', shown.text)
    assert re.search(r'name="kind" value="mak"(?! disabled)', shown.text)
    page = center.do(case_id, "give", act="give", product=WINDOWS, kind="mak", reason="lost the letter")
    assert "-".join(re.findall(r"<li[^>]*>([0-9A-Z]{5})</li>", page.text)) == center.mak.text
    assert page.headers["cache-control"] == "no-store"
    assert center.mak.text not in center.operator.get(f"/center/cases/{case_id}/", act="give").text.replace("-", "")
    assert [row.act for row in center.acts(center.mak.keyid)].count("given out by the activation center") == 1
    page = center.do(case_id, "give", act="give", product=WINDOWS, kind="setup", reason="wants one")
    assert page.status_code == 422


def test_f44_center_blocks_a_leaked_key_and_says_whom_it_meets(center: Center) -> None:
    """The screen says how many computers the key has activated; blocked, it activates no further one."""
    leaked = center.desk.key(WINDOWS, "mak", program=EA, activations=10)
    case_id = center.case(leaked)
    shown = words(center.operator.get(f"/center/cases/{case_id}/", act="block", keyid=leaked.keyid))
    assert "0 computers are activated by this key." in shown
    page = center.do(case_id, "block", act="block", keyid=leaked.keyid, reason="found on a forum")
    assert "Key blocked" in words(page)
    assert center.key(leaked).state == "blocked"
    center.do(case_id, "block", act="block", keyid=leaked.keyid, revoke="1", reason="found on a forum")
    assert center.key(leaked).state == "revoked"


def test_staff_acts_with_a_second_factor_only(center: Center, place: Place, running: Running) -> None:
    """Whoever has shown no second factor sees the case with everything off, and what is sent is not done."""
    case_id, before = center.case(center.mak), center.key(center.mak).allowance
    other = join(place, running, role=Role.OPERATOR, name="Kari Vik")
    page = other.get(f"/center/cases/{case_id}/", act="raise")
    assert "Nothing can be done before your second factor was shown" in words(page)
    page = other.post(f"/center/cases/{case_id}/", do="raise", keyid=center.mak.keyid, number="999", reason="because")
    assert page.status_code == 403
    other.get("/center/find/", q=center.mak.keyid)
    assert other.post("/center/find/", keyid=center.mak.keyid).status_code == 403
    assert center.key(center.mak).allowance == before


def test_a_key_is_given_out_by_who_showed_the_second_factor_just_now(center: Center, place: Place) -> None:
    """Five minutes after the second factor was shown a case goes on, but for a key that is given out: that asks."""
    case_id = center.case(center.mak)
    age(place, proofs=300)
    sent = {"act": "give", "product": "windows-7-professional", "kind": "mak", "reason": "the letter was lost"}
    before = center.acts(center.mak.keyid)
    page = center.do(case_id, "give", **sent)
    assert page.url.path == "/account/2fa/reauthenticate/"
    assert page.url.params["next"].startswith(f"/center/cases/{case_id}/")
    assert center.acts(center.mak.keyid) == before
    screen = center.operator.get(f"/center/cases/{case_id}/", act="give", product="windows-7-professional")
    assert "within the last five minutes" in words(screen)
    assert f"next=/center/cases/{case_id}/%3Fact%3Dgive%26product%3Dwindows-7-professional" in screen.text
    raised = center.key(center.mak).allowance + 1
    center.do(case_id, "raise", act="raise", keyid=center.mak.keyid, number=str(raised), reason="a roll-out")
    assert center.key(center.mak).allowance == raised
    age(place, proofs=-300)
    assert "Read this key aloud" in center.do(case_id, "give", **sent).text
    given = [row.act for row in center.acts(center.mak.keyid)[len(before) :]]
    assert given == ["allowance raised", "given out by the activation center"]


def test_a_kind_of_key_that_is_not_offered_is_not_given(center: Center) -> None:
    """A kind that no button of the screen names is refused, and no key of it is made."""
    case_id = center.case(center.mak)
    for kind in ("oem", "retail", "trial", "cal", ""):
        page = center.do(case_id, "give", act="give", product="windows-7-professional", kind=kind, reason="a letter")
        assert page.status_code == 422, kind


def test_a_case_is_one_persons(center: Center, place: Place, running: Running) -> None:
    """Whoever has a case has it alone: another one sees who, and what they send is refused."""
    case_id, before = center.case(center.mak), center.key(center.mak).allowance
    other = staff(place, running, name="Kari Vik")
    page = other.get(f"/center/cases/{case_id}/", act="raise")
    assert "Sven Lund" in words(page)
    sent: dict[str, Any] = {"act": "raise", "keyid": center.mak.keyid, "number": "999", "reason": "because"}
    page = other.post(f"/center/cases/{case_id}/", do="raise", **sent)
    assert (page.status_code, center.key(center.mak).allowance) == (422, before)
    assert "has the case" in words(page)
    other.get(f"/center/cases/{case_id}/")
    page = other.post(f"/center/cases/{case_id}/", do="hand back")
    assert "Case put back into the queue Kari Vik" in words(page)
    other.post(f"/center/cases/{case_id}/", do="take")
    row = center.row(case_id)
    assert row.taken_by is not None
    assert row.taken_by.startswith("Kari Vik")


def test_a_key_of_another_agreement_is_not_acted_on(center: Center, place: Place) -> None:
    """A key id that was changed by hand to one of another agreement is answered as one that does not exist."""
    strange = place.key(WINDOWS, "mak", activations=3)
    case_id = center.case(center.mak)
    sent: dict[str, Any] = {"act": "raise", "number": "999", "reason": "because"}
    there = center.do(case_id, "raise", keyid=strange.keyid, **sent)
    nowhere = center.do(case_id, "raise", keyid="0000000000", **sent)
    assert (there.status_code, nowhere.status_code) == (422, 422)
    assert place.row(strange).allowance == 3
    assert center.do("C-0000-0000", "take").status_code == 404


def test_odd_texts_are_refused_and_never_a_fault(center: Center) -> None:
    """Ten thousand characters, a formula, a NUL and a product key in any field are taken or refused, and no fault."""
    case_id = center.case(center.mak)
    for text in ("x" * 10_000, "=1+1", "a\0b", "<script>", "-1", "٣", center.mak.text):
        for what in ("caller", "raise", "slot", "block", "end", "give", "digits", "confirm", "close", "about"):
            if what == "close" and len(text) < 300 and text != center.mak.text:
                continue  # which would close it
            fields = ("person", "proof", "number", "host", "computer", "kind", "product", "outcome", "g1")
            sent = dict.fromkeys((*fields, "reason"), text)
            page = center.do(case_id, what, act="raise", keyid=center.mak.keyid, **sent)
            assert page.status_code in (200, 422), (what, text[:20], page.status_code)
            assert "<script>" not in page.text.replace('<script src="', "")
        assert center.operator.get(f"/center/cases/{case_id}/", act=text[:300], keyid=text[:300]).status_code == 200
    assert center.do(case_id, "fly").status_code == 404


def test_a_closed_case_is_done_with(center: Center) -> None:
    """A case is closed with what became of it, is not in the queue any more, and nothing more is done on it."""
    case_id, before = center.case(center.mak), center.key(center.mak).allowance
    assert center.do(case_id, "close", outcome="done", reason="").status_code == 422
    page = center.do(case_id, "close", outcome="done", reason="all is well")
    assert "all is well" in words(page)
    assert case_id not in center.operator.get("/center/").text
    page = center.do(case_id, "raise", act="raise", keyid=center.mak.keyid, number="999", reason="because")
    assert (page.status_code, center.key(center.mak).allowance) == (422, before)
