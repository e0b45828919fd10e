"""Activating a product: by a host or by its key, online (spec D-8).

No unsigned answer changes a license: a refusal is kept for `status --why`, and raised for the face.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from volact.client.computer import Computer
from volact.client.conversation import Sides, hold
from volact.client.home import not_installed
from volact.client.installation import normal_url
from volact.client.keyring import GENERIC
from volact.client.logwatch import watcher
from volact.client.records import (
    ActivationHeld,
    Attempt,
    Held,
    Host,
    Installation,
    InstalledKey,
    LeaseHeld,
    Noticed,
    Pending,
    SetupHeld,
    Tried,
)
from volact.client.requests import (
    NOTHING,
    Self,
    Wish,
    can_make,
    identify,
    online_request,
    pending_rid,
)
from volact.client.snapshot import take
from volact.client.verdict import know
from volact.credential.claims import Activation, SetupGrant
from volact.errors import Refusal, Refused, Unreachable, Untrusted, VolactError
from volact.licensing.catalog import UNCOUNTED
from volact.licensing.keys import check_install
from volact.licensing.states import method_of
from volact.protocol import flows
from volact.protocol.flows import Outcome
from volact.protocol.trust import Believed, Revoked, Trust

KEPT_ATTEMPTS = 5
CLOCK_TOLERANCE = 4 * 3600  # seconds, as protocol.md has it
SHORTEST, LONGEST = 15 * 60, 30 * 86_400  # seconds between two tries


@dataclass(frozen=True, slots=True)
class Route:
    """Where to ask, and how, in place of what the home has recorded."""

    method: str | None = None
    host: str | None = None
    service: str | None = None


def activate(computer: Computer, product: str, *, route: Route) -> Refusal | None:
    """Asks for a license, also where there is one; gives a warning where the clock is off, and raises what was refused.

    A key that a grant opened asks nobody: it is only looked at. Raises Refused with the answer's own code, Unreachable,
    Untrusted for an answer that is not believed, Damaged.
    """
    with computer.home.lock():
        trust = computer.home.trust()
        wish = wish_for(computer, trust, product=product, method=route.method)
        if wish.is_offline:
            _check_opened(computer, wish)
            return None
        url = _url(computer, wish, route=route)
        me = identify(computer, trust, method=wish.method)
        try:
            outcome = _answered(computer, trust, wish=wish, me=me, url=url)
        except (Unreachable, Untrusted) as err:
            refusal = _said_instead(computer, wish, err=err) or err.refusal
            _note(computer, trust, wish=wish, url=url, refusal=refusal)
            if refusal is not err.refusal:
                raise Refused(refusal) from err
            raise
        service = None if wish.by_host else computer.connect(url, "service")
        watcher(computer).heed(computer.home.trust(), offered=outcome.checkpoint, service=service)
        return _finish(computer, wish, me=me, url=url, outcome=outcome)


def _check_opened(computer: Computer, wish: Wish) -> None:
    """Refuses where the grant of a key is not believed any more; asks nobody."""
    if wish.method == NOTHING:
        return
    blocked = _blocked(computer, wish)
    if blocked is not None:
        raise Refused(blocked)
    found = know(take(computer.home, wish.product), wish.product, pin=None, now=computer.clock()).credential
    if found is None or not isinstance(found.claims, SetupGrant) or found.license.revoked_at is not None:
        detail = "the grant that opened the key counts no more; install the key again with a newer grant"
        raise Refused(Refusal("grant_required", detail, {"product": wish.product}))


def _answered(computer: Computer, trust: Trust, *, wish: Wish, me: Self, url: str) -> Outcome:
    """What is answered; a request whose recorded answer is revoked is followed by a new one, where the key is here."""
    try:
        return _converse(computer, trust, wish=wish, me=me, url=url)
    except Revoked:
        if wish.by_host or _blocked(computer, wish) or not can_make(computer, wish):
            raise
        computer.home.product(wish.product).drop(Pending)
        return _converse(computer, computer.home.trust(), wish=wish, me=me, url=url)


def _said_instead(computer: Computer, wish: Wish, *, err: VolactError) -> Refusal | None:
    """What tells more than an answer that is not believed: the key is blocked, or what it gave was given back."""
    blocked = _blocked(computer, wish)
    if blocked is not None or wish.by_host or not isinstance(err, Revoked):
        return blocked
    detail = "what the key gave this computer is revoked; install the key again to ask anew"
    return Refusal("no_key", detail, {"product": wish.product})


def _blocked(computer: Computer, wish: Wish) -> Refusal | None:
    """Says `key_blocked` where the publisher's signed list has the key: its old activation is no answer any more."""
    if wish.key is None or not computer.home.trust().lists_key(wish.key.keyid or ""):
        return None
    return Refusal("key_blocked", "the publisher has revoked this key", {"product": wish.product})


