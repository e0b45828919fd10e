"""What a customer asks the center for: one queue with callers, found, decided, and seen by the customer (F18, F44)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.center import EA, WINDOWS, Center, staff, words
from tests.support.pages import Person, join
from tests.support.portal import Desk
from tests.support.service import Place, Running, now
from tests.support.telephone import TOKEN, URL, Menu
from volact.credential.telephone.installation import make_installation_id
from volact.service.roles import Role
from volact.service.usecases.cases import Handed, open_case
from volact.service.usecases.telephonelimits import Line
from volact.service.usecases.telephoneprovider import Provider, set_provider

CATALOG = "reference"


@pytest.fixture(scope="module")
def running(place: Place) -> Iterator[Running]:
    """Its service, answering callers too."""
    with place.opened() as service:
        set_provider(service, Provider(URL, TOKEN, ""), act=now())
    with place.running() as process:
        yield process


@pytest.fixture(scope="module")
def center(place: Place, running: Running) -> Center:
    """Its activation center."""
    return Center.open(place, running)


@pytest.fixture(scope="module")
def manager(place: Place, running: Running, center: Center) -> Person:
    """The customer's key administrator."""
    organization_id = center.desk.organization_id
    return join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=organization_id, name="Ingrid Haugen")


def ask(manager: Person, desk: Desk, **sent: str) -> httpx.Response:
    """Asks for something from the form of its kind."""
    manager.get(desk.at("requests/new/"), kind=sent.get("kind", ""))
    return manager.post(desk.at("requests/new/"), **sent)  # type: ignore[arg-type]


def newest(manager: Person, desk: Desk) -> str:
    """The number of the newest request that can be taken back."""
    found = re.findall(r'name="case" value="([^"]+)"', manager.get(desk.at("requests/")).text)
    return str(found[0])


def test_f44_center_decides_what_a_customer_asks_for(center: Center, manager: Person) -> None:
    """A raise that is asked for waits in the queue, is filled in for the center, and the customer sees the answer."""
    desk, key = center.desk, center.mak
    page = manager.get(desk.at("requests/new/"), kind="raise", keyid=key.keyid, number="33")
    assert f'<option value="{key.keyid}" selected>' in page.text
    assert 'name="number" inputmode="numeric" required maxlength="10" value="33"' in page.text
    page = ask(manager, desk, kind="raise", keyid=key.keyid, number="33", reason="a new office\r\nin Bergen")
    assert "33 more activations" in words(page)
    assert "Waits" in words(page)
    case_id = newest(manager, desk)
    queue = center.operator.get("/center/")
    assert "a new office in Bergen" in words(queue)
    assert "Nordlys Energi" in words(queue)
    allowance = center.key(key).allowance
    shown = center.operator.get(f"/center/cases/{case_id}/")
    assert f"33 more are asked for: {allowance} → {allowance + 33}." in words(shown)
    assert f'value="{allowance + 33}"' in shown.text
    center.do(case_id, "caller", person="Ingrid Haugen", proof="signed in to the portal")
    assert "In hand" in words(manager.get(desk.at("requests/")))
    sent = {"act": "raise", "keyid": key.keyid, "number": str(allowance + 33), "reason": "agreed"}
    assert center.do(case_id, "raise", **sent).status_code == 200
    center.do(case_id, "close", outcome="done", reason="raised by 33")
    answer = words(manager.get(desk.at("requests/")))
    assert "Done" in answer
    assert "raised by 33 Sven Lund" in answer
    assert f"{allowance + 33}" in words(manager.get(desk.at(f"keys/{key.keyid}/")))


def test_f18_center_is_asked_for_a_place_by_the_portal(center: Center, manager: Person) -> None:
    """A customer names the host that may go; the center's screen has it chosen, and frees its place."""
    assert [page.status_code for page in center.hosts(7)] == [200] * 6 + [409]
    form = manager.get(center.desk.at("requests/new/"), kind="host", keyid=center.host.keyid)
    host_id = re.findall(r'<option value="([^"]+)">\1<', form.text)[2]
    ask(manager, center.desk, kind="host", keyid=center.host.keyid, computer=host_id, reason="a seventh site")
    case_id = newest(manager, center.desk)
    shown = center.operator.get(f"/center/cases/{case_id}/")
    assert f'name="host" value="{host_id}" checked' in shown.text
    center.do(case_id, "caller", person="Ingrid Haugen", proof="agreement 4711")
    center.do(case_id, "slot", act="slot", keyid=center.host.keyid, host=host_id, reason="as asked")
    assert not center.is_live(host_id)
    assert center.hosts(1)[0].status_code == 200


