"""What a key, an agreement and an organization are worth today, for whoever looks at them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from volact.licensing import hosting
from volact.service.ledger import audit, customers, given, keys, retirements
from volact.service.ledger.connection import reading
from volact.service.ledger.given import GivenHost, RefusalCount
from volact.service.ledger.rows import ActivationRow, AgreementRow, AuditRow, KeyRow, RetirementRow
from volact.service.ports import Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.keys import known_key


@dataclass(frozen=True, slots=True)
class Passed:
    """One line of a key's history."""

    at: int
    who: str
    what: str
    why: str | None


@dataclass(frozen=True, slots=True)
class KeySheet:
    """A key, what it gave, and what was done to it; `reactivations` is what the catalog gives each host."""

    key: KeyRow
    hosts: tuple[GivenHost, ...]
    activations: tuple[ActivationRow, ...]
    refused: tuple[RefusalCount, ...]
    history: tuple[Passed, ...]
    reactivations: int
    returning: tuple[RetirementRow, ...] = ()

    def reactivations_left(self, host: GivenHost) -> int:
        """How often that host may still be activated anew."""
        return hosting.reactivations_left(host.slot.reactivations, self.reactivations)


@dataclass(frozen=True, slots=True)
class AgreementSheet:
    """An agreement and its keys."""

    agreement: AgreementRow
    keys: tuple[KeyRow, ...]


def key_sheet(service: Service, keyid: str) -> KeySheet:
    """Everything on record of a key; raises Refused (`key_unknown`)."""
    with reading(service.ledger):
        return KeySheet(
            key=known_key(service, keyid),
            hosts=given.hosts_of(service.ledger, keyid),
            activations=given.activations_of(service.ledger, keyid),
            refused=given.refusals_of(service.ledger, keyid),
            history=tuple(_passed(row) for row in audit.history(service.ledger, keyid)),
            reactivations=current_catalog(service).catalog.policy.host_reactivations,
            returning=retirements.returning(service.ledger, keyid),
        )


def agreement_sheet(service: Service, licensing_id: str) -> AgreementSheet:
    """An agreement and its keys; raises Refused (`unknown_agreement`)."""
    with reading(service.ledger):
        return AgreementSheet(known_agreement(service, licensing_id), keys.keys_of(service.ledger, licensing_id))


def summary(service: Service, organization_id: str) -> tuple[AgreementRow, ...]:
    """The organization's agreements (F06); raises Refused (`unknown_organization`)."""
    with reading(service.ledger):
        known_organization(service, organization_id)
        return customers.agreements_of(service.ledger, organization_id)


def _passed(row: AuditRow) -> Passed:
    detail = json.loads(row.detail)
    return Passed(row.at, row.who, _what(row.act, detail), detail.get("why"))


def _what(act: str, detail: dict[str, object]) -> str:
    if "from" in detail and "to" in detail:
        return f"{act} from {detail['from']} to {detail['to']}"
    unit = "hosts" if detail.get("kind") == "host" else "activations"
    return f"{act} for {detail['allowance']} {unit}" if "allowance" in detail else act