def wish_for(computer: Computer, trust: Trust, *, product: str, method: str | None) -> Wish:
    """What a person who activates a product asks for; refuses with `no_key`, `wrong_channel`, `home_missing`.

    A named method uses the installed key, if both are for asking, or both for what a grant opened.
    """
    home = computer.home
    installed = home.product(product).load(Installation)
    if installed is None:
        raise not_installed(product)
    key = home.product(product).load_whole(InstalledKey)
    has_key = key is not None and key.keyid is not None
    by_key = has_key if method is None else method != "host"
    if by_key and (key is None or not has_key):
        raise Refused(Refusal("no_key", f"no key is installed for {product}", {"product": product}))
    if by_key and key is not None:
        if method is not None and (method in UNCOUNTED) != (key.kind in UNCOUNTED):
            detail = f"the key that is installed for {product} is of kind {key.kind}"
            raise Refused(Refusal("no_key", detail, {"product": product}))
        return Wish(product, str(method_of(key.kind) or key.kind), key)
    sold = trust.catalog.products.get(product)
    if sold is not None and sold.needs == "none":
        return Wish(product, NOTHING)
    if sold is not None and sold.needs == "setup" and method is None:
        detail = f"{sold.name} needs a setup key; install it with the grant that came with it"
        raise Refused(Refusal("no_key", detail, {"product": product}))
    refusal = check_install(trust.catalog, "generic", number=None, product=product, channel=installed.channel)
    if refusal is not None:
        raise Refused(refusal)
    return Wish(product, "host")


def _url(computer: Computer, wish: Wish, *, route: Route) -> str:
    if wish.by_host:
        kept = computer.home.load_whole(Host)
        url = route.host or (kept.url if kept else None)
        if url is None:
            raise Unreachable("no activation host is set", code="host_unreachable")
    else:
        url = route.service or computer.home.publisher().service
        if url is None:
            raise Unreachable("the publisher file names no service; name one with --service")
    return normal_url(url)


def _converse(computer: Computer, trust: Trust, *, wish: Wish, me: Self, url: str) -> Outcome:
    whom, now = ("host" if wish.by_host else "service"), computer.now(trust)

    def prepare(iat: int | None) -> bytes:
        return online_request(computer, me, wish=wish, iat=iat, now=now)

    sides = Sides(computer.connect(url, whom), computer.home.keep_trust, prepare)
    return hold(flows.ask(trust, now, whom=whom), sides)


def _finish(computer: Computer, wish: Wish, *, me: Self, url: str, outcome: Outcome) -> Refusal | None:
    trust, folder = computer.home.trust(), computer.home.product(wish.product)
    at = computer.now(trust)
    if outcome.believed is None:
        refusal = outcome.refusal or Refusal("answer_untrusted", "nothing was answered")
        _note(computer, trust, wish=wish, url=url, refusal=refusal)
        if can_make(computer, wish):
            folder.drop(Pending)  # it was answered; the next try is a request of its own
        raise Refused(Refusal(refusal.code, refusal.detail, {**refusal.fields, "product": wish.product}))
    ended = check_not_ended(outcome.believed, wish.product, now=at)
    if ended:
        _note(computer, trust, wish=wish, url=url, refusal=ended)
        raise Refused(ended)
    source = url if wish.by_host else (wish.key.keyid if wish.key else None) or url
    refusal_now = _told_again(computer, wish, outcome=outcome)
    keep(computer, wish.product, believed=outcome.believed, vector=dict(me.vector), source=source)
    _note(computer, trust, wish=wish, url=url, refusal=refusal_now)
    if wish.by_host:
        folder.drop(Pending)
    _remember(computer, wish, url=url)
    if refusal_now:
        raise Refused(refusal_now)
    return _real_warning(outcome.warning, computer.clock())


