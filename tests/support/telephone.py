"""A telephony provider and its callers: they press keys by signed form posts, and listen to what is answered.

with menu(place) as line:                      the place's menu, set to a provider, in a real process
    phone = line.call()                        a call: phone.said, phone.press("1")
"""

from __future__ import annotations

import hmac
import os
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1
from typing import Any
from xml.etree import ElementTree

import httpx

from tests.support.service import Key, Place, Running, now, start
from volact.credential.telephone.installation import InstallationId, make_installation_id
from volact.service.telephone.texts import NUMBERS
from volact.service.usecases.telephoneprovider import Provider, set_provider

URL = "https://telephone.acme.example"
TOKEN = "a-token-of-thirty-two-characters"
NUMBER = "+4799123456"
SILENT = {"PATH": "/nonexistent"}  # no program that speaks: the provider says the texts


@dataclass(slots=True)
class Menu:
    """A place whose menu a provider calls, running as a real process; PATH hides whatever program speaks."""

    place: Place
    service: Running
    client: httpx.Client

    def post(
        self, path: str, *, fields: Mapping[str, str], token: str = TOKEN, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Posts a form, signed as the menu's URL is known; headers that are given are sent instead of a signature."""
        signed = {"x-twilio-signature": signature(path, fields, token=token)} if headers is None else headers
        return self.client.post(f"{self.service.url}{path}", data=dict(fields), headers=signed)

    def call(self, *, number: str = NUMBER, call: str = "") -> Phone:
        """Begins a call."""
        phone = Phone(self, {"CallSid": call or os.urandom(8).hex(), "From": number, "To": "+4722000000"})
        phone.post("/telephone/call")
        return phone

    def restart(self) -> None:
        """Ends the service as a power cut does, and starts it again."""
        self.service.kill()
        self.service = start(self.place.folder, env=SILENT)


@contextmanager
def menu(place: Place, *, person: str = "", env: dict[str, str] = SILENT) -> Iterator[Menu]:
    """A provider's menu, answering."""
    with place.opened() as service:
        set_provider(service, Provider(URL, TOKEN, person), act=now())
    with httpx.Client(timeout=30) as client:
        found = Menu(place, start(place.folder, env=env), client)
        try:
            yield found
        finally:
            found.service.stop()


def signature(path: str, fields: Mapping[str, str], *, token: str = TOKEN) -> str:
    """What the provider signs a form with."""
    text = URL + path + "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    return b64encode(hmac.digest(token.encode(), text.encode(), sha1)).decode()


@dataclass(slots=True)
class Phone:
    """One call: `said` is what was heard last, `action` where keys go, None when the call is over."""

    menu: Menu
    fields: dict[str, str]
    said: str = ""
    action: str | None = None
    plays: tuple[str, ...] = ()
    dialled: str | None = None

    def press(self, keys: str) -> str:
        """Presses keys as a provider passes them on: up to the hash, and no more than were asked for."""
        assert self.action is not None, "the call is over"
        pressed = keys.partition("#")[0]
        self.post(self.action, Digits=pressed)
        return self.said

    def post(self, path: str, **more: str) -> None:
        """Sends what a provider sends, and listens."""
        reply = self.menu.post(path, fields={**self.fields, **more})
        assert reply.status_code == 200, reply.text
        self.hear(reply.content)

    def hear(self, document: bytes) -> None:
        """Takes an answer apart."""
        root = ElementTree.fromstring(document)
        self.said = " ".join(each.text or "" for each in root.iter("Say"))
        self.plays = tuple(each.text or "" for each in root.iter("Play"))
        self.dialled = root.findtext("Dial")
        gather, hangs_up = root.find("Gather"), root.find("Hangup") is not None
        assert (gather is None) == (hangs_up or self.dialled is not None)
        self.action = None if gather is None else gather.attrib["action"].removeprefix(URL)
        assert gather is None or root.findtext("Redirect") == gather.attrib["action"]

    def type(self, groups: Sequence[str]) -> str:
        """Types groups one by one."""
        for group in groups:
            self.press(group)
        return self.said

    def heard(self, language: str) -> str:
        """The seven digits of the group that is read out."""
        numbers = {word: str(value) for value, word in enumerate(NUMBERS[language].split()[:10])}
        words = self.said.replace(",", " ").replace(".", " ").split()
        (run,) = [run for run in "".join(numbers.get(word, " ") for word in words).split() if len(run) >= 7]
        return run[-7:]  # before it, the group's own number

    def confirmation(self, language: str) -> tuple[str, ...]:
        """Listens to all groups to the end."""
        groups = []
        for _ in range(20):
            groups.append(self.heard(language))
            self.press("1")
        assert self.action is None
        return tuple(groups)


def installation(key: Key, number: int) -> InstallationId:
    """What a computer with that key reads out."""
    return make_installation_id(key.derived.proof_key, keyid=key.keyid, dev=f"{number:015}")


def counted(place: Place) -> dict[str, Any]:
    """What the record has of calls and cases."""
    with place.opened() as service:
        one = {
            name: service.ledger.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("calls", "cases")
        }
        audited = service.ledger.execute("SELECT count(*) FROM audit WHERE act = 'activated'").fetchone()[0]
    return {**one, "activated": audited}
