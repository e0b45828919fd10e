"""The catalog in the back office: compared, and published as it was compared."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.support.databases import BOTH
from tests.support.pages import Person, join
from tests.support.service import Place, Running
from volact.licensing.catalog import Catalog
from volact.service.roles import Role
from volact.service.usecases.catalogs import current_catalog

DATABASES = BOTH

TOML = (Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml").read_text("utf-8")
COMPARE, PUBLISH = "/office/catalog/compare/", "/office/catalog/publish/"


@pytest.fixture(scope="module")
def astrid(place: Place, running: Running) -> Person:
    """The publisher's administrator."""
    return join(place, running, role=Role.PUBLISHER)


def compared(person: Person, text: str | bytes, name: str = "next.toml") -> httpx.Response:
    """The page that a file is answered with."""
    person.get("/office/catalog/")
    data = text.encode() if isinstance(text, str) else text
    headers = {"Origin": str(person.client.base_url).rstrip("/")}
    return person.client.post(COMPARE, data=person.marks, files={"file": (name, data)}, headers=headers)


def sent(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the page's form that publishes."""
    return dict(re.findall(r'name="(once|base|draft|csrfmiddlewaretoken)" value="([^"]+)"', page.text))


def held(place: Place) -> tuple[int, Catalog]:
    """The version that holds, and what it says."""
    with place.opened() as service:
        now = current_catalog(service)
    return now.version, now.catalog


def test_a_catalog_is_compared_before_it_is_published(place: Place, astrid: Person) -> None:
    """The page says figure by figure what a file changes; nothing is published by that, and once by the form on it."""
    version, _ = held(place)
    text = TOML.replace("retirements_per_year = 10", "retirements_per_year = 7").replace(
        'name = "Tracer 9"', 'name = "Tracer 9 <b>"'
    )
    page = compared(astrid, text)
    assert page.status_code == 200
    assert "<del>10</del>" in page.text
    assert "<ins>7</ins>" in page.text
    assert "Tracer 9 &lt;b&gt;" in page.text
    assert held(place)[0] == version
    for _ in range(2):
        done = astrid.post(PUBLISH, **sent(page))
        assert done.url.path == "/office/catalog/"
    assert held(place)[0] == version + 1
    assert held(place)[1].policy.retirements_per_year == 7
    assert "<ins>7</ins>" in astrid.get(f"/office/catalog/{version + 1}/").text
    assert astrid.get("/office/catalog/99/").status_code == 404
    assert astrid.get("/office/catalog/99999999999999999999999/").status_code == 404


def test_what_cannot_follow_is_refused_with_reasons(place: Place, astrid: Person) -> None:
    """A catalog that breaks a key that was issued is compared all the same, and says why it is not published."""
    place.key("tracer-9", "mak", activations=1)
    page = compared(astrid, TOML.replace("number = 11", "number = 99"))
    assert page.status_code == 422
    assert "which stands in keys" in page.text
    assert "draft" not in sent(page)


def test_a_file_that_is_no_catalog_names_the_line(place: Place, astrid: Person) -> None:
    """A file that is not TOML, not UTF-8, empty or too large is refused by what is wrong, and where."""
    version, _ = held(place)
    assert "line 3" in compared(astrid, "title = 'x'\n\n[policy\n").text
    assert compared(astrid, b"\xff\xfe\x00").status_code == 422
    assert compared(astrid, "").status_code == 422
    assert "4 MiB" in compared(astrid, "#" * (4 * 1024 * 1024 + 1)).text
    unknown = compared(astrid, TOML + '\n[products.more]\nname = "More"\ngroop = "tracer-9"\n')
    assert unknown.status_code == 422
    assert "groop" in unknown.text
    assert held(place)[0] == version


def test_what_was_not_compared_is_not_published(place: Place, astrid: Person) -> None:
    """Where another version was published meanwhile, or what the form carries was changed, nothing is published."""
    version, _ = held(place)
    first = compared(astrid, TOML.replace("retirements_per_year = 10", "retirements_per_year = 5"))
    second = compared(astrid, TOML.replace("retirements_per_year = 10", "retirements_per_year = 6"))
    assert astrid.post(PUBLISH, **sent(second)).status_code == 200
    late = astrid.post(PUBLISH, **sent(first))
    assert late.status_code == 422
    assert "Another version was published" in late.text
    assert "<del>6</del>" in late.text
    assert held(place)[0] == version + 1
    again = astrid.post(PUBLISH, **sent(late))
    assert again.url.path == "/office/catalog/"
    assert held(place)[1].policy.retirements_per_year == 5
    marks = sent(compared(astrid, TOML))
    for draft in ("", "x", "eJwDAAAAAAE=", marks["draft"][:-40]):
        page = astrid.post(PUBLISH, **marks | {"draft": draft})
        assert page.status_code in (403, 422), draft
    assert held(place)[0] == version + 2
