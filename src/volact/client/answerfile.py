"""Activating where there is no network: a request file out, an answer file in (spec D-5)."""

from __future__ import annotations

from msgspec import UNSET

from volact.client.activation import check_not_ended, keep, wish_for
from volact.client.computer import Computer
from volact.client.logwatch import watcher
from volact.client.machine import names_vector, this_machine
from volact.client.records import Identity, Installation, InstalledKey, Pending, PendingFile
from volact.client.requests import Wish, can_make, check_declared, check_same_computer, file_request, identify
from volact.client.telephone import confirm, is_text_of_ids
from volact.credential.claims import Activation
from volact.errors import Malformed, Refusal, Refused, Untrusted, VolactError
from volact.licensing.keys import check_install
from volact.protocol import flows, messages
from volact.protocol.trust import Believed, Revoked, Trust


def write_request(computer: Computer, product: str, *, method: str | None = None) -> bytes:
    """The bytes of a request file for a computer that reaches no service; the same until the answer came."""
    with computer.home.lock():
        trust = computer.home.trust()
        wish = wish_for(computer, trust, product=product, method=method)
        if wish.by_host:
            raise Refused(Refusal("no_key", f"no key is installed for {product}; a host is asked over the network"))
        if wish.is_offline:
            raise Refused(Refusal("usage", f"nobody is asked for {product}, so there is no request to write"))
        me = identify(computer, trust, method=wish.method)
        return file_request(computer, me, wish=wish, now=computer.now(trust))


def read_response(computer: Computer, product: str, *, data: bytes) -> None:
    """Believes an answer file, also one that was kept from before this home existed; raises Untrusted.

    A file of both telephone IDs is one too: what `confirm` refuses it with is raised.
    """
    if is_text_of_ids(data):
        confirm(computer, data.decode("utf-8", "replace"), product=product)
        return
    with computer.home.lock():
        trust = computer.home.trust()
        vector = check_same_computer(computer, trust.publisher).vector
        check_declared(trust.catalog.policy, computer.home.load(Identity) or Identity(), method="mak")
        trust, believed = _believe_file(computer, trust, product=product, data=data)
        computer.home.keep_trust(trust)
        told = messages.decode_file(data).checkpoint
        watcher(computer).heed(trust, offered=None if told is UNSET else told)
        refusal = _check_channel(computer, trust, product=product, believed=believed)
        refusal = refusal or check_not_ended(believed, product, now=computer.now(trust))
        if refusal is not None:
            raise Refused(refusal)
        source = getattr(believed.claims, "keyid", "")
        keep(computer, product, believed=believed, vector=dict(vector), source=source)


def _believe_file(computer: Computer, trust: Trust, *, product: str, data: bytes) -> tuple[Trust, Believed]:
    folder = computer.home.product(product)
    failure: VolactError | None = None
    for kind in (PendingFile, Pending):
        asked = folder.load_whole(kind)
        if asked is not None:
            try:
                return flows.read_answer_file(trust, asked.request.encode(), data=data)
            except Untrusted as err:
                failure = failure or err
                if isinstance(err, Revoked) and _has_key(computer, product):
                    folder.drop(kind)  # asked again it would be answered the same; the next request is a new one
    try:
        return _kept_activation(computer, trust, product=product, data=data)
    except (Malformed, Untrusted) as err:
        if err.code == "hardware_changed":
            raise
        raise (failure or Untrusted(err.detail)) from err


def _check_channel(computer: Computer, trust: Trust, *, product: str, believed: Believed) -> Refusal | None:
    """Refuses what a key of another channel gave: no such key could be installed here."""
    installed = computer.home.product(product).load_whole(Installation)
    if installed is None or not isinstance(believed.claims, Activation):
        return None
    kind = believed.claims.kind
    return check_install(trust.catalog, kind, number=None, product=product, channel=installed.channel)


def _has_key(computer: Computer, product: str) -> bool:
    key = computer.home.product(product).load_whole(InstalledKey)
    return key is not None and can_make(computer, Wish(product, key.kind, key))


def _kept_activation(computer: Computer, trust: Trust, *, product: str, data: bytes) -> tuple[Trust, Believed]:
    """An activation that answers no request of this home: believed if it was given for this very machine."""
    answer = messages.decode_file(data)
    trust = flows.caught_up(trust, answer)
    said = trust.activation(answer.credential)
    sold = trust.catalog.products.get(product)
    if sold is None or said.group != sold.group:
        raise Untrusted("the activation is for another product")
    if trust.catalog.policy.bind == "key":
        raise Untrusted("the activation answers no request of this home")
    if trust.revoked_at(Activation, answer.credential) is not None:
        raise Untrusted("the activation was given under something that is revoked")
    machine = this_machine(computer.home.load(Identity) or Identity(), trust.publisher)
    if not names_vector(machine.vector, trust.publisher, dev=said.dev, mark=said.mv):
        raise Untrusted("the activation was given for another computer")
    return trust, Believed(answer.credential, None, said)
