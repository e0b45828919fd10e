"""What a key, an agreement and an organization are worth today, for whoever looks at them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from volact.licensing import hosting
from volact.licensing.catalog import UNCOUNTED, Program
from volact.licensing.forecast import Forecast, forecast, level_of, window_days
from volact.service.admission.computers import ACTIVATED
from volact.service.ledger import audit, customers, given, keys, retirements, watch
from volact.service.ledger.connection import reading
from volact.service.ledger.given import GivenHost, RefusalCount
from volact.service.ledger.rows import ActivationRow, AgreementRow, AuditRow, KeyRow, RetirementRow
from volact.service.ports import Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.families import in_family
from volact.service.usecases.keys import known_key

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Passed:
    """One line of a key's history; caller and proof are those of the activation center's acts."""

    at: int
    who: str
    what: str
    why: str | None
    caller: str | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class KeySheet:
    """A key, what it gave, and what was done to it; `reactivations` is what the catalog gives each host.

    `forecast` and `level` (80, 95 or 100 percent used, or None) are None of a key that counts nothing.
    """

    key: KeyRow
    hosts: tuple[GivenHost, ...]
    activations: tuple[ActivationRow, ...]
    refused: tuple[RefusalCount, ...]
    history: tuple[Passed, ...]
    reactivations: int
    returning: tuple[RetirementRow, ...] = ()
    forecast: Forecast | None = None
    level: int | None = None

    def reactivations_left(self, host: GivenHost) -> int:
        """How often that host may still be activated anew."""
        return hosting.reactivations_left(host.slot.reactivations, self.reactivations)


@dataclass(frozen=True, slots=True)
class AgreementSheet:
    """An agreement, its program's rights with their numbers, its keys, and who else of the family may use them."""

    agreement: AgreementRow
    program: Program
    keys: tuple[KeyRow, ...]
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relationship:
    """One Licensing ID in an organization's summary; `by_grant` says that another one of the family holds it."""

    agreement: AgreementRow
    by_grant: bool


def key_sheet(service: Service, keyid: str) -> KeySheet:
    """Everything on record of a key; raises Refused (`key_unknown`)."""
    with reading(service.ledger):
        key = known_key(service, keyid)
        counts = key.kind not in UNCOUNTED
        return KeySheet(
            key=key,
            hosts=given.hosts_of(service.ledger, keyid),
            activations=given.activations_of(service.ledger, keyid),
            refused=given.refusals_of(service.ledger, keyid),
            history=tuple(_passed(row) for row in audit.history(service.ledger, keyid, leave_out=ACTIVATED)),
            reactivations=current_catalog(service).catalog.policy.host_reactivations,
            returning=retirements.returning(service.ledger, keyid),
            forecast=pace_of(service, key) if counts else None,
            level=level_of(key.allowance, key.used) if counts else None,
        )


def agreement_sheet(service: Service, licensing_id: str) -> AgreementSheet:
    """What was agreed and what it gives; raises Refused (`unknown_agreement`)."""
    ledger = service.ledger
    with reading(ledger):
        agreement = known_agreement(service, licensing_id)
        holder = agreement.organization_id
        users = customers.users_of(ledger, licensing_id)
        return AgreementSheet(
            agreement=agreement,
            program=current_catalog(service).catalog.programs[agreement.program],
            keys=keys.keys_of(ledger, licensing_id),
            used_by=tuple(user for user in users if in_family(service, user, other=holder)),
        )


def summary(service: Service, organization_id: str) -> tuple[Relationship, ...]:
    """The organization's Licensing IDs (F06), and those of its family whose keys it was let use (F10).

    Raises Refused (`unknown_organization`).
    """
    ledger = service.ledger
    with reading(ledger):
        known_organization(service, organization_id)
        own = customers.agreements_of(ledger, organization_id)
        used = customers.agreements_used_by(ledger, organization_id)
        topmost = customers.topmost(ledger, organization_id)
        family = {row.organization_id for row in customers.family(ledger, topmost)} if used else set()
        shared = [row for row in used if row.organization_id in family]
        return (*(Relationship(row, False) for row in own), *(Relationship(row, True) for row in shared))


def paces_of(service: Service, rows: Iterable[KeyRow]) -> dict[str, Forecast]:
    """The same as `pace_of` of several keys, by one statement; of those that count something, by their ids."""
    now = service.clock.now()
    counting = [row for row in rows if row.kind not in UNCOUNTED]
    days = {row.keyid: window_days(row.at, now) for row in counting}
    taken = watch.taken_each(service.ledger, {keyid: now - each * _DAY for keyid, each in days.items()})
    return {row.keyid: _pace(row, taken[row.keyid], days=days[row.keyid], now=now) for row in counting}


def pace_of(service: Service, key: KeyRow) -> Forecast:
    """When a key runs out, in the caller's transaction; one that is blocked gives nothing new, and so never does."""
    now = service.clock.now()
    days = window_days(key.at, now)
    taken = given.taken_since(service.ledger, key.keyid, since=now - days * _DAY)
    return _pace(key, taken, days=days, now=now)


def _pace(key: KeyRow, taken: int, *, days: int, now: int) -> Forecast:
    if key.state != "active":
        return Forecast(taken, days, None)
    return forecast(taken, days=days, remaining=key.remaining, now=now)


def _passed(row: AuditRow) -> Passed:
    detail = json.loads(row.detail)
    why, caller, proof = (detail.get(name) for name in ("why", "caller", "proof"))
    return Passed(row.at, row.who, _what(row.act, detail), why, caller, proof)


def _what(act: str, detail: dict[str, object]) -> str:
    if "from" in detail and "to" in detail:
        return f"{act} from {detail['from']} to {detail['to']}"
    if detail.get("kind") in UNCOUNTED:
        return act
    if "allowance" not in detail:
        return act
    unit, number = "host" if detail.get("kind") == "host" else "activation", detail["allowance"]
    return f"{act} for {number} {unit if number == 1 else f'{unit}s'}"
