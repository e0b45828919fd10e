"""Telling webhooks what happened: events, written in the transaction in which it did (spec S-11).

An event holds ids and figures, never a key, a proof, an address or a person's name. Where no webhook wants its type,
nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from volact.credential.encoding import crockford
from volact.credential.strictjson import dumps
from volact.errors import Refusal
from volact.licensing.forecast import Extent, levels_crossed
from volact.service.admission.book import Book, Decision
from volact.service.ledger import deliveries, events, webhooks
from volact.service.ledger.denials import Denied
from volact.service.ledger.rows import DeliveryRow, EventRow, KeyRow
from volact.service.ports import Draw, Service
from volact.service.webhooks.schedule import PATIENCE

ACTIVATED, REFUSED, BLOCKED = "activation.created", "activation.refused", "key.blocked"
HOST, CLONE, EXHAUSTION = "host.activated", "host.clone_found", "key.exhaustion"
TYPES = (ACTIVATED, REFUSED, HOST, CLONE, BLOCKED, EXHAUSTION)
PING = "ping"  # sent to one webhook, when somebody asks for it
_DAY = 86_400
_ID_SYMBOLS = 26  # 130 bits


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened under a key, to what `about` names; `said` is what its type adds to whose key it is."""

    type: str
    keyid: str
    about: str
    said: Mapping[str, object]


def tell_batch(service: Service, book: Book, *, decisions: Sequence[Decision], now: int) -> None:
    """Tells what a batch of requests gave, inside its transaction; where nobody wants to know it is one look."""
    wanted = webhooks.subscribed(service.ledger)
    if wanted:
        _put(service, [*_given(book), *_clones(service, book, decisions=decisions, now=now)], wanted=wanted, at=now)


def tell_refused(service: Service, counts: Mapping[Denied, int], *, now: int) -> None:
    """Tells which keys were refused by which codes, where one was proved; inside the caller's transaction."""
    times = Counter[tuple[str, str]]()
    for denied, number in counts.items():
        if denied.keyid:
            times[denied.keyid, denied.code] += number
    tell(
        service,
        [Happened(REFUSED, keyid, keyid, {"code": code, "times": number}) for (keyid, code), number in times.items()],
        now=now,
    )


def tell_blocked(service: Service, key: KeyRow, *, now: int) -> None:
    """Tells that a key was blocked or revoked, inside the caller's transaction."""
    tell(service, [Happened(BLOCKED, key.keyid, key.keyid, {"state": key.state})], now=now)


def tell_extent(service: Service, before: KeyRow, *, after: KeyRow, now: int) -> None:
    """Tells the levels that a key has reached by an act on its allowance, inside the caller's transaction."""
    tell(service, _crossings(after, before=Extent(before.allowance, before.used)), now=now)


def tell(service: Service, happened: Iterable[Happened], *, now: int) -> None:
    """Tells whoever wants to know, inside the caller's transaction."""
    _put(service, list(happened), wanted=webhooks.subscribed(service.ledger), at=now)


def put_ping(service: Service, webhook_id: str, *, now: int) -> str:
    """Has one webhook told that it is reached, whatever it wants to know; gives the event's id."""
    event = _event(service.draw, PING, at=now, about=webhook_id, data={"webhook_id": webhook_id})
    events.add(service.ledger, [event], deliveries=[deliveries.new(event, webhook_id, until=now + PATIENCE)])
    return event.event_id


def _given(book: Book) -> Iterator[Happened]:
    changes = book.changes
    for row in changes.activations:
        said: dict[str, object] = {"activation_id": row.activation_id, "product": row.product}
        yield Happened(ACTIVATED, row.keyid, row.activation_id, said)
    for slot in changes.new_slots:
        yield Happened(HOST, slot.keyid, slot.host_id, {"host_id": slot.host_id, "reactivations": 0})
    for slot in changes.moved_slots:
        said = {"host_id": slot.host_id, "reactivations": slot.reactivations}
        yield Happened(HOST, slot.keyid, slot.host_id, said)
    for keyid in changes.used:
        key = book.keys[keyid]  # as it was before the batch
        yield from _crossings(replace(key, used=book.used(keyid)), before=Extent(key.allowance, key.used))


def _crossings(key: KeyRow, *, before: Extent) -> Iterator[Happened]:
    after = Extent(key.allowance, key.used)
    for level in levels_crossed(before, after):
        said = {"percent": level, "allowance": key.allowance, "used": key.used, "remaining": key.remaining}
        yield Happened(EXHAUSTION, key.keyid, key.keyid, said)


def _clones(service: Service, book: Book, *, decisions: Sequence[Decision], now: int) -> Iterator[Happened]:
    """Each host once a day, however often its copies ask."""
    refused = [each for each in decisions if isinstance(each, Refusal) and each.code == "clone_detected"]
    for host_id in {str(refusal.fields["host"]): None for refusal in refused}:
        if not events.told_since(service.ledger, CLONE, about=host_id, since=now - _DAY):
            yield Happened(CLONE, book.slots[host_id].keyid, host_id, {"host_id": host_id})


def _put(service: Service, happened: Sequence[Happened], *, wanted: Mapping[str, Sequence[str]], at: int) -> None:
    told = [(each, to) for each in happened if (to := _who(wanted, each.type))]
    owners = events.owners(service.ledger, {each.keyid for each, _ in told}) if told else {}
    rows: list[EventRow] = []
    lines: list[DeliveryRow] = []
    for each, to in told:
        owner = owners.get(each.keyid)
        if owner is None:  # refused a moment ago; the record was restored meanwhile from a backup without the key
            continue
        data = {"keyid": each.keyid, **owner._asdict(), **each.said}
        event = _event(service.draw, each.type, at=at, about=each.about, data=data)
        rows.append(event)
        lines += [deliveries.new(event, webhook_id, until=at + PATIENCE) for webhook_id in to]
    if rows:
        events.add(service.ledger, rows, deliveries=lines)


def _who(wanted: Mapping[str, Sequence[str]], type: str) -> list[str]:
    return [webhook_id for webhook_id, types in wanted.items() if not types or type in types]


def _event(draw: Draw, type: str, *, at: int, about: str, data: Mapping[str, object]) -> EventRow:
    licensing_id = data.get("licensing_id")
    return EventRow(
        event_id=f"evt_{crockford(int.from_bytes(draw(17), 'big') >> 6, _ID_SYMBOLS)}",
        type=type,
        at=at,
        licensing_id=None if licensing_id is None else str(licensing_id),
        about=about,
        body=dumps({"type": type, "timestamp": _time(at), "data": data}),
    )


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
