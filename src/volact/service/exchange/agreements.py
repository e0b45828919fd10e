"""Organizations and their agreements: a Licensing ID that is known is changed, any other is added as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from volact.errors import Refusal, Refused
from volact.service.exchange.columns import Cells
from volact.service.exchange.results import ADDED, CHANGED, UNCHANGED, Lines, Outcome, judged
from volact.service.exchange.sheet import Columns, Row, Sheet, invalid
from volact.service.ledger import customers
from volact.service.ledger.connection import step
from volact.service.ledger.rows import AgreementRow
from volact.service.ports import Act, Service
from volact.service.usecases.customers import (
    Change,
    Terms,
    known_organization,
    put_agreement,
    put_change,
    put_organization,
    put_place,
)
from volact.service.usecases.names import check_country

_LICENSING_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class _Owner:
    organization_id: str
    added: bool = False
    changed: bool = False


class Agreements:
    """Adds agreements, with organizations that are not known yet, and changes price level, last day and place."""

    columns = Columns(
        names=(
            "licensing_id", "organization_id", "organization", "country", "parent", "program", "level", "valid_from",
            "valid_until",
        ),
        required=("licensing_id", "program"),
    )  # fmt: skip

    def __init__(self, service: Service, act: Act) -> None:
        self._service = service
        self._act = act
        self._lines = Lines()
        self._named: dict[str, list[str]] = {}
        self._places: dict[tuple[str, str], tuple[str, int]] = {}

    def prepare(self, sheet: Sheet) -> None:
        """Nothing: no row takes long."""

    def take(self, sheet: Sheet) -> list[Outcome]:
        """Puts all rows on record, inside the caller's transaction."""
        for row in customers.organizations(self._service.ledger):
            self._named.setdefault(row.name, []).append(row.organization_id)
        return judged(sheet, self._judge)

    @classmethod
    def rows(cls, service: Service) -> Iterator[list[str | int | None]]:
        """Every agreement with its organization, in the columns that an import takes."""
        owners = {row.organization_id: row for row in customers.organizations(service.ledger)}
        for row in customers.agreements(service.ledger):
            owner = owners[row.organization_id]
            yield [
                row.licensing_id, owner.organization_id, owner.name, owner.country, owner.parent, row.program,
                row.level, row.valid_from, row.valid_until,
            ]  # fmt: skip

    def _judge(self, row: Row, cells: Cells) -> Outcome:
        licensing_id = cells.text("licensing_id")
        known = None
        if licensing_id is not None:
            if not _LICENSING_ID.fullmatch(licensing_id):
                detail = f'"{licensing_id[:80]}" is not a Licensing ID: 1 to 64 letters, digits and hyphens'
                raise invalid(detail, column="licensing_id")
            self._lines.first(licensing_id, row, name=f'the Licensing ID "{licensing_id}"')
            known = customers.agreement(self._service.ledger, licensing_id)
        with step(self._service.ledger):
            owner = self._owner(row, cells, known=known)
            if known is not None:
                changed = self._changed(known, cells) or owner.changed
                about = {"licensing_id": licensing_id, "organization_id": owner.organization_id}
                return Outcome(row, CHANGED if changed else UNCHANGED, about)
            given = self._added(licensing_id, cells, owner=owner)
        if owner.added:
            self._named.setdefault(cells.required("organization"), []).append(owner.organization_id)
        ids = {"licensing_id": given, "organization_id": owner.organization_id}
        drawn = {"licensing_id": licensing_id is None, "organization_id": owner.added}
        return Outcome(
            row,
            ADDED,
            {name: value for name, value in ids.items() if not drawn[name]},
            {name: value for name, value in ids.items() if drawn[name]},
        )

    def _added(self, licensing_id: str | None, cells: Cells, *, owner: _Owner) -> str:
        terms = Terms(
            program=cells.required("program"),
            level=cells.text("level"),
            valid_from=cells.day("valid_from"),
            valid_until=cells.day("valid_until"),
        )
        return put_agreement(
            self._service, owner.organization_id, terms=terms, act=self._act, licensing_id=licensing_id
        )

    def _changed(self, known: AgreementRow, cells: Cells) -> bool:
        """Sets what the row says otherwise, and says whether it did; an empty cell leaves what is there."""
        _same("program", cells.text("program"), known=known.program)
        _same("valid_from", cells.day("valid_from"), known=known.valid_from)
        change = Change(level=cells.text("level"), valid_until=cells.day("valid_until"))
        if change.level in (None, known.level) and change.valid_until in (None, known.valid_until):
            return False
        put_change(self._service, known.licensing_id, change=change, act=self._act)
        return True

    def _owner(self, row: Row, cells: Cells, *, known: AgreementRow | None) -> _Owner:
        """The organization that the row names, by its id or its name; a name that nobody has is added."""
        organization_id, name = cells.text("organization_id"), cells.text("organization")
        named = self._named.get(name or "", [])
        if known is not None and organization_id is None and (name is None or known.organization_id in named):
            organization_id = known.organization_id
        elif organization_id is None:
            if name is None:
                raise invalid(
                    "the row names no organization: give organization_id or organization", column="organization"
                )
            if len(named) > 1:
                detail = f'{len(named)} organizations are called "{name}"; give organization_id'
                raise Refused(Refusal("unknown_organization", detail, {"organization_ids": named}))
            organization_id = named[0] if named else None
        if known is not None:
            _same("organization_id", organization_id or f'that of "{name}"', known=known.organization_id)
        country, parent = cells.text("country"), cells.text("parent")
        country = check_country(country) if country else None
        if organization_id is None and name is not None:
            added = put_organization(self._service, name, parent=parent, country=country, act=self._act)
            self._one_place(row, added, said={"country": country, "parent": parent})
            return _Owner(added, added=True)
        return self._placed(row, organization_id or "", name=name, said={"country": country, "parent": parent})

    def _placed(self, row: Row, organization_id: str, *, name: str | None, said: dict[str, str | None]) -> _Owner:
        """A known organization, with the country and the parent that the row says."""
        before = known_organization(self._service, organization_id)
        if name is not None and name != before.name:
            raise invalid(f'{organization_id} is called "{before.name}", not "{name}"', column="organization")
        self._one_place(row, organization_id, said=said)
        if all(value in (None, getattr(before, column)) for column, value in said.items()):
            return _Owner(organization_id)
        put_place(self._service, organization_id, parent=said["parent"], country=said["country"], act=self._act)
        return _Owner(organization_id, changed=True)

    def _one_place(self, row: Row, organization_id: str, *, said: dict[str, str | None]) -> None:
        """Notes country and parent; raises Refused where another line says otherwise of the same organization."""
        for column, value in said.items():
            if value is not None:
                first, line = self._places.setdefault((organization_id, column), (value, row.line))
                if first != value:
                    raise invalid(f'line {line} says {column} "{first}" of the same organization', column=column)


def _same(column: str, given: str | None, *, known: str | None) -> None:
    if given is not None and given != known:
        detail = f"{column} of this agreement is {known or 'open'} and stays so; add another agreement for {given}"
        raise invalid(detail, column=column)
