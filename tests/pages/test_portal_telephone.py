"""The portal's telephone activation: an installation ID typed, and the confirmation read back (F44)."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import segno
from PIL import Image, ImageFilter

from tests.support.pages import Person, join
from tests.support.portal import Desk
from tests.support.service import Key, Place, Running
from volact.credential.telephone.confirmation import read_confirmation_id
from volact.credential.telephone.installation import InstallationId, make_installation_id
from volact.errors import Refusal
from volact.service.pages.codes import photographed
from volact.service.roles import Role

CATALOG = "reference"
EA = "enterprise-agreement"


@pytest.fixture(scope="module")
def desk(place: Place) -> Desk:
    """A customer with an agreement."""
    found = Desk.open(place)
    found.agree(EA, level="A", windows_7_professional=10)
    return found


@pytest.fixture(scope="module")
def key(desk: Desk) -> Key:
    """Its multiple activation key."""
    return desk.key("windows-7-professional", "mak", program=EA, activations=10)


@pytest.fixture(scope="module")
def reader(place: Place, running: Running, desk: Desk) -> Person:
    """A key reader."""
    return join(place, running, role=Role.KEY_READER, organization_id=desk.organization_id)


def installation(key: Key, number: int = 1) -> InstallationId:
    """What a computer with that key shows."""
    return make_installation_id(key.derived.proof_key, keyid=key.keyid, dev=f"{number:015}")


def test_f44_portal_confirms_a_computer_once(place: Place, reader: Person, desk: Desk, key: Key) -> None:
    """A confirmation is given as twenty groups of digits, in the shorter form and as a code, and takes one activation;
    the same installation ID in either form has the same one, and takes nothing."""
    said, where = installation(key), desk.at("telephone/")
    reader.get(where)
    first = reader.post(where, installation_id=" ".join(said.groups))
    groups = re.findall(r"<li>(\d{7})</li>", first.text)
    assert len(groups) == 20
    read = read_confirmation_id("".join(groups))
    assert not isinstance(read, Refusal)
    assert "-".join(read.keyboard) in first.text
    assert '<svg role="img"' in first.text
    assert "9 of 10 are left" in first.text
    again = reader.post(where, installation_id="-".join(said.keyboard).lower())
    assert re.findall(r"<li>(\d{7})</li>", again.text) == groups
    assert "this computer was confirmed before" in again.text
    assert place.row(key).used == 1
    assert '"channel": "portal"' in activation_detail(place, key)


def photograph(*texts: str, form: str = "JPEG") -> bytes:
    """A picture of codes on a desk, held at an angle, with the grain of a camera."""
    desk = Image.new("L", (1600, 1200), 150)
    for number, text in enumerate(texts):
        drawn, code = BytesIO(), segno.make(text, micro=False, error="m")
        code.save(drawn, kind="png", scale=6, border=4)
        desk.paste(Image.open(drawn).convert("L"), (120 + 750 * number, 260))
    grain = Image.effect_noise(desk.size, 30)
    held = Image.blend(desk.rotate(11, fillcolor=90), grain, 0.2).filter(ImageFilter.GaussianBlur(1))
    held.save(out := BytesIO(), form, quality=70)
    return out.getvalue()


def test_f44_portal_confirms_from_a_photograph(place: Place, reader: Person, desk: Desk, key: Key) -> None:
    """A photograph of the code that a computer shows gives the same confirmation as its digits, without JavaScript."""
    said, where = installation(key, 7), desk.at("telephone/")
    reader.get(where)
    for form in ("JPEG", "PNG"):
        page = reader.post(where, files={"photo": photograph(said.qr, form=form)})
        assert page.status_code == 200
        shot = re.findall(r"<li>(\d{7})</li>", page.text)
        assert len(shot) == 20
    typed = reader.post(where, installation_id=" ".join(said.groups))
    assert re.findall(r"<li>(\d{7})</li>", typed.text) == shot


def many_scans(number: int) -> bytes:
    """A picture of one code that is drawn over so many times, each time with the work of a whole picture."""
    Image.open(BytesIO(photograph("1"))).save(out := BytesIO(), "JPEG", progressive=True)
    drawn, last = out.getvalue(), out.getvalue().rindex(b"\xff\xda")
    return drawn[:-2] + drawn[last:-2] * number + drawn[-2:]


def two_in_one() -> bytes:
    """A picture of one code as telephones with two cameras write it."""
    shot = Image.open(BytesIO(photograph("1")))
    shot.save(out := BytesIO(), "MPO", save_all=True, append_images=[shot.resize((160, 120))])
    return out.getvalue()


def large_screen() -> bytes:
    """A picture of one code with more points than a screen has."""
    screen = Image.new("L", (5_000, 5_000), 255)
    screen.paste(Image.open(BytesIO(photograph("1"))), (100, 100))
    screen.save(out := BytesIO(), "PNG")
    return out.getvalue()


def test_a_picture_that_is_made_to_be_work_is_not_looked_at() -> None:
    """A JPEG that is drawn over more often than cameras do, and a PNG larger than screens, say nothing; others do."""
    assert photographed(many_scans(20)) == photographed(photograph("1")) == photographed(two_in_one()) == "1"
    assert photographed(many_scans(100)) is None
    assert photographed(large_screen()) is None


@pytest.mark.parametrize(
    "picture",
    [
        photograph(),
        photograph("first", "second"),
        photograph("a code of something else"),
        photograph("cut off")[:900],
        b"GIF89a" + bytes(100),
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\0\0\0\0" + bytes(60),
    ],
    ids=["no code", "two codes", "another code", "cut off", "no picture", "empty", "far too large"],
)
def test_a_photograph_that_says_nothing_is_told_so(reader: Person, desk: Desk, picture: bytes) -> None:
    """A picture without one installation ID on it is answered by the page itself with what to do."""
    reader.get(desk.at("telephone/"))
    page = reader.post(desk.at("telephone/"), files={"photo": picture})
    assert page.status_code == 422
    assert 'role="alert"' in page.text


def test_f44_portal_names_each_wrong_group_and_keeps_what_was_typed(reader: Person, desk: Desk, key: Key) -> None:
    """An installation ID with two groups mistyped is shown again with both marked, and nothing typed is lost."""
    groups = list(installation(key).groups)
    for place in (1, 5):
        groups[place] = groups[place][:-1] + str((int(groups[place][-1]) + 1) % 10)
    page = reader.post(desk.at("telephone/"), installation_id=" ".join(groups))
    assert page.status_code == 422
    assert re.findall(r'<li class="wrong">(\d+)<', page.text) == [groups[1], groups[5]]
    assert f">{' '.join(groups)}</textarea>" in page.text


def test_f44_portal_tells_the_center_to_call(reader: Person, desk: Desk) -> None:
    """The page has the telephone of the center of the organization's country, and those of others behind it."""
    page = reader.get(desk.at("telephone/")).text
    assert '<p class="figure">+44 20 7946 0958</p>' in page
    assert "+33 1 99 00 47 11" in page


