"""In which language a page is (F45)."""

from __future__ import annotations

import httpx
import pytest

from tests.support.pages import Person, join
from tests.support.service import Place, Running
from volact.service.roles import Role

SIGN_IN = {"en": "Sign in", "fr": "Se connecter", "nb": "Logg inn"}
ADVICE = {"en": "Which key do I use?", "fr": "Quelle clé utiliser ?", "nb": "Hvilken nøkkel bruker jeg?"}


@pytest.fixture(scope="module")
def reader(place: Place, running: Running, organization_id: str) -> Person:
    """A report reader."""
    return join(place, running, role=Role.REPORT_READER, organization_id=organization_id)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("fr-CA,fr;q=0.8,en;q=0.5", "fr"),
        ("nb-NO,nb;q=0.9", "nb"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("de-DE,no;q=0.5", "nb"),
        ("de-DE,de;q=0.9", "en"),
        ("en-GB,fr;q=0.9", "en"),
        ("x" * 9_000, "en"),
        (";;q=,", "en"),
        ("", "en"),
    ],
)
def test_f45_a_stranger_is_answered_in_the_browsers_language(running: Running, asked: str, told: str) -> None:
    """The page for signing in is in the first of the browser's languages that is offered, else in English."""
    page = httpx.get(f"{running.url}/account/login/", headers={"Accept-Language": asked})
    assert f'<html lang="{told}"' in page.text
    assert SIGN_IN[told] in page.text
    assert page.headers["content-language"] == told


def test_f45_portal_is_the_same_page_in_three_languages(reader: Person, organization_id: str) -> None:
    """A page has the same parts in each language, and the member's setting decides, not the browser."""
    where, shapes = f"/portal/{organization_id}/advice/?product=tracer-9&computers=40", set()
    for language, title in ADVICE.items():
        reader.get("/account/settings/")
        reader.post("/account/settings/", name="Kari", language=language, theme="")
        reader.client.headers["Accept-Language"] = "fr" if language != "fr" else "nb"
        page = reader.get(where)
        assert f'<html lang="{language}"' in page.text
        assert f"<h1>{title}</h1>" in page.text.replace("\u202f", " ").replace("\xa0", " ")
        shapes.add(tuple(part.split(">")[0].split()[0] for part in page.text.split("<")[1:] if part[0] != "!"))
    assert len(shapes) == 1
