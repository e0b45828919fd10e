"""A customer of the reference catalog with keys of several sorts, at the pages of a real process.

desk = Desk.open(place)                        the customer's organization, with agreements of three programs
desk.key("windows-7-professional", "mak")      one key of its first agreement, with its text
desk.acts(key.keyid)                           what the record says was done to it
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.service import Key, Place, now, read
from volact.service.ledger import audit, keys
from volact.service.usecases.customers import Terms, add_agreement, add_organization
from volact.service.usecases.keys import Order, issue, reveal


@dataclass(slots=True)
class Desk:
    """One organization of a place, and its Licensing IDs by what is asked for."""

    place: Place
    organization_id: str
    licensing_ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, place: Place, name: str = "Nordlys Energi", *, parent: str | None = None) -> Desk:
        """Adds an organization without agreements."""
        with place.opened() as service:
            return cls(place, add_organization(service, name, parent=parent, country="GB", act=now()))

    def agree(self, program: str, *, level: str | None = None, until: str | None = None, **licenses: int) -> str:
        """Adds an agreement; products are named with underscores."""
        bought = {product.replace("_", "-"): number for product, number in licenses.items()}
        terms = Terms(program=program, level=level, licenses=bought, valid_until=until)
        with self.place.opened() as service:
            self.licensing_ids[program] = add_agreement(service, self.organization_id, terms=terms, act=now())
        return self.licensing_ids[program]

    def key(self, product: str, kind: str, *, program: str, activations: int | None = None) -> Key:
        """Issues one key under the agreement of a program."""
        licensing_id = self.licensing_ids[program]
        order = Order(licensing_id=licensing_id, product=product, kind=kind, activations=activations)
        with self.place.opened() as service:
            return read(issue(service, order, act=now())[0].key, self.place.publisher)

    def newest(self, licensing_id: str, *, kind: str) -> Key:
        """The newest key of a kind under a Licensing ID, out of its seal."""
        with self.place.opened() as service:
            row = next(row for row in reversed(keys.keys_of(service.ledger, licensing_id)) if row.kind == kind)
            return read(reveal(service, row), self.place.publisher)

    def acts(self, subject: str) -> list[str]:
        """What was done to it, the first act first."""
        with self.place.opened() as service:
            return [row.act for row in audit.history(service.ledger, subject)]

    def at(self, path: str = "") -> str:
        """A page of its portal."""
        return f"/portal/{self.organization_id}/{path}"
