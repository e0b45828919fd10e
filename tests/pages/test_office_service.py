"""The service's own settings in the back office: look, tokens, webhooks, refusals, backups."""

from __future__ import annotations

import re

import pytest

from tests.support.commands import volact
from tests.support.pages import Person, join, visitor
from tests.support.service import Place, Running
from volact.service.ledger import settings, webhooks
from volact.service.ledger.denials import Denied
from volact.service.roles import Role
from volact.service.usecases.denying import record_denials
from volact.service.usecases.tokens import check_token, every_token
from volact.web.colors import accent_of

LOOK, TOKENS, WEBHOOKS = "/office/service/", "/office/service/tokens/", "/office/service/webhooks/"


@pytest.fixture(scope="module")
def astrid(place: Place, running: Running) -> Person:
    """The publisher's administrator."""
    return join(place, running, role=Role.PUBLISHER)


def test_an_accent_is_taken_where_it_can_be_read(place: Place, running: Running, astrid: Person) -> None:
    """A color that cannot be read is refused with the nearest that can; one that can is on every page from then on."""
    astrid.get(LOOK)
    page = astrid.post(LOOK, name="Acme Works", url="", accent="#ffcc00")
    assert page.status_code == 422
    assert "1.3:1" in page.text
    assert "Acme Works" not in astrid.get("/office/").text
    nearest = re.search(r"#[0-9a-f]{6} has that", page.text)
    assert nearest
    page = astrid.post(LOOK, name="Acme Works", url="", accent=nearest[0][:7].upper())
    assert page.status_code == 200
    nobody = visitor(running)
    page = nobody.get("/account/login/")
    assert "Acme Works" in page.text
    address = f"/assets/accent/{nearest[0][1:7]}.css"
    assert address in page.text
    style = nobody.get(address)
    accent = accent_of(nearest[0][:7])
    assert accent is not None
    assert style.text == accent.style
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    for wrong in ("ffcc00", "0b5d6", "red", "0b5d63;}", "0B5D63"):
        assert nobody.get(f"/assets/accent/{wrong}.css").status_code == 404
    astrid.get(LOOK)
    assert astrid.post(LOOK, name="Acme Works", url="", accent="").status_code == 200
    assert "/assets/accent/" not in astrid.get("/office/").text


def test_settings_that_are_refused_change_nothing(place: Place, astrid: Person) -> None:
    """A name, an address or a color that cannot be leaves all three as they were."""
    with place.opened() as service:
        before = [settings.text(service.ledger, name) for name in (settings.PUBLISHER_NAME, settings.URL)]
    astrid.get(LOOK)
    for form in (
        {"name": " ", "url": "", "accent": ""},
        {"name": "x" * 10_000, "url": "", "accent": ""},
        {"name": "Other", "url": "ftp://acme.example", "accent": ""},
        {"name": "Other", "url": "https://acme.example", "accent": "url(x)"},
    ):
        assert astrid.post(LOOK, **form).status_code == 422
    with place.opened() as service:
        after = [settings.text(service.ledger, name) for name in (settings.PUBLISHER_NAME, settings.URL)]
    assert after == before


def test_a_token_is_shown_once(place: Place, astrid: Person) -> None:
    """A token is made once and shown in that answer alone; none that gives keys out is made; a revoked one ends."""
    astrid.get(TOKENS)
    form: dict[str, object] = {"do": "make", "name": "the CRM", "days": "30", "scope": ["audit:read", "keys:read"]}
    marks = dict(astrid.marks)
    page = astrid.post(TOKENS, **form)  # type: ignore[arg-type]
    secret = re.search(r"vlt_\w+", page.text)
    assert secret
    again = astrid.post(TOKENS, **form | marks)  # type: ignore[arg-type]
    assert secret[0] not in again.text
    assert "the CRM" in again.text
    with place.opened() as service:
        row = check_token(service, secret[0], now=service.clock.now())
        assert [token.name for token in every_token(service)] == ["the CRM"]
    assert row.scopes == ("audit:read", "keys:read")
    for wrong in ({"scope": ["keys:reveal"]}, {"scope": []}, {"days": "x"}, {"name": ""}):
        astrid.get(TOKENS)
        assert astrid.post(TOKENS, **form | wrong).status_code == 422  # type: ignore[arg-type]
    astrid.get(TOKENS)
    assert astrid.post(TOKENS, do="revoke", token="ZZZZZZZZZZ").status_code == 422
    assert "Revoked" in astrid.post(TOKENS, do="revoke", token=row.token_id).text
    with place.opened() as service:
        assert every_token(service)[0].revoked_at is not None