def test_a_request_that_says_too_little_is_shown_again(center: Center, manager: Person) -> None:
    """A number that is none, a reason left empty or a key of another's leave the form as it was typed, and no case."""
    strange = Desk.open(center.place, "Atelier Garonne")
    strange.agree(EA, level="A", windows_7_professional=1)
    theirs = strange.key(WINDOWS, "mak", program=EA)
    before = words(manager.get(center.desk.at("requests/"))).count("more activation")
    for sent in (
        {"keyid": center.mak.keyid, "number": "many", "reason": "why"},
        {"keyid": center.mak.keyid, "number": "0", "reason": "why"},
        {"keyid": center.mak.keyid, "number": "9" * 16, "reason": "why"},
        {"keyid": center.mak.keyid, "number": "5", "reason": " "},
        {"keyid": center.mak.keyid, "number": "5", "reason": "x" * 10_000},
        {"keyid": center.mak.keyid, "number": "5", "reason": center.mak.text},
        {"keyid": theirs.keyid, "number": "5", "reason": "why"},
        {"keyid": "0000000000", "number": "5", "reason": "why"},
        {"keyid": center.host.keyid, "number": "5", "reason": "why"},
    ):
        page = ask(manager, center.desk, kind="raise", **sent)
        assert page.status_code == 422, sent
        assert "Nothing was sent" in words(page)
    page = ask(manager, center.desk, kind="lost", computer="=1+1", reason="kept")
    assert page.status_code == 422
    assert ">kept</textarea>" in page.text
    assert ask(manager, center.desk, kind="gift", reason="why").status_code == 422
    assert words(manager.get(center.desk.at("requests/"))).count("more activation") == before


def test_a_request_sent_twice_counts_once_and_is_taken_back(center: Center, manager: Person) -> None:
    """The same form sent again opens no second case; a request taken back is out of the queue, and stays listed."""
    sent = {"kind": "other", "reason": "a question of ours"}
    manager.get(center.desk.at("requests/new/"), kind="other")
    mark = manager.marks["once"]
    for _ in range(2):
        manager.post(center.desk.at("requests/new/"), **sent, once=mark)  # type: ignore[arg-type]
    assert words(manager.get(center.desk.at("requests/"))).count("a question of ours") == 1
    case_id = newest(manager, center.desk)
    manager.post(center.desk.at("requests/"), case=case_id)
    assert "a question of ours" not in words(center.operator.get("/center/"))
    listed = words(manager.get(center.desk.at("requests/")))
    assert "a question of ours" in listed
    assert "Taken back" in listed
    again = manager.post(center.desk.at("requests/"), case=case_id, once="a-mark-of-another-form")
    assert again.status_code == 409


def test_nobody_sees_or_ends_what_another_asked_for(center: Center, manager: Person) -> None:
    """A neighbor's request, a caller's case and a number that was never given are answered alike."""
    other = Desk.open(center.place, "Fjordwerk")
    neighbor = join(center.place, center.running, role=Role.ADMINISTRATOR, organization_id=other.organization_id)
    ask(manager, center.desk, kind="other", reason="ours alone")
    case_id, desk_case = newest(manager, center.desk), center.case(center.mak)
    page = neighbor.get(other.at("requests/"))
    assert "ours alone" not in page.text
    answers = []
    for number in (case_id, desk_case, "C-0000-0000"):
        neighbor.get(other.at("requests/new/"), kind="other")
        page = neighbor.post(other.at("requests/"), case=number)
        answers.append((page.status_code, words(page).replace(number, "").partition("this request")[0]))
    assert len(set(answers)) == 1
    assert answers[0][0] == 404
    assert center.row(case_id).state == "open"