def test_the_neighbors_computer_is_confirmed_as_one_of_no_key(place: Place, reader: Person, desk: Desk) -> None:
    """An installation ID of another organization's key, whole and proved, is answered as one of a key that nobody has,
    and takes nothing."""
    other = Desk.open(place, "Atelier Garonne")
    other.agree(EA, level="A", windows_7_professional=10)
    theirs = other.key("windows-7-professional", "mak", program=EA, activations=5)
    known, unknown = installation(theirs), make_installation_id(bytes(32), keyid="0123456789", dev=f"{1:015}")
    there, nowhere = (reader.post(desk.at("telephone/"), installation_id=each.qr) for each in (known, unknown))
    assert there.status_code == nowhere.status_code == 422
    assert "confirm" in there.text
    plain = [
        re.sub(r'value="[^"]+"', "", page.text).replace(each.qr, "")
        for page, each in ((there, known), (nowhere, unknown))
    ]
    assert plain[0] == plain[1]
    assert place.row(theirs).used == 0


@pytest.mark.parametrize("typed", ["", "x" * 10_000, "1234567", "=1+1", "\u0661" * 56])
def test_what_is_no_installation_id_is_told_so(reader: Person, desk: Desk, typed: str) -> None:
    """Whatever is typed is answered by the page itself, and confirms nothing."""
    page = reader.post(desk.at("telephone/"), installation_id=typed)
    assert page.status_code == 422
    assert "Installation ID" in page.text


def test_a_used_up_key_tells_the_center(place: Place, reader: Person, desk: Desk) -> None:
    """A computer too many is refused with the center to call, and the refusal is on record."""
    small = desk.key("windows-7-professional", "mak", program=EA, activations=1)
    assert reader.post(desk.at("telephone/"), installation_id=installation(small, 1).qr).status_code == 200
    page = reader.post(desk.at("telephone/"), installation_id=installation(small, 2).qr)
    assert "mak_exhausted" in page.text
    assert "+44 20 7946 0958" in page.text
    with place.opened() as service:
        refused = service.ledger.execute("SELECT code FROM refused WHERE keyid = ?", (small.keyid,)).fetchall()
    assert refused == [("mak_exhausted",)]


def activation_detail(place: Place, key: Key) -> str:
    """What the record says beside the activation."""
    with place.opened() as service:
        rows = service.ledger.execute("SELECT detail FROM audit WHERE subject = ? AND act = 'activated'", (key.keyid,))
        return str(rows.fetchone()[0])
