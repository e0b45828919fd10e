"""A person at the activation center, at the pages of a real process, with a customer that calls.

center = Center.open(place, running)          a customer with two keys, and an operator with a second factor
case = center.case(center.mak)                a case about a key, with caller and proof
center.do(case, "raise", number="60")         sends a form of its screen
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx

from tests.support.pages import Person, join
from tests.support.portal import Desk
from tests.support.service import Device, Key, Place, Running
from volact.service.ledger import audit, cases, keys, slots
from volact.service.ledger.cases import CaseRow
from volact.service.ledger.rows import AuditRow, KeyRow
from volact.service.roles import Role

EA = "enterprise-agreement"
WINDOWS = "windows-7-professional"


@dataclass(slots=True)
class Center:
    """The center's operator, and the customer with a multiple activation key and a host key."""

    place: Place
    running: Running
    desk: Desk
    mak: Key
    host: Key
    operator: Person

    @classmethod
    def open(cls, place: Place, running: Running) -> Center:
        """A customer with two keys, and an operator whose second factor is set up and shown."""
        desk = Desk.open(place)
        desk.agree(EA, level="A", windows_7_professional=10)
        mak = desk.key(WINDOWS, "mak", program=EA, activations=10)
        return cls(place, running, desk, mak, desk.key(WINDOWS, "host", program=EA), staff(place, running))

    def case(self, key: Key, *, person: str = "Ola Berg", proof: str = "invoice 88-2041") -> str:
        """Opens a case about a key as somebody calls, and writes down who that is; empty texts leave that out."""
        self.operator.get("/center/find/", q=key.keyid)
        page = self.operator.post("/center/find/", licensing_id=self.desk.licensing_ids[EA], keyid=key.keyid)
        assert page.status_code == 200, page.text
        case_id = page.url.path.split("/")[3]
        if person:
            assert self.do(case_id, "caller", person=person, proof=proof).status_code == 200
        return case_id

    def do(self, case_id: str, what: str, **sent: Any) -> httpx.Response:
        """Sends one form of a case's screen."""
        where = f"/center/cases/{case_id}/"
        self.operator.get(where)
        return self.operator.post(where, do=what, **sent)

    def key(self, key: Key) -> KeyRow:
        """What is on record of a key."""
        with self.place.opened() as service:
            found = keys.key(service.ledger, key.keyid)
        assert found is not None
        return found

    def row(self, case_id: str) -> CaseRow:
        """What is on record of a case."""
        with self.place.opened() as service:
            found = cases.case(service.ledger, case_id)
        assert found is not None
        return found

    def acts(self, subject: str) -> list[AuditRow]:
        """What was done to something, the first act first."""
        with self.place.opened() as service:
            return list(audit.history(service.ledger, subject))

    def is_live(self, host_id: str) -> bool:
        """Whether a host has a place."""
        with self.place.opened() as service:
            found = slots.place(service.ledger, host_id)
        return found is not None and bool(found.live)

    def host_key(self) -> Key:
        """Another host key of the customer, whose places are free."""
        return self.desk.key(WINDOWS, "host", program=EA)

    def hosts(self, number: int, *, key: Key | None = None) -> list[httpx.Response]:
        """So many further hosts that ask for a place of the host key, one after another."""
        devices = [Device(self.place.publisher) for _ in range(number)]
        return [self.running.post(each.host(key or self.host, platform="windows-server-2008-r2")) for each in devices]


def staff(place: Place, running: Running, *, role: Role = Role.OPERATOR, name: str = "Sven Lund") -> Person:
    """One of the publisher's people, whose second factor was shown."""
    person = join(place, running, role=role, name=name)
    person.prove()
    return person


def words(page: httpx.Response) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>", "", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " ").split())