def test_f44_center_goes_on_where_the_telephone_menu_handed_over(center: Center) -> None:
    """A caller of the menu stands in the queue with the digits typed so far, and the case goes on from there."""
    said = make_installation_id(center.mak.derived.proof_key, keyid=center.mak.keyid, dev="3" * 15)
    with httpx.Client(timeout=30) as client:
        phone = Menu(center.place, center.running, client).call()
        phone.press("3")
        phone.type(said.groups[:5])
        phone.press("0")
    queue = center.operator.get("/center/")
    assert "Caller of the telephone menu 5 of 8 groups typed not known yet number ends in 456" in words(queue)
    case_id = re.findall(r"/center/cases/([^/]+)/", queue.text)[-1]
    shown = center.operator.get(f"/center/cases/{case_id}/")
    assert [f'value="{group}"' in shown.text for group in said.groups] == [True] * 5 + [False] * 3
    center.do(case_id, "caller", person="Ola Berg", proof="invoice 88-2041")
    typed = {f"g{place}": group for place, group in enumerate(said.groups, 1)}
    center.do(case_id, "digits", act="confirm", **typed)
    page = center.do(case_id, "confirm", act="confirm", reason="the menu was too slow")
    assert len(re.findall(r"<li[^>]*>(\d{7})</li>", page.text)) == 20
    assert "Norwegian" in words(page)
    assert center.row(case_id).licensing_id == center.desk.licensing_ids[EA]


def test_f44_center_finds_by_whatever_a_caller_says(center: Center) -> None:
    """Licensing ID, key id, first group, a part of the name, an installation ID and a case's number all lead there."""
    said = make_installation_id(center.mak.derived.proof_key, keyid=center.mak.keyid, dev="5" * 15)
    licensing_id = center.desk.licensing_ids[EA]
    for asked in (
        licensing_id.lower(),
        center.mak.keyid.lower(),
        center.mak.product.first_group.lower(),
        center.mak.text,
        "dlys ener",
        said.qr,
        " ".join(said.groups),
        "-".join(said.keyboard),
    ):
        page = center.operator.get("/center/find/", q=asked)
        assert licensing_id in page.text, asked
        assert center.mak.text not in page.text
    case_id = center.case(center.mak)
    assert center.operator.get("/center/find/", q=case_id.lower()).url.path == f"/center/cases/{case_id}/"
    wrong = [*said.groups[:2], "0000001", *said.groups[3:]]
    assert "Group 3 of the installation ID is mistyped" in words(
        center.operator.get("/center/find/", q=" ".join(wrong))
    )
    stranger = make_installation_id(bytes(32), keyid=center.mak.keyid, dev="5" * 15)
    assert "no key here has this installation ID" in words(center.operator.get("/center/find/", q=stranger.qr))
    for nothing in ("%", "_", "\\", "x" * 300, "'; --", "0000-0000", "a\0b"):
        assert "Nothing is called so" in words(center.operator.get("/center/find/", q=nothing)), nothing
    assert "At most 400 characters" in words(center.operator.get("/center/find/", q="7" * 10_000))


def test_a_case_found_by_an_installation_id_has_its_digits(center: Center) -> None:
    """A case that is opened from an installation ID goes on with it, and another case is put to what was found."""
    said = make_installation_id(center.mak.derived.proof_key, keyid=center.mak.keyid, dev="6" * 15)
    center.operator.get("/center/find/", q=said.qr)
    page = center.operator.post("/center/find/", keyid=center.mak.keyid, digits=said.qr)
    assert "Every group is right" in words(page)
    with center.place.opened() as service:
        case_id = open_case(service, Handed(Line("menu", "else"), "en", "", "123"), act=now()).case_id
    found = center.operator.get("/center/find/", q="Nordlys", case=case_id)
    assert f"What is case {case_id} about?" in words(found)
    page = center.do(case_id, "about", licensing_id=center.desk.licensing_ids[EA])
    assert center.row(case_id).organization_id == center.desk.organization_id
    assert "Nordlys Energi" in words(page)


def test_the_center_sees_what_it_did_today(center: Center) -> None:
    """Every act on a case of today is listed with its case, whoever did it, the newest first."""
    case_id = center.case(center.mak)
    page = center.operator.get("/center/today/")
    assert re.findall(r"/center/cases/(C-[0-9-]+)/", page.text)[0] == case_id
    assert "Caller and proof of purchase noted" in words(page)
    auditor = staff(center.place, center.running, role=Role.AUDITOR, name="Marc Weber")
    assert auditor.get("/center/today/").status_code == 403
