"""A person's day in a real browser, in one language, at a desk or on a phone, by day or by night.

with town(place, folder) as running_town:                       the service with a real mail server
    with day(town, browser, mood) as ingrid:
        ingrid.joins(Role.KEY_READER, organization_id=ORG)      the letter, its link, a name and a password
        ingrid.goes("Keys"); ingrid.sees("Product keys")        the bar; the page, which is looked at once in each mood
        ingrid.presses("Reveal")                                texts are said in English, and looked for as translated
"""

from __future__ import annotations

import itertools
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize

from tests.api.test_files import certificate
from tests.support import pages
from tests.support.browsers import reads_well
from tests.support.mailbox import Letter, Mailbox
from tests.support.pages import PASSWORD, Person
from tests.support.service import Place, Running, start
from tests.support.texts import Texts, plain
from volact.service.roles import Role

NAME = "Ingrid Haugen"
_PAPER = {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 24, 31)"}
FORMS = ("CSV", "PDF", "XLSX")  # of files, which are called so in every language
_COUNT = itertools.count(1)
_TEXTS = """() => {
    const skipped = "script, style, noscript, [hidden], [lang]:not(html), input, textarea";
    const found = [], walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let each = walker.nextNode(); each; each = walker.nextNode())
        if (!each.parentElement.closest(skipped)) found.push(each.data);
    for (const each of document.querySelectorAll("[placeholder], [aria-label], [alt], [title], [data-done]"))
        if (!each.closest("[lang]:not(html)"))
            for (const name of ["placeholder", "aria-label", "alt", "title", "data-done"])
                found.push(each.getAttribute(name) || "");
    return found;
}"""
_OFFERED = """() => [...document.querySelectorAll("header nav a, nav.tabs a, thead th, button, a.button, summary")]
    .filter(each => !each.closest(".where, [lang]:not(html)")).map(each => each.textContent)"""


@dataclass(frozen=True, slots=True)
class Mood:
    """How somebody has it: the language of the browser, the system's colors, the width of the window."""

    language: str
    theme: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


_ROOMS = [("light", 1440), ("dark", 390), ("light", 390), ("dark", 1440)]


def moods(turn: int) -> list[Mood]:
    """The moods of a day: each language, in rooms that change from day to day, so that four days meet all of them."""
    return [Mood(language, *_ROOMS[(turn + place) % len(_ROOMS)]) for place, language in enumerate(("en", "fr", "nb"))]


@dataclass(slots=True)
class Town:
    """A service with pages, the mailbox where its letters arrive, and the pages that were looked at."""

    place: Place
    running: Running
    mailbox: Mailbox
    seen: set[str] = field(default_factory=set)
    _inviters: dict[str, Person] = field(default_factory=dict)

    def invite(self, email: str, *, role: Role, organization_id: str, language: str) -> Letter:
        """The letter to somebody who is invited on the page for that, by a person with the right."""
        inviter = self._inviter(organization_id)
        inviter.client.headers["Accept-Language"] = language
        where = f"/portal/{organization_id}/people/" if organization_id else "/office/people/"
        inviter.get(where)
        assert inviter.post(where, do="invite", email=email, role=role).status_code == 200
        return self.mailbox.letter(to=email)

    def _inviter(self, organization_id: str) -> Person:
        if organization_id not in self._inviters:
            role = Role.ADMINISTRATOR if organization_id else Role.PUBLISHER
            made = pages.join(self.place, self.running, role=role, organization_id=organization_id, name="Astrid Vik")
            self._inviters[organization_id] = made
        return self._inviters[organization_id]


@contextmanager
def town(place: Place, folder: Path) -> Iterator[Town]:
    """The service of a place as a real process, which sends its letters by a real mail server."""
    certified = certificate(folder)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certified)
    secret = folder / "mail-password"
    secret.write_text("a secret of the mail server\n")
    with Mailbox.open(("volact", "a secret of the mail server"), tls) as mailbox:
        options = ("--mail", mailbox.url, "--mail-from", "activation@acme.example", "--mail-password", str(secret))
        running = start(place.folder, *options, env={"SSL_CERT_FILE": str(certified[0])})
        try:
            yield Town(place, running, mailbox)
        finally:
            running.stop()


