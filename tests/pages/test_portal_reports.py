"""Reports of an organization: one count in every form, with the sentence that activation proves no license."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import pypdfium2
import pytest
from openpyxl import load_workbook

from tests.support.databases import BOTH
from tests.support.pages import Person, join
from tests.support.service import Device, Key, Place, Running, now, read
from tests.support.telephone import installation
from volact.service.roles import Role
from volact.service.usecases.customers import Terms, add_agreement, add_organization
from volact.service.usecases.keys import Order, issue
from volact.service.usecases.showing import key_sheet
from volact.service.usecases.tallying import tally
from volact.service.usecases.telephoning import confirm_installation

DATABASES = BOTH

SAID = "not a proof of license"
OWNER = "=Nordlys, Energi æøå Ελλάς"


@dataclass(frozen=True, slots=True)
class Desk:
    """A customer whose name a spreadsheet would calculate, its keys, and somebody who reads its reports."""

    place: Place
    running: Running
    reader: Person
    organization_id: str
    keys: tuple[Key, ...]

    def at(self, form: str = "") -> str:
        """The report as a page, or in another form."""
        return f"/portal/{self.organization_id}/reports/{form}"


@pytest.fixture(scope="module")
def desk(place: Place, running: Running) -> Desk:
    """Two keys of two products, of which the first is nearly used up, and one was used by telephone."""
    with place.opened() as service:
        owner = add_organization(service, OWNER, parent=None, country="NO", act=now())
        bought = {"tracer-9": 10, "mesher-9": 10}
        terms = Terms(program="corporate", level="D", licenses=bought)
        licensing_id = add_agreement(service, owner, terms=terms, act=now())
        found = []
        for product, activations in (("tracer-9", 5), ("mesher-9", 40)):
            order = Order(licensing_id=licensing_id, product=product, kind="mak", activations=activations)
            found.append(read(issue(service, order, act=now())[0].key, place.publisher))
    for key, product, times in ((found[0], "tracer-9", 4), (found[1], "mesher-9", 2)):
        for _ in range(times):
            assert running.post(Device(place.publisher).activate(key, product)).status_code == 200
    with place.opened() as service:
        confirm_installation(service, installation(found[1], 1).qr, act=now(), channel="center")
    reader = join(place, running, role=Role.REPORT_READER, organization_id=owner)
    return Desk(place, running, reader, owner, tuple(found))


def test_f46_portal_every_report_proves_no_license(desk: Desk) -> None:
    """F46: the page, the sheet, the workbook and the pages to be printed each say that activation proves no license."""
    assert SAID in desk.reader.get(desk.at()).text
    assert SAID in desk.reader.get(desk.at("csv")).text
    book = load_workbook(io.BytesIO(desk.reader.get(desk.at("xlsx")).content))
    for sheet in book:
        assert any(SAID in str(cell.value) for row in sheet for cell in row), sheet.title
    assert SAID in _pdf(desk.reader.get(desk.at("pdf")).content)


def test_every_form_has_the_same_count(desk: Desk) -> None:
    """What was activated by month, by product and by method is one count in every form."""
    rows = list(csv.reader(io.StringIO(desk.reader.get(desk.at("csv")).text)))
    told = {(row[0], row[1]): row[2] for row in rows}
    assert sum(int(row[2]) for row in rows if row[0] == "By month" and row[2].isdecimal()) == 7
    assert told["By product", "Tracer 9"] == "4"
    assert told["By product", "Mesher 9"] == "3"
    assert told["By method", "By telephone"] == "1"
    assert told["By method", "Online or by file"] == "6"
    book = load_workbook(io.BytesIO(desk.reader.get(desk.at("xlsx")).content))
    assert sum(row[1].value for row in book["By month"].iter_rows(min_row=2) if isinstance(row[1].value, int)) == 7
    page, printed = desk.reader.get(desk.at()).text, _pdf(desk.reader.get(desk.at("pdf")).content)
    assert '<p class="figure">7</p>' in page
    assert "7 within twelve months" in printed
    assert _is_legible(desk.reader.get(desk.at("pdf")).content)
    for name in ("Tracer 9", "Mesher 9"):
        assert name in printed
        assert name in page


def test_f26_portal_forecasts_as_the_command_line_does(desk: Desk) -> None:
    """F26: what is left of a key, and the day on which it runs out, are those of other faces, the fullest first."""
    rows = [
        row for row in csv.reader(io.StringIO(desk.reader.get(desk.at("csv")).text)) if row[0].startswith("Nearest")
    ]
    keyids = [re.findall(r"\((\w+)\)", row[1]) for row in rows[1:]]
    assert keyids == [[key.keyid] for key in desk.keys]
    for row, key in zip(rows[1:], desk.keys, strict=True):
        with desk.place.opened() as service:
            sheet = key_sheet(service, key.keyid)
        assert sheet.forecast is not None
        assert row[2:] == [str(sheet.key.used), str(sheet.key.remaining), sheet.forecast.runs_out]


def test_the_latest_activation_is_in_a_report_at_once(desk: Desk) -> None:
    """What was activated a moment ago counts, and so does what was activated before the tallies were brought up."""
    before = _total(desk)
    running, device = desk.running, Device(desk.place.publisher)
    assert running.post(device.activate(desk.keys[1], "mesher-9")).status_code == 200
    assert _total(desk) == before + 1
    with desk.place.opened() as service:
        while tally(service):
            pass
    assert _total(desk) == before + 1


def test_texts_are_never_formulas(desk: Desk) -> None:
    """A name that begins like a formula is a text in every file, and the printed report has the publisher's name."""
    for name in ("csv", "xlsx", "pdf"):
        page = desk.reader.get(desk.at(name))
        assert page.headers["content-disposition"] == f'attachment; filename="activations.{name}"'
        assert page.headers["cache-control"] == "no-store"
    book = load_workbook(io.BytesIO(desk.reader.get(desk.at("xlsx")).content))
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n"}
    printed = _pdf(desk.reader.get(desk.at("pdf")).content)
    assert "Acme Engineering" in printed
    assert OWNER in printed.replace("\n", " ")
    assert desk.reader.get(desk.at("exe")).status_code == 404


def test_a_report_of_nothing_is_one(place: Place, running: Running) -> None:
    """An organization without agreements has a report in every form, which says so."""
    with place.opened() as service:
        owner = add_organization(service, "Ny", parent=None, country="NO", act=now())
    reader = join(place, running, role=Role.REPORT_READER, organization_id=owner)
    for name in ("", "csv", "xlsx", "pdf"):
        assert reader.get(f"/portal/{owner}/reports/{name}").status_code == 200
    assert "No activation in twelve months" in reader.get(f"/portal/{owner}/reports/").text


def _total(desk: Desk) -> int:
    found = re.search(r'<p class="figure">(\d+)</p>', desk.reader.get(desk.at()).text)
    assert found
    return int(found[1])


def _is_legible(data: bytes) -> bool:
    """Whether all but little of each printed page is white."""
    document = pypdfium2.PdfDocument(data)
    try:
        drawn = [document[number].render(grayscale=True).to_pil().histogram() for number in range(len(document))]
        return all(sum(page[200:]) > 0.8 * sum(page) for page in drawn)
    finally:
        document.close()


def _pdf(data: bytes) -> str:
    """What the pages of a PDF say."""
    document = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    finally:
        document.close()
