"""Returning the activations of retired computers, and crediting them to their keys after the cool-down (F25)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from volact.errors import Refusal, Refused, VolactError, say
from volact.licensing.catalog import Center
from volact.licensing.retiring import check_retirement, credit_time
from volact.service.ledger import audit, retirements, revoked, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import ActivationRow, KeyRow, RetirementRow, RevokedRow
from volact.service.ports import Act, Service
from volact.service.signing import sign_pending
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.keys import known_key
from volact.service.usecases.names import check_note
from volact.service.usecases.revocations import revoke

MOST_RETURNED = 40_000  # lines of the revocation list: two thirds of it, so that keys and hosts have room for ever
_BY = "Volact"  # who credits: nobody does it by hand


@dataclass(frozen=True, slots=True)
class Retired:
    """An activation that was returned, and its key as it is then."""

    retirement: RetirementRow
    key: KeyRow


def retire(
    service: Service, activation_id: str, *, reason: str, act: Act, organization_id: str | None = None
) -> Retired:
    """Ends an activation, by the next revocation list too; its key has it again after the cool-down.

    `organization_id` is the customer that asks, None where the publisher acts. An activation that was returned before
    stays as it is. Raises Refused: `unknown_activation`, `agreement_not_held`, `retirement_not_allowed`,
    `retirement_limit_reached`, `signing_clock`.
    """
    why = check_note(reason, say("a reason"))
    with writing(service.ledger):
        row = _known(service, activation_id)
        _check_holder(service, row, organization_id=organization_id)
        done = retirements.retirement(service.ledger, activation_id)
        if done is None:
            at = settings.signing_time(service.ledger, service.clock)
            done = _retirement(service, row, at=at)
            retirements.add(service.ledger, done)
            revoke(service, [RevokedRow("activation", activation_id, "", at)])
            detail = {"activation_id": activation_id, "why": why}
            audit.write(service.ledger, act, what="activation retired", subject=row.keyid, detail=detail)
            settle_due(service, at)  # at once where the catalog has no cool-down
        retired = Retired(done, known_key(service, row.keyid))
    sign_pending(service)
    return retired


def _check_holder(service: Service, row: ActivationRow, *, organization_id: str | None) -> None:
    """Whoever was only let use a key ends nothing that it activated: it may be the holder's computer (F10)."""
    licensing_id = known_key(service, row.keyid).licensing_id
    if organization_id not in (None, known_agreement(service, licensing_id).organization_id):
        detail = say("the agreement {licensing_id} is held by another organization", licensing_id=licensing_id)
        raise Refused(Refusal("agreement_not_held", detail, {"licensing_id": licensing_id}))


def settle(service: Service) -> None:
    """Credits what is due; nothing while the clock cannot be right or the record cannot be written.

    For whoever opens the service for something else: that goes on either way, and the next one settles.
    """
    with suppress(VolactError):
        with reading(service.ledger):
            now = settings.time_to_sign(service.ledger, service.clock)
            waiting = retirements.due(service.ledger, now)
        if waiting:
            with writing(service.ledger):
                settle_due(service, now)


def settle_due(service: Service, now: int) -> None:
    """Credits what is due at a time to sign at, inside the caller's transaction that writes."""
    for row in retirements.due(service.ledger, now):
        if retirements.credit(service.ledger, row):
            detail = {"activation_id": row.activation_id}
            audit.write(service.ledger, Act(_BY, now), what="activation credited", subject=row.keyid, detail=detail)


def _known(service: Service, activation_id: str) -> ActivationRow:
    row = retirements.activation(service.ledger, activation_id)
    if row is None:
        raise Refused(unknown_activation(activation_id))
    return row


def unknown_activation(activation_id: str) -> Refusal:
    """The refusal of an id that no activation has."""
    detail = say('no activation has the id "{activation_id}"', activation_id=activation_id)
    return Refusal("unknown_activation", detail, {"activation_id": activation_id})


def _retirement(service: Service, row: ActivationRow, *, at: int) -> RetirementRow:
    catalog = current_catalog(service).catalog
    agreement = known_agreement(service, known_key(service, row.keyid).licensing_id)
    center = catalog.center_for(known_organization(service, agreement.organization_id).country)
    times = retirements.times(service.ledger, row.keyid)
    refused = check_retirement(catalog.policy, times, now=at, center=center) or _check_room(service, center)
    if refused:
        raise Refused(refused)
    return RetirementRow(row.activation_id, row.keyid, at, credit_time(catalog.policy, at))


def _check_room(service: Service, center: Center | None) -> Refusal | None:
    if revoked.count(service.ledger, "activation") < MOST_RETURNED:
        return None
    detail = say("the revocation list holds {most} returned activations and takes no more", most=MOST_RETURNED)
    return Refusal("retirement_limit_reached", detail, {"center": center.as_fields if center else None})
