"""People at the pages of a real `volact service run`, by HTTP as a browser without scripts has it.

with place.running() as running:
    kari = join(place, running, role=Role.KEY_READER, organization_id=ORG)    invited, accepted, signed in
    kari.get("/portal/ORG/keys/"); kari.post("/portal/ORG/keys/", do="reveal", keyid="...")
    kari.prove()                                                             the second factor, set up where it is not
"""

from __future__ import annotations

import base64
import hmac
import itertools
import re
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from tests.support.service import Place, Running, now
from volact.service.roles import Role
from volact.service.usecases.members import invite

PASSWORD = "correct horse battery staple"
_COUNT = itertools.count(1)
_AGED = """
import sys
from pathlib import Path
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.pages.mailing import Mail
from volact.service.pages.settings import settle
folder, proofs, sessions = Folder(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
with opened(folder) as service:
    settle(folder, service, mail=Mail())
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from volact.service.pages.visit import SIGNED_IN
for row in Session.objects.all():
    session = SessionStore(row.session_key)
    for record in session.get(RECORDS, []):
        record["at"] -= proofs * (record["method"] == "mfa")
    if SIGNED_IN in session:
        session[SIGNED_IN] -= sessions
    session.modified = True
    session.save()
"""
_FIELD = re.compile(r'name="(csrfmiddlewaretoken|once)" value="([^"]+)"')


@dataclass(slots=True)
class Person:
    """One browser: cookies, the page that it is on, and the secret of its authenticator app."""

    email: str
    client: httpx.Client
    page: httpx.Response | None = None
    totp: str = ""
    marks: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, follow: bool = True, **asked: str) -> httpx.Response:
        """Opens a page."""
        return self._on(self.client.get(path, params=asked, follow_redirects=follow))

    def post(
        self, path: str, *, follow: bool = True, files: dict[str, bytes] | None = None, **sent: str
    ) -> httpx.Response:
        """Sends a form of the page that the browser is on, with its hidden marks, and files by their fields."""
        origin = str(self.client.base_url).rstrip("/")
        headers = {"Origin": origin, "Referer": origin + path}
        data = {**self.marks, **sent}
        return self._on(self.client.post(path, data=data, files=files, headers=headers, follow_redirects=follow))

    def prove(self) -> None:
        """Shows the second factor, which is set up first where it is not."""
        if not self.totp:
            self.get("/account/2fa/totp/activate/")
            assert self.page is not None
            if urlsplit(str(self.page.url)).path == "/account/reauthenticate/":
                self.post("/account/reauthenticate/", password=PASSWORD)
                self.get("/account/2fa/totp/activate/")
            found = re.search(r'value="([A-Z2-7]{16,64})"|>\s*([A-Z2-7]{32})\s*<', self.page.text)
            assert found, self.page.text
            self.totp = found[1] or found[2]
            done = self.post("/account/2fa/totp/activate/", code=code(self.totp))
            assert done.status_code == 200, done.text
        self.get("/account/2fa/reauthenticate/")
        self.post("/account/2fa/reauthenticate/", code=code(self.totp))

    def _on(self, page: httpx.Response) -> httpx.Response:
        self.page = page
        self.marks |= dict(_FIELD.findall(page.text))
        return page


def code(secret: str, *, ahead: int = 0) -> str:
    """What an authenticator app shows now, or so many seconds from now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time() + ahead) // 30), "sha1")
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def join(
    place: Place, running: Running, *, role: Role, organization_id: str = "", language: str = "en", name: str = ""
) -> Person:
    """Somebody with a role, who accepted an invitation to it."""
    email = f"person{next(_COUNT)}@example.org"
    with place.opened() as service:
        made = invite(service, email, role=role, organization_id=organization_id, act=now())
    person = visitor(running, email=email, language=language)
    person.get(f"/invitation/{made.secret}")
    page = person.post(f"/invitation/{made.secret}", name=name or "Ingrid Haugen", password=PASSWORD)
    assert page.status_code == 200, page.text
    return person


def visitor(running: Running, *, email: str = "", language: str = "en") -> Person:
    """A browser in which nobody is signed in."""
    one_by_one = httpx.Limits(max_keepalive_connections=0)  # nothing is left open that a test would have to close
    return Person(email, httpx.Client(base_url=running.url, headers={"Accept-Language": language}, limits=one_by_one))


def age(place: Place, *, proofs: int = 0, sessions: int = 0) -> None:
    """Every second factor was shown so many seconds earlier, every session began so many earlier."""
    subprocess.run([sys.executable, "-c", _AGED, str(place.folder), str(proofs), str(sessions)], check=True)


def plain(page: str) -> str:
    """A page without what names this one request."""
    return re.sub(r'value="[^"]+"|<code>not_found</code>.*', "", page)