@dataclass(slots=True)
class Day:
    """One person and the page that is before them."""

    town: Town
    mood: Mood
    context: BrowserContext
    page: Page
    email: str = field(default_factory=lambda: f"day{next(_COUNT)}@example.org")
    totp: str = ""

    @property
    def texts(self) -> Texts:
        """The person's language."""
        return Texts.of(self.mood.language)

    @property
    def main(self) -> Locator:
        """The page without its bar."""
        return self.page.locator("main")

    @property
    def words(self) -> str:
        """What the page says to somebody who looks at it."""
        return plain(self.main.inner_text())

    def opens(self, path: str) -> None:
        """Follows a link of a letter, or types an address."""
        self.page.goto(path if path.startswith("http") else self.town.running.url + path)

    def joins(self, role: Role, *, organization_id: str = "", owner: str) -> None:
        """From the letter to being signed in: its link, a name, a password."""
        letter = self.town.invite(self.email, role=role, organization_id=organization_id, language=self.mood.language)
        invites = self.texts("%(name)s invites you to %(owner)s", name="Astrid Vik", owner=owner)
        assert letter.subject == invites
        self.opens(letter.link)
        self.sees("%(name)s invites you to %(owner)s", name="Astrid Vik", owner=owner)
        self.fills(name=NAME, password=PASSWORD)
        self.presses("Accept the invitation")
        self.sees("Second factor")

    def proves(self) -> None:
        """Sets an authenticator app up, as the page for it says."""
        self.opens("/account/2fa/")
        self.presses("Set up an app")
        self.sees("Set up an authenticator app")
        self.totp = self.main.locator(".secret").inner_text().strip()
        self.fills(code=pages.code(self.totp))
        self.presses("Use this app from now on")
        self.sees("Recovery codes")
        subject = plain(self.town.mailbox.letter(to=self.email).subject)
        added = self.texts("An authenticator app was added to your account")
        assert subject == f"{added} · Acme Engineering", subject

    def shows_again(self) -> None:
        """Shows the second factor where a page asks for it; each code is taken once, so the next one."""
        self.sees("Show once more who you are")
        self.fills(code=pages.code(self.totp, ahead=30))
        self.presses("Go on")

    def starts(self) -> None:
        """Goes to the page that the person's role begins on."""
        with self.page.expect_navigation():
            self.page.locator("header .brand a").click()

    def goes(self, link: str) -> None:
        """Goes to a place of the bar."""
        self._follow(self.page.locator("header nav a"), self.texts(link))

    def presses(self, text: str, plural: str | None = None, /, within: Locator | None = None, **values: object) -> None:
        """Presses the button, or follows the link, that is called so, to another page."""
        self._follow((within or self.main).locator("button, a, summary"), self.texts(text, plural, **values))

    def takes(self, text: str) -> Path:
        """Presses what gives a file, which is called by a text or by its own form, and has the file."""
        with self.page.expect_download() as found:
            _called(self.main.locator("button, a"), text if text in FORMS else self.texts(text)).click()
        return Path(found.value.path())

    def fills(self, **fields: str) -> None:
        """Types into fields, or chooses in them, by the names that they are sent with."""
        for name, value in fields.items():
            for place in self.main.locator(f"[name={name}]:visible").all()[:1]:
                if place.evaluate("each => each.tagName") == "SELECT":
                    place.select_option(value)
                else:
                    place.fill(value)
                break
            else:
                raise AssertionError(f"{self.page.url} has no field {name}")

    def sees(self, heading: str, plural: str | None = None, /, **values: object) -> None:
        """Is on the page with that heading, which is in the language throughout, and reads well."""
        assert plain(self.main.locator("h1").inner_text()) == self.texts(heading, plural, **values), self.words
        self.looks(re.sub(r"\W+", " ", re.sub(r"%\(\w+\)s", "", heading)))

    def looks(self, name: str) -> None:
        """Looks at the page: its language, its colors, and once in each mood how it reads."""
        assert self.page.get_attribute("html", "lang") == self.mood.language
        assert self.page.evaluate("getComputedStyle(document.body).backgroundColor") == _PAPER[self.mood.theme]
        tops = self.page.locator("header nav a").evaluate_all("links => links.map(each => each.offsetTop)")
        assert len(set(tops)) <= 1, f"the bar of {self.page.url} has more than one line"
        left = self.texts.english(map(plain, self.page.evaluate(_TEXTS)))
        assert left == [], f"{self.page.url} says in English: {left}"
        offered = filter(None, map(plain, self.page.evaluate(_OFFERED)))
        strangers = [each for each in self.texts.strangers(offered) if each not in FORMS]
        assert strangers == [], f"{self.page.url} offers what is no text of the language: {strangers}"
        told = f"day-{'-'.join(name.lower().split())}-{self.mood}"
        if told not in self.town.seen:
            self.town.seen.add(told)
            reads_well(self.page, told)

    def says(self, text: str, plural: str | None = None, /, **values: object) -> None:
        """The page says a text."""
        assert self.texts(text, plural, **values) in self.words, self.words

    def _follow(self, places: Locator, name: str) -> None:
        place = _called(places, name)
        with self.page.expect_navigation():
            place.click()


@contextmanager
def day(found: Town, browser: Browser, mood: Mood) -> Iterator[Day]:
    """Somebody who has a browser and no account."""
    size = ViewportSize(width=mood.width, height=900 if mood.width > 720 else 844)
    scheme: Any = mood.theme
    context = browser.new_context(locale=mood.language, color_scheme=scheme, viewport=size)
    context.set_default_timeout(10_000)
    page, troubles = context.new_page(), list[str]()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield Day(found, mood, context, page)
    assert troubles == []
    context.close()


def _called(places: Locator, name: str) -> Locator:
    """The first that is called so: by what it shows, or by what a reader of screens hears."""
    for place in places.all():
        label = place.get_attribute("aria-label")
        if name in (plain(place.text_content() or ""), plain(label or "")) and place.is_visible():
            return place
    raise AssertionError(f"nothing is called {name!r} among {[plain(each) for each in places.all_text_contents()]}")