def test_a_webhook_is_kept_from_its_secret_to_its_end(place: Place, astrid: Person) -> None:
    """A webhook's secret is shown in the answer that made it; it is tried, paused, rotated, replayed and removed."""
    astrid.get(WEBHOOKS)
    for url in ("ftp://crm.example", "https://kari:secret@crm.example/", "https://0x7f.1/", "x" * 10_000):
        assert astrid.post(WEBHOOKS, url=url, description="").status_code == 422
    page = astrid.post(WEBHOOKS, url="https://crm.example.invalid/hook", description="CRM", type="key.blocked")
    secret = re.search(r"whsec_[\w+/=]+", page.text)
    assert secret
    with place.opened() as service:
        (row,) = webhooks.every(service.ledger)
    assert row.types == ("key.blocked",)
    address = f"{WEBHOOKS}{row.webhook_id}/"
    assert secret[0] not in astrid.get(address).text
    assert "ping" in astrid.post(address, do="ping").text
    event = re.search(r"evt_\w+", astrid.get(address).text)
    assert event
    assert "Paused" in astrid.post(address, do="pause").text
    assert "Active" in astrid.post(address, do="resume").text
    assert astrid.post(address, do="replay", event=event[0]).status_code == 200
    assert astrid.post(address, do="replay", event="evt_none").status_code == 422
    assert astrid.post(address, do="replay-days", days="31").status_code == 422
    astrid.get(address)
    assert astrid.post(address, do="replay-days", days="2").status_code == 200
    rotated = re.search(r"whsec_[\w+/=]+", astrid.post(address, do="rotate").text)
    assert rotated
    assert rotated[0] != secret[0]
    astrid.get(address)
    assert astrid.post(address, do="dance").status_code == 422
    astrid.get(address)
    assert astrid.post(address, do="remove").url.path == WEBHOOKS
    assert astrid.get(address).status_code == 404


def test_refusals_are_counted_and_told_why(place: Place, astrid: Person) -> None:
    """Who was refused is told by code, key and address within the chosen days; a code that is none is refused."""
    key = place.key("tracer-9", "mak", activations=0)
    with place.opened() as service:
        today = service.clock.now() // 86_400
        counts = {Denied(today, "activations_exhausted", key.keyid, "192.0.2.7"): 3}
        record_denials(service, counts | {Denied(today - 20, "key_unknown", "", "192.0.2.8"): 1_234})
    address = "/office/service/refusals/"
    page = astrid.get(address)
    assert "3 requests were refused" in page.text
    assert "192.0.2.7" in page.text
    assert "192.0.2.8" not in page.text
    assert "1,237 requests were refused" in astrid.get(address, days="30").text
    assert "192.0.2.7" not in astrid.get(address, days="30", code="key_unknown").text
    assert "192.0.2.8" not in astrid.get(address, days="30", keyid=key.keyid).text
    assert astrid.get(address, code="no_such_code").status_code == 422
    assert astrid.get(address, days="400", keyid="x" * 10_000).status_code == 200


def test_the_page_of_backups_says_how_old_the_newest_is(place: Place, astrid: Person) -> None:
    """A record that was never backed up is said to be; a backup is told with its hash."""
    address = "/office/service/backup/"
    assert "never backed up" in astrid.get(address).text
    file = place.folder.with_name("acme.backup")
    made = volact("service", "backup", str(place.folder), str(file)).data
    page = astrid.get(address).text
    assert made["sha256"] in page
    assert "never backed up" not in page
