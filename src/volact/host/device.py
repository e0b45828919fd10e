"""Which device key a host signs with: the one that it has, or a new one where that one cannot count any more."""

from __future__ import annotations

from msgspec.structs import replace

from volact.client.machine import this_machine
from volact.credential.identity import vector_mark
from volact.credential.telephone.installation import named_dev
from volact.host.machine import check_machine
from volact.host.records import Settings
from volact.host.setup import Host


def prepare_device(host: Host) -> None:
    """A new device key where this is a copy, where the hardware is another, and where the list ended the present one.

    Certificates of this machine count on until the new key has one.
    """
    settings = host.store.settings()
    if check_machine(settings) is not None:
        machine = this_machine(settings.identity, settings.publisher)
        _keep_new(host, replace(settings, dev=machine.dev, mv=vector_mark(machine.vector)), before=settings)
    elif _is_over(host, settings.jkt) or host.vault.signer(settings.jkt) is None:
        make_device(host)


def make_device(host: Host) -> None:
    """A new device key for what is activated from now on."""
    settings = host.store.settings()
    _keep_new(host, settings, before=settings)


def _keep_new(host: Host, settings: Settings, *, before: Settings) -> None:
    machines = {**before.machines, before.jkt: before.dev}
    host.store.keep_settings(replace(settings, jkt=host.vault.make().public.kid, machines=machines))


def _is_over(host: Host, jkt: str) -> bool:
    state = host.state()
    cloned = {key.keyid for key in host.store.host_keys() if key.cloned is not None}
    listed = {entry.dev for entry in state.trust.revocations.telephone}
    return named_dev(jkt) in listed or any(
        each.claims.keyid in cloned and each.jkt == jkt and not each.by_telephone for each in state.newest
    )
