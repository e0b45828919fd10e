"""Pages in French and Norwegian: what a member is refused, and every page, without an English sentence (F45)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from pageroutes import every_route

from tests.support.center import EA, WINDOWS
from tests.support.languages import english, english_in
from tests.support.pages import Person, join, visitor
from tests.support.portal import Desk
from tests.support.service import Key, Place, Running, now
from volact.credential.telephone.installation import make_installation_id
from volact.service.roles import CUSTOMERS, Role, may
from volact.service.usecases.revealing import MOST_AN_HOUR, count_shown

CATALOG = "reference"
OPEN, MEDIA = "open-license", "windows-xp-professional"
ACCOUNT = ("settings/", "2fa/", "2fa/webauthn/", "2fa/recovery-codes/", "password/change/", "sessions/", "3rdparty/")
KEY_LIKE = "K7M2P-9QX4T-WD3HN-6VFRJ-8BZYC"


@dataclass(slots=True)
class Hall:
    """A customer with keys, and people of every role who read one language."""

    place: Place
    running: Running
    language: str
    desk: Desk
    mak: Key
    host: Key
    people: dict[Role, Person]

    def sent(self, role: Role, path: str, /, **form: str) -> httpx.Response:
        """What somebody of a role is answered by a form."""
        person = self.people[role]
        person.get(path)
        return person.post(path, **form)

    def portal(self, path: str, /, **form: str) -> httpx.Response:
        """The same of a form of the portal, by who manages its keys."""
        return self.sent(Role.KEY_ADMINISTRATOR, self.desk.at(path), **form)

    def office(self, path: str, /, **form: str) -> httpx.Response:
        """The same of the back office."""
        return self.sent(Role.PUBLISHER, f"/office/{path}", **form)


@pytest.fixture(scope="module", params=["fr", "nb", "en"])
def hall(request: pytest.FixtureRequest, place: Place, running: Running) -> Hall:
    """One customer and its people, by language."""
    desk = Desk.open(place, f"Nordlys {request.param}")
    desk.agree(EA, level="A", windows_7_professional=10)
    desk.agree(OPEN, windows_xp_professional=2)
    mak = desk.key(WINDOWS, "mak", program=EA, activations=10)
    host = desk.key(WINDOWS, "host", program=EA)
    people = {
        role: join(
            place,
            running,
            role=role,
            organization_id=desk.organization_id if role in CUSTOMERS else "",
            language=request.param,
        )
        for role in Role
    }
    for role in (Role.ADMINISTRATOR, Role.KEY_ADMINISTRATOR, Role.PUBLISHER, Role.OPERATOR):
        people[role].prove()
    return Hall(place, running, request.param, desk, mak, host, people)


def _mistyped(hall: Hall, *, wrong: int) -> str:
    groups = list(make_installation_id(hall.mak.derived.proof_key, keyid=hall.mak.keyid, dev="0" * 15).groups)
    for place in range(wrong):
        groups[place] = groups[place][:-1] + str((int(groups[place][-1]) + 1) % 10)
    return " ".join(groups)


def _one_key_too_many(hall: Hall) -> httpx.Response:
    person, here = hall.people[Role.KEY_ADMINISTRATOR], hall.desk.organization_id
    with hall.place.opened() as service:
        rows = service.ledger.execute("SELECT member_id FROM members WHERE email = ?", (person.email,))
        count_shown(service, rows.fetchone()[0], organization_id=here, number=MOST_AN_HOUR, act=now())
    return hall.portal(f"keys/{hall.mak.keyid}/reveal/")


def _case(hall: Hall, **sent: str) -> httpx.Response:
    about = {"licensing_id": hall.desk.licensing_ids[EA], "keyid": hall.mak.keyid}
    opened = hall.sent(Role.OPERATOR, "/center/find/", **about)
    return hall.sent(Role.OPERATOR, opened.url.path, **sent)


def _too_large_a_raise(hall: Hall) -> httpx.Response:
    noted = _case(hall, do="caller", person="Ola Berg", proof="invoice 88-2041")
    sent = {"act": "raise", "keyid": hall.mak.keyid, "number": "99999999999", "reason": "new building"}
    return hall.sent(Role.OPERATOR, noted.url.path, do="raise", **sent)


def _without_mark(hall: Hall) -> httpx.Response:
    return hall.people[Role.KEY_ADMINISTRATOR].client.post(hall.desk.at("requests/new/"), data={"kind": "other"})


def _login(hall: Hall) -> httpx.Response:
    person = visitor(hall.running, language=hall.language)
    person.get("/account/login/")
    return person.post("/account/login/", login="nobody@example.org", password="wrong")


REFUSED: dict[str, Callable[[Hall], httpx.Response]] = {
    "a raise that no key can have": _too_large_a_raise,
    "an act without caller and proof": lambda hall: _case(hall, do="caller", person="", proof=""),
    "a request for no activation": lambda hall: hall.portal(
        "requests/new/", kind="raise", keyid=hall.mak.keyid, number="0", reason="more"
    ),
    "a request about a key of another kind": lambda hall: hall.portal(
        "requests/new/", kind="raise", keyid=hall.host.keyid, number="5", reason="more"
    ),
    "a reason that is empty": lambda hall: hall.portal("activations/", activation="x", reason=""),
    "a reason with a product key": lambda hall: hall.portal("activations/", activation="x", reason=KEY_LIKE),
    "no activation chosen": lambda hall: hall.portal("activations/", reason="sold"),
    "one group mistyped": lambda hall: hall.portal("telephone/", installation_id=_mistyped(hall, wrong=1)),
    "two groups mistyped": lambda hall: hall.portal("telephone/", installation_id=_mistyped(hall, wrong=2)),
    "a group left out": lambda hall: hall.portal("telephone/", installation_id=_mistyped(hall, wrong=0)[8:]),
    "too many keys shown in an hour": _one_key_too_many,
    "a roll-out over no computer": lambda hall: hall.people[Role.KEY_READER].get(
        hall.desk.at(f"keys/{hall.mak.keyid}/"), computers="0"
    ),
    "a roll-out by a host key": lambda hall: hall.people[Role.KEY_READER].get(
        hall.desk.at(f"keys/{hall.host.keyid}/"), computers="5"
    ),
    "a key that nobody has": lambda hall: hall.people[Role.KEY_READER].get(hall.desk.at("keys/0123456789/")),
    "a token without scopes": lambda hall: hall.sent(Role.ADMINISTRATOR, hall.desk.at("tokens/"), name="backup"),
    "a page of another role": lambda hall: hall.people[Role.REPORT_READER].get(hall.desk.at("requests/new/")),
    "an invitation that ended": lambda hall: visitor(hall.running, language=hall.language).get("/invitation/gone"),
    "a page that is not there": lambda hall: hall.people[Role.PUBLISHER].get("/office/nothing/"),
    "a form that is not ours": _without_mark,
    "a country of three letters": lambda hall: hall.office("organizations/new/", name="Havvind", country="NOR"),
    "an address that is none": lambda hall: hall.office("organizations/new/", name="Havvind", email="kari"),
    "a color that is none": lambda hall: hall.office("service/", name="Acme", accent="green"),
    "a color that is not read": lambda hall: hall.office("service/", name="Acme", accent="#ffff00"),
    "a webhook to no https": lambda hall: hall.office("service/webhooks/", url="ftp://example.org/"),
    "a token for no number of days": lambda hall: hall.office("service/tokens/", name="x", scope="keys:read", days="x"),
    "an allowance that is no number": lambda hall: hall.office(f"keys/{hall.mak.keyid}/", activations="x", reason="y"),
    "a block that is not said": lambda hall: hall.office(f"keys/{hall.mak.keyid}/block/", reason="y"),
    "keys of a kind that is not sold": lambda hall: hall.office(
        f"agreements/{hall.desk.licensing_ids[EA]}/issue/", product=WINDOWS, kind="cal", count="1"
    ),
    "an agreement of no program": lambda hall: hall.office(
        f"organizations/{hall.desk.organization_id}/agreement/", program="none"
    ),
    "an activation that nobody has": lambda hall: hall.office(
        f"keys/{hall.mak.keyid}/activations/", activation="x", reason="y"
    ),
    "a catalog that is none": lambda hall: hall.office("catalog/compare/"),
    "a checkpoint that is none": lambda hall: hall.sent(Role.AUDITOR, "/office/record/verification/", kept="x"),
    "a role above one's own": lambda hall: hall.sent(
        Role.ADMINISTRATOR, hall.desk.at("people/"), do="invite", email="x@example.org", role="auditor"
    ),
    "a password that is wrong": lambda hall: _login(hall),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_f45_refusals_are_said_in_the_readers_language(hall: Hall, refused: Callable[[Hall], httpx.Response]) -> None:
    """What a member is refused, and why, is said in the language of its pages alone."""
    page = refused(hall)
    assert page.status_code in (200, 400, 403, 404, 409, 410, 413, 422, 429, 503), page.text
    assert page.status_code != 200 or "alert" in page.text, page.text
    assert ("not_found" in page.text) == (refused is REFUSED["a page that is not there"]), page.text
    if hall.language == "en":
        assert english(page, "fr") != []  # so that what is looked for is found
    else:
        assert english(page, hall.language) == []
        assert f'lang="{hall.language}"' in page.text


def test_f45_pages_have_no_english_sentence(hall: Hall) -> None:
    """Every page that somebody may open is in the reader's language from its head to its last form."""
    other = "fr" if hall.language == "en" else hall.language
    for route in every_route(hall.place.folder):
        for role, person in hall.people.items():
            if route.is_whole and may(role, route.right) and route.is_customers == (role in CUSTOMERS):
                page = person.get(route.at(hall.desk.organization_id))
                assert bool(english(page, other)) == (hall.language == "en"), (route, page.text)
                break
    for role, path in (*_of_one(hall), *((Role.KEY_ADMINISTRATOR, f"/account/{path}") for path in ACCOUNT)):
        page = hall.people[role].get(path)
        assert page.status_code == 200, path
        assert bool(english(page, other)) == (hall.language == "en"), (path, page.text)


