"""Issuing product keys, changing what they allow, blocking them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from volact.credential.productkey import RANDOM_BITS, KeyKind, ProductKey, key_of, make_key
from volact.credential.proof import Derived, derive
from volact.errors import Refusal, Refused, say
from volact.licensing.agreements import check_dates, day_of
from volact.licensing.allowance import check_activations, check_counted, default_allowance, licenses_of, set_allowance
from volact.licensing.catalog import KINDS, UNCOUNTED, Catalog
from volact.licensing.issuing import Offer, check_issue
from volact.service.ledger import audit, keys, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import AgreementRow, KeyRow, RevokedRow
from volact.service.ports import Act, Service
from volact.service.signing import sign_pending
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import holding_of, known_agreement
from volact.service.usecases.names import check_note, misused, without_keys
from volact.service.usecases.revocations import revoke
from volact.service.usecases.telling import tell_blocked, tell_extent

MOST_KEYS = 100_000
_FEW = 16  # so many are derived without a pool of threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which keys are to be issued; without a number of activations the agreement's program says it.

    `on_media` says that they are to lie on the product's media, which for some setup keys is the only place.
    """

    licensing_id: str
    product: str
    kind: str
    activations: int | None = None
    count: int = 1
    on_media: bool = False


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key in the one moment when it is shown, and what is on record of it."""

    key: str
    row: KeyRow


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order comes to: the offer, the activations of each key, and the publisher whose keys they are."""

    offer: Offer
    allowance: int
    publisher: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The keys of an order, not on record yet."""

    order: Order
    plan: Plan
    keys: tuple[IssuedKey, ...]


def issue(service: Service, order: Order, *, act: Act) -> tuple[IssuedKey, ...]:
    """Issues the keys of an order, all of them or none.

    Raises Refused, in this order: `usage` for a number or kind that cannot be, `unknown_agreement`, `unknown_product`,
    `kind_not_offered`, `entry_retired`, `units_required`, `agreement_not_started` or `agreement_ended`.
    """
    drawn = draw(service, order, act=act)
    with writing(service.ledger):
        return put_drawn(service, drawn, act=act)


def draw(service: Service, order: Order, *, act: Act) -> Drawn:
    """The first half of `issue`, and the slow one: it writes nothing, and belongs outside of a transaction."""
    with reading(service.ledger):
        plan = planned(service, order, act=act)
    return Drawn(order, plan, draw_keys(service, order, plan=plan, act=act))


def put_drawn(service: Service, drawn: Drawn, *, act: Act) -> tuple[IssuedKey, ...]:
    """The second half of `issue`, in the caller's transaction; `not_ready` where the plan does not hold any more."""
    if planned(service, drawn.order, act=act) != drawn.plan:
        raise Refused(Refusal("not_ready", "agreement or catalog changed in this moment; nothing was issued"))
    return put_keys(service, drawn.order, plan=drawn.plan, drawn=drawn.keys, act=act)


def planned(service: Service, order: Order, *, act: Act) -> Plan:
    """What an order comes to, inside the caller's transaction; raises Refused as `issue` does."""
    _check_order(order)
    agreement = known_agreement(service, order.licensing_id)
    catalog = current_catalog(service).catalog
    offer = check_issue(
        catalog,
        order.product,
        kind=order.kind,
        holding=holding_of(agreement),
        today=day_of(act.now),
        on_media=order.on_media,
    )
    if isinstance(offer, Refusal):
        raise Refused(offer)
    allowance = order.activations if order.activations is not None else _allowance(catalog, agreement, offer=offer)
    return Plan(offer, allowance, settings.publisher_id(service.ledger))


def draw_keys(service: Service, order: Order, *, plan: Plan, act: Act) -> tuple[IssuedKey, ...]:
    """The keys of an order, not on record yet; slow, so that it belongs outside of a transaction that writes."""
    return _draw(service, order, plan=plan, count=order.count, act=act)


def put_keys(
    service: Service, order: Order, *, plan: Plan, drawn: tuple[IssuedKey, ...], act: Act
) -> tuple[IssuedKey, ...]:
    """Puts drawn keys on record, inside the caller's transaction; one whose id is taken is drawn anew."""
    missing = found = drawn
    while taken := {row.keyid for row in keys.add(service.ledger, (each.row for each in missing))}:
        missing = _draw(service, order, plan=plan, count=len(taken), act=act)
        found = (*(each for each in found if each.row.keyid not in taken), *missing)
    _audit(service, order, rows=[each.row for each in found], act=act)
    return found


def sealed(service: Service, key: ProductKey, *, derived: Derived, order: Order, plan: Plan, act: Act) -> KeyRow:
    """What is put on record of a key of that order."""
    envelope = service.vault.envelope
    return KeyRow(
        keyid=derived.keyid,
        licensing_id=order.licensing_id,
        kind=plan.offer.kind,
        product_group=plan.offer.group.id,
        product=order.product,
        state="active",
        allowance=plan.allowance,
        used=0,
        first_group=key.first_group,
        sealed_key=envelope.seal(key.data, f"{derived.keyid}/key"),
        sealed_proof_key=envelope.seal(derived.proof_key, derived.keyid),
        at=act.now,
    )


def existing_key(service: Service, licensing_id: str, *, offer: Offer, product: str) -> KeyRow | None:
    """The newest active key of that kind and group, of that very product for a kind that counts nothing, or None."""
    own = product if offer.kind in UNCOUNTED else None
    return keys.newest_active(service.ledger, licensing_id, kind=offer.kind, group=offer.group.id, product=own)


