"""Reports of an organization: one count in every form, with the sentence that activation proves no license."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.pages import Person
from tests.support.service import Key, Place, Running

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
