"""Made-up people with accounts, made as real ones are: invited, accepted in a browser, with a second factor."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.ports import Act
from volact.service.roles import Role
from volact.service.usecases.members import invite
from year.cases import open_cases

_FIELD = re.compile(r'name="(csrfmiddlewaretoken|once)" value="([^"]+)"')
_SECRET = re.compile(r"\b([A-Z2-7]{32})\b")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up; `of` is the organization's name, empty for the publisher's own."""

    name: str
    email: str
    role: Role
    of: str
    language: str


PEOPLE = (
    Person("Ingrid Haugen", "ingrid@nordlys.example", Role.ADMINISTRATOR, "Nordlys Energi", "nb"),
    Person("Ola Berg", "ola@nordlys.example", Role.KEY_READER, "Nordlys Energi", "en"),
    Person("Camille Roux", "camille@garonne.example", Role.KEY_ADMINISTRATOR, "Atelier Garonne", "fr"),
    Person("Sven Lund", "sven@fjordwerk.example", Role.OPERATOR, "", "en"),
    Person("Astrid Vik", "astrid@fjordwerk.example", Role.PUBLISHER, "", "en"),
    Person("Marc Weber", "marc@fjordwerk.example", Role.AUDITOR, "", "en"),
)


def join(folder: Path, url: str, *, organizations: dict[str, str], password: str) -> dict[str, str]:
    """Everybody accepts an invitation and sets up an authenticator app, and some ask the center for something.

    Gives the apps' secrets by address.
    """
    secrets = {}
    with opened(Folder(folder)) as service:
        for person in PEOPLE:
            act = Act("back office", service.clock.now())
            owner = organizations[person.of] if person.of else ""
            made = invite(service, person.email, role=person.role, organization_id=owner, act=act)
            secrets[person.email] = _accept(url, made.secret, person=person, password=password)
        open_cases(service, organizations)
    return secrets


def sign_in(url: str, person: Person, *, password: str, app: str) -> httpx.Client:
    """A browser in which somebody is signed in who joined within this half minute."""
    browser = httpx.Client(base_url=url, follow_redirects=True, headers={"Origin": url, "Referer": url})
    form = marks(browser.get("/account/login/"))
    page = browser.post("/account/login/", data={**form, "login": person.email, "password": password})
    page = browser.post("/account/2fa/authenticate/", data={**marks(page), "code": code(app, time.time() + 30)})
    page.raise_for_status()
    return browser


def marks(page: httpx.Response) -> dict[str, str]:
    """The marks by which a page's form is known again."""
    return dict(_FIELD.findall(page.text))


def code(secret: str, now: float) -> str:
    """What an authenticator app shows at a time (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(now) // 30), "sha1")
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def _accept(url: str, secret: str, *, person: Person, password: str) -> str:
    form: dict[str, str] = {}
    with httpx.Client(base_url=url, follow_redirects=True, headers={"Origin": url, "Referer": url}) as browser:

        def on(page: httpx.Response) -> httpx.Response:
            page.raise_for_status()
            form.update(marks(page))
            return page

        on(browser.get(f"/invitation/{secret}"))
        on(browser.post(f"/invitation/{secret}", data={**form, "name": person.name, "password": password}))
        found = _SECRET.search(on(browser.get("/account/2fa/totp/activate/")).text)
        assert found, "the page of the authenticator app shows its secret"
        on(browser.post("/account/2fa/totp/activate/", data={**form, "code": code(found[1], time.time())}))
        settings = {"name": person.name, "language": person.language, "theme": ""}
        on(browser.post("/account/settings/", data={**form, **settings}))
    return found[1]
