"""The agent: renews what is due, retries what was refused, and fetches the publisher's documents (spec D-9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event

from volact.client.activation import LONGEST, Route, activate
from volact.client.computer import Computer, Transport
from volact.client.conversation import Sides, hold
from volact.client.logwatch import watcher
from volact.client.overview import View, notice, overlook
from volact.client.records import Host, InstalledKey, Pending, Tried
from volact.credential.claims import Activation, Lease
from volact.credential.publisher import Pin, PublisherFile
from volact.credential.request import parse_request
from volact.errors import Damaged, Malformed, Refusal, Refused, Untrusted, VolactError
from volact.licensing.catalog import UNCOUNTED
from volact.licensing.states import Reason, State, method_of
from volact.protocol import flows
from volact.protocol.flows import MAX_ROOT_STEPS, Send
from volact.protocol.trust import Trust

LONGEST_WAIT = 60.0  # seconds: the wall clock is read anew at least once a minute


@dataclass(frozen=True, slots=True)
class Done:
    """What asking came to: the product (None: the publisher's documents), and the refusal if there was one."""

    product: str | None
    refusal: Refusal | None


def turn(computer: Computer, *, at_once: bool = False) -> tuple[Done, ...]:
    """Asks what is due; `at_once` asks for a product without a license before its next try is due."""
    heal(computer)
    with computer.home.lock():
        notice(computer)
    due = [product for product in computer.home.products() if is_due(computer, product, at_once=at_once)]
    return tuple(Done(product, _ask(computer, product)) for product in due)


def run(computer: Computer, stop: Event, *, said: Callable[[Done], None]) -> None:
    """Takes turns until `stop` is set; what a turn comes to is handed to `said`."""
    fresh_until = 0
    while not stop.is_set():
        try:
            asked = turn(computer)
            if asked or computer.clock() >= fresh_until:
                asked += refresh(computer)
                fresh_until = computer.clock() + _renew_seconds(computer)
                asked += tuple(Done(None, forked) for forked in (watcher(computer).fork(),) if forked)
            for done in asked:
                said(done)
        except VolactError as err:
            said(Done(None, err.refusal))  # a disk that is full today is not full for ever
        stop.wait(LONGEST_WAIT)


def is_due(computer: Computer, product: str, *, at_once: bool) -> bool:
    """Whether somebody is to be asked for a product now: its host, or the service with a request made before."""
    view = overlook(computer, product)
    facts = view.known.facts
    if facts is None:
        return False
    if facts.key not in (None, "generic"):
        return _is_key_due(computer, product, view=view, at_once=at_once)
    if facts.channel != "volume" or facts.needs != "activation" or computer.home.load_whole(Host) is None:
        return False
    now, held = computer.clock(), view.known.credential
    waits = _next_try(computer, product, method="host") > now
    if view.status.state is not State.LICENSED:
        return at_once or not waits
    if held is None or not isinstance(held.claims, Lease):
        return False
    return now >= held.claims.iat + held.claims.renew and (at_once or not waits)


def _is_key_due(computer: Computer, product: str, *, view: View, at_once: bool) -> bool:
    """A key is used first when a person asks; what was asked then is repeated until it is answered.

    So it is after the key that signed the answer was compromised, and the same request is answered afresh. A key that
    a grant opened asks nobody, and what gave a trial that has ended, or was given back, is not asked again.
    """
    folder = computer.home.product(product)
    key, pending = folder.load_whole(InstalledKey), folder.load_whole(Pending)
    if key is None or key.kind in UNCOUNTED or pending is None or computer.home.publisher().service is None:
        return False
    if view.status.state is State.LICENSED or view.status.reason is Reason.HARDWARE_CHANGED:
        return False
    if _is_over(computer, key, pending=pending, view=view):
        return False
    return at_once or _next_try(computer, product, method=str(method_of(key.kind))) <= computer.clock()


def _is_over(computer: Computer, key: InstalledKey, *, pending: Pending, view: View) -> bool:
    """Whether asking again could bring nothing: the key is blocked, or the request's answer is here and is over."""
    trust, held = computer.home.trust(), view.known.credential
    if trust.lists_key(key.keyid or ""):
        return True
    if held is None or not isinstance(held.claims, Activation) or not _is_answer(held.claims, pending):
        return False
    is_back = any(entry.jti == held.claims.jti for entry in trust.revocations.activations)
    return is_back or held.license.is_ended_trial(computer.clock())


def _is_answer(said: Activation, pending: Pending) -> bool:
    try:
        return parse_request(pending.request.encode()).request.rid == said.rid
    except Malformed:
        return False


def refresh(computer: Computer) -> tuple[Done, ...]:
    """Fetches roots, catalog and revocations from whom this computer asks; who is away is told, and changes nothing."""
    return tuple(Done(None, _refresh_from(computer, whom=whom, url=url)) for whom, url in _asked(computer))


def heal(computer: Computer) -> None:
    """Fetches the publisher's documents anew, from the pin on, where the ones on disk are damaged."""
    try:
        computer.home.trust()
    except Damaged:
        known = computer.home.publisher()
        with computer.home.lock():
            for whom, url in _asked(computer):
                try:
                    file = _documents(computer.connect(url, whom), known.publisher)
                    fetched = Trust.load(Pin.parse(known.pin), file)
                    computer.home.keep_trust(computer.home.with_whole(fetched))
                    return
                except VolactError:
                    continue  # the next one may have them


def _ask(computer: Computer, product: str) -> Refusal | None:
    try:
        return activate(computer, product, route=Route())
    except VolactError as err:
        return err.refusal


def _refresh_from(computer: Computer, *, whom: str, url: str) -> Refusal | None:
    with computer.home.lock():
        try:
            transport = computer.connect(url, whom)
            trust = hold(flows.refresh(computer.home.trust()), Sides(transport, computer.home.keep_trust))
            if whom == "service":
                watcher(computer).watch(trust, service=transport)
        except VolactError as err:
            return err.refusal
    return None


def _asked(computer: Computer) -> Iterator[tuple[str, str]]:
    """Whom this computer asks: its host, and the service where a key is installed or no host is set."""
    host, home = computer.home.load_whole(Host), computer.home
    views = [overlook(computer, product) for product in home.products()]
    by_key = any(view.known.facts and view.known.facts.key not in (None, "generic") for view in views)
    if host is not None:
        yield "host", host.url
    service = home.publisher().service
    if service is not None and (by_key or host is None):
        yield "service", service


def _next_try(computer: Computer, product: str, *, method: str) -> int:
    tried = computer.home.product(product).load_whole(Tried)
    newest = next((each for each in tried.attempts if each.method == method), None) if tried else None
    if newest is None or newest.code is None or newest.next_at - computer.clock() > LONGEST:
        return 0  # the clock was set back since, or nothing was refused
    return newest.next_at


def _renew_seconds(computer: Computer) -> int:
    try:
        return computer.home.trust().catalog.policy.renew_minutes * 60
    except (Damaged, Untrusted, Refused):
        return 3600


def _documents(transport: Transport, publisher: str) -> PublisherFile:
    roots: list[str] = []
    while len(roots) < MAX_ROOT_STEPS:
        reply = transport.send(Send("GET", f"/v1/root/{len(roots) + 1}"))
        if reply.status != 200:
            break
        roots.append(_text(reply.body))
    catalog, revocations = (transport.send(Send("GET", f"/v1/{name}")).body for name in ("catalog", "revocations"))
    return PublisherFile(
        publisher=publisher, roots=tuple(roots), catalog=_text(catalog), revocations=_text(revocations)
    )


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as err:
        raise Malformed("not a text") from err