def check_not_ended(believed: Believed, product: str, *, now: int) -> Refusal | None:
    """Refuses what has ended at `now` (seconds): a trial whose days are over, or a lease by a clock that is off."""
    end = believed.claims.exp
    if end is None or end > now:
        return None
    if isinstance(believed.claims, Activation):
        return Refusal("trial_ended", "the trial that this key gave has ended", {"product": product})
    detail = "the host gave a lease that has ended already by this computer's clock"
    return Refusal("clock_out_of_range", detail, {"product": product})


def _told_again(computer: Computer, wish: Wish, *, outcome: Outcome) -> Refusal | None:
    """What refuses a request that is only repeated: its answer was here already, and keeps its worth."""
    held = computer.home.product(wish.product).load_whole(ActivationHeld)
    believed = outcome.believed
    if outcome.notice is None or believed is None or held is None or held.credential != believed.credential:
        return None
    detail = "the publisher has blocked this key; what it gave this computer goes on"
    return Refusal(outcome.notice, detail, {"product": wish.product})


def _remember(computer: Computer, wish: Wish, *, url: str) -> None:
    """Who answered is asked from now on: a host always, a service where the publisher file named none."""
    home = computer.home
    if wish.by_host:
        if home.load_whole(Host) != Host(url=url):
            home.save(Host(url=url))
        return
    known = home.publisher()
    if known.service is None:
        home.save(structs.replace(known, service=url))


def keep(computer: Computer, product: str, *, believed: Believed, vector: dict[str, str], source: str) -> None:
    """Writes a believed credential, and deletes what it used up: a key's proof is needed once."""
    folder, at = computer.home.product(product), computer.clock()
    kind: type[Held] = LeaseHeld if believed.certificate is not None else ActivationHeld
    folder.save(
        kind(
            credential=believed.credential,
            certificate=believed.certificate,
            vector=vector,
            source=source,
            got_at=at,
        )
    )
    key = folder.load_whole(InstalledKey)
    if kind is ActivationHeld:
        folder.drop(Noticed, LeaseHeld)
        if key is None or key.kind not in UNCOUNTED:
            folder.drop(SetupHeld)
        if key is not None and key.keyid == getattr(believed.claims, "keyid", None):
            _drop_used_proof(computer, key.keyid)
    else:
        folder.drop(Noticed)
        if key is not None and key.kind == GENERIC:
            folder.drop(ActivationHeld, SetupHeld)


def _drop_used_proof(computer: Computer, keyid: str | None) -> None:
    """Deletes the proof of a key that activated every product that it is installed for."""
    for folder in map(computer.home.product, computer.home.products()):
        key, held = folder.load_whole(InstalledKey), folder.load_whole(ActivationHeld)
        if key is not None and key.keyid == keyid and (held is None or held.source != keyid):
            return
    computer.vault.drop_proof(keyid)


def _note(computer: Computer, trust: Trust, *, wish: Wish, url: str, refusal: Refusal | None) -> None:
    """Keeps what was tried, and when the agent tries again."""
    folder, now = computer.home.product(wish.product), computer.now(trust)
    attempt = Attempt(
        method=wish.method,
        source=url,
        at=now,
        next_at=now + _pause(trust, refusal),
        code=refusal.code if refusal else None,
        detail=refusal.detail if refusal else "",
        fields=dict(refusal.fields) if refusal else {},
        rid=pending_rid(folder),
    )
    before = folder.load_whole(Tried) or Tried()
    others = tuple(each for each in before.attempts if (each.method, each.source) != (wish.method, url))
    folder.save(Tried(attempts=(attempt, *others)[:KEPT_ATTEMPTS]))


def _pause(trust: Trust, refusal: Refusal | None) -> int:
    policy = trust.catalog.policy
    if refusal is None:
        return policy.renew_minutes * 60
    told = refusal.fields.get("retry_after")
    wanted = told if isinstance(told, int) and not isinstance(told, bool) else policy.retry_minutes * 60
    return min(max(wanted, SHORTEST), LONGEST)


def _real_warning(warning: Refusal | None, now: int) -> Refusal | None:
    """An old request that was asked again is out of range too; the clock is off only if the told time says so."""
    told = warning.fields.get("server_time") if warning else None
    return warning if isinstance(told, int) and abs(told - now) > CLOCK_TOLERANCE else None