def _of_one(hall: Hall) -> Iterator[tuple[Role, str]]:
    """Pages of one key, one agreement, one case, with what was done to them."""
    under, mak = hall.desk.licensing_ids[EA], hall.mak.keyid
    for path in (f"keys/{mak}/", f"keys/{hall.host.keyid}/", f"agreements/{under}/", "telephone/", "keys/export/"):
        yield Role.KEY_ADMINISTRATOR, hall.desk.at(path)
    for kind in ("raise", "host", "setup", "lost", "other"):
        yield Role.KEY_ADMINISTRATOR, hall.desk.at(f"requests/new/?kind={kind}")
    for path in (f"agreements/{under}/", f"agreements/{under}/change/", f"agreements/{under}/issue/"):
        yield Role.PUBLISHER, f"/office/{path}"
    for path in (f"agreements/{hall.desk.licensing_ids[OPEN]}/media/", f"organizations/{hall.desk.organization_id}/"):
        yield Role.PUBLISHER, f"/office/{path}"
    for path in (f"keys/{mak}/", f"keys/{mak}/block/", f"keys/{mak}/activations/", "catalog/1/", "record/1/"):
        yield Role.PUBLISHER, f"/office/{path}"
    case = _case(hall, do="caller", person="Ola Berg", proof="invoice 88-2041").url.path
    for act in ("raise", "give", "confirm", "slot", "lost", "block"):
        yield Role.OPERATOR, f"{case}?act={act}"


def test_f45_a_download_speaks_the_readers_language(hall: Hall) -> None:
    """The note with the key that comes with a download is in the language of whoever downloads it."""
    where = hall.desk.at(f"downloads/{hall.desk.licensing_ids[OPEN]}/{MEDIA}/")
    packed = hall.sent(Role.ADMINISTRATOR, where)
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        note, page = archive.read("key.txt").decode(), archive.read("key.pdf")
    assert bool(english_in(note, "fr" if hall.language == "en" else hall.language)) == (hall.language == "en")
    assert f"/Lang ({hall.language})".encode() in page