def reveal(service: Service, row: KeyRow) -> str:
    """The key of a row as it is typed, out of its seal; who calls this records that the key was given out."""
    data = service.vault.envelope.open(row.sealed_key, f"{row.keyid}/key")
    return key_of(data).text


def change_allowance(service: Service, keyid: str, *, activations: int, reason: str, act: Act) -> KeyRow:
    """Sets what a key allows, of a host key how many hosts; gives the key as it is then.

    Raises Refused: `key_unknown`, `usage` for a number that the key cannot have, `allowance_below_used`, and
    `agreement_not_started` or `agreement_ended` for a raise outside of the agreement's days (F30).
    """
    with writing(service.ledger):
        return put_allowance(service, keyid, activations=activations, reason=reason, act=act)


def put_allowance(service: Service, keyid: str, *, activations: int, reason: str, act: Act) -> KeyRow:
    """The same inside the caller's transaction."""
    why = check_note(reason, say("a reason"))
    key = known_key(service, keyid)
    agreement = known_agreement(service, key.licensing_id)
    refused = check_counted(key.kind) or check_activations(activations) or set_allowance(key.used, activations)
    if activations > key.allowance and not refused:
        refused = check_dates(agreement.valid_from, agreement.valid_until, today=day_of(act.now))
    if refused:
        raise Refused(refused)
    keys.set_allowance(service.ledger, keyid, allowance=activations)
    detail = {"from": key.allowance, "to": activations, "why": why}
    audit.write(service.ledger, act, what="allowance set", subject=keyid, detail=detail)
    after = known_key(service, keyid)
    tell_extent(service, key, after=after, now=act.now)
    return after


def block(service: Service, keyid: str, *, revoked: bool, act: Act) -> KeyRow:
    """Ends what is new from a key; revoked, what it gave ends too, after its grace, by the next revocation list.

    A key that is in that state already stays as it is.
    """
    with writing(service.ledger):
        after = put_block(service, keyid, revoked=revoked, act=act)
    sign_pending(service)
    return after


def put_block(service: Service, keyid: str, *, revoked: bool, act: Act, reason: str | None = None) -> KeyRow:
    """The same inside the caller's transaction, who signs what is pending after it."""
    why = {} if reason is None else {"why": check_note(reason, say("a reason"))}
    key = known_key(service, keyid)
    state = "revoked" if revoked or key.state == "revoked" else "blocked"
    if state != key.state:
        keys.set_state(service.ledger, keyid, state=state)
        if state == "revoked":
            revoke(service, [RevokedRow(kind="key", id=keyid, jkt="", at=act.now)])
        audit.write(service.ledger, act, what=state, subject=keyid, detail=why)
        tell_blocked(service, known_key(service, keyid), now=act.now)
    return known_key(service, keyid)


def known_key(service: Service, keyid: str) -> KeyRow:
    """The key of that id; raises Refused (`key_unknown`), which repeats no key that was given in place of an id."""
    row = keys.key(service.ledger, keyid)
    if row is None:
        raise Refused(unknown_key(keyid))
    return row


def unknown_key(keyid: str) -> Refusal:
    """The refusal of a key id that nothing is on record of."""
    shown = without_keys(keyid)
    return Refusal("key_unknown", say('no key has the id "{keyid}"', keyid=shown), {"keyid": shown})


def _check_order(order: Order) -> None:
    if order.kind not in KINDS:
        raise misused(say('"{kind}" is not a kind of key: {kinds}', kind=order.kind, kinds=", ".join(KINDS)))
    if not 1 <= order.count <= MOST_KEYS:
        raise misused(say("from 1 to {most} keys are issued at once", most=MOST_KEYS))
    if order.activations is None:
        return
    refused = check_counted(order.kind) or check_activations(order.activations)
    if refused:
        raise Refused(refused)


def _allowance(catalog: Catalog, agreement: AgreementRow, *, offer: Offer) -> int:
    licenses = licenses_of(catalog, agreement.licenses, group=offer.group.id)
    return default_allowance(catalog, agreement.program, level=agreement.level, licenses=licenses, kind=offer.kind)


def _draw(service: Service, order: Order, *, plan: Plan, count: int, act: Act) -> tuple[IssuedKey, ...]:
    """New keys with different ids, sealed; not on record yet."""
    kind, bits = KeyKind[plan.offer.kind.upper()], RANDOM_BITS
    found: dict[str, IssuedKey] = {}
    while len(found) < count:
        random = [int.from_bytes(service.draw(10), "big") >> 80 - bits for _ in range(count - len(found))]
        made = [make_key(kind, plan.offer.group.number, publisher=plan.publisher, random=each) for each in random]
        for key, derived in zip(made, _derive_all(made, lambda key: derive(key, plan.publisher)), strict=True):
            row = sealed(service, key, derived=derived, order=order, plan=plan, act=act)
            found[row.keyid] = IssuedKey(key.text, row)
    return tuple(found.values())


def _derive_all(made: list[ProductKey], derive_one: Callable[[ProductKey], Derived]) -> Iterable[Derived]:
    """Deriving is slow on purpose and leaves the interpreter's lock alone, so many keys are derived side by side."""
    if len(made) <= _FEW:
        return [derive_one(key) for key in made]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(derive_one, made))


def _audit(service: Service, order: Order, *, rows: list[KeyRow], act: Act) -> None:
    detail = {"kind": order.kind, "product": order.product, "allowance": rows[0].allowance}
    audit.write_all(
        service.ledger,
        act,
        what="issued",
        subjects=(row.keyid for row in rows),
        licensing_id=order.licensing_id,
        detail=detail,
    )
    total = detail | {"count": len(rows)}
    audit.write(service.ledger, act, what="keys issued", subject=order.licensing_id, detail=total)
