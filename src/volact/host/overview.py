"""What there is to say about a host: one count for command line, page and metrics, read beside a running host too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from volact.errors import Refusal, VolactError
from volact.host.machine import check_machine
from volact.host.records import DAY, Certificate
from volact.host.setup import Host
from volact.host.state import HostState
from volact.host.store_view import HostView
from volact.licensing import thresholds
from volact.licensing.catalog import ProductGroup

SOON = 30 * DAY  # a certificate that ends within this and was not renewed deserves a word
_A_THIRD = 10 * DAY  # of each month for which a confirmation by telephone is given: about


@dataclass(frozen=True, slots=True)
class Threshold:
    """What one product group needs of a count, and whether the count is enough."""

    product_group: str
    name: str
    threshold: int
    met: bool


@dataclass(frozen=True, slots=True)
class GroupCount:
    """The distinct computers of a count group within the window, against the thresholds of what this host serves."""

    count_group: str
    name: str
    count: int
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class CertificateEnd:
    """The certificate of one host key, and when it ends."""

    product_group: str
    expires: int
    host_id: str = ""
    by_telephone: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """A host at a moment."""

    publisher: str
    activated: bool
    organization: str | None
    product_groups: tuple[str, ...]
    counts: tuple[GroupCount, ...]
    clones: int
    certificates: tuple[CertificateEnd, ...]
    warnings: tuple[Refusal, ...]
    today: dict[str, int]
    window_days: int
    now: int


def overview(host: Host, now: int) -> Overview:
    """Everything that status, page and metrics tell about a host; raises Damaged."""
    state, view = host.state(), host.view
    in_force = tuple(each for each in state.in_force(now) if _has_key(host, each))
    groups = tuple(dict.fromkeys(group for each in in_force for group in each.claims.groups))
    keys = host.store.host_keys()
    shown = groups or tuple(
        group for key in keys for group in state.trust.catalog.groups_of_host_key(key.product_group)
    )
    return Overview(
        publisher=state.trust.root.name,
        activated=bool(in_force),
        organization=next((named.name for each in in_force if (named := each.claims.organization)), None),
        product_groups=groups,
        counts=_counts(state, view, groups=frozenset(shown), now=now),
        clones=view.clones(),
        certificates=tuple(_end(each) for each in state.newest),
        warnings=_warnings(host, state, in_force=in_force, now=now),
        today=view.tally(now // DAY),
        window_days=state.trust.catalog.policy.window_days,
        now=now,
    )


def _end(certificate: Certificate) -> CertificateEnd:
    said = certificate.claims
    return CertificateEnd(said.group, said.exp, said.host, certificate.by_telephone)


def _counts(state: HostState, view: HostView, *, groups: frozenset[str], now: int) -> tuple[GroupCount, ...]:
    catalog = state.trust.catalog
    since = thresholds.window_start(catalog.policy, now)
    found = []
    for count_group in catalog.count_groups.values():
        members = [
            group
            for group in catalog.product_groups.values()
            if group.id in groups and group.count_group == count_group.id and group.threshold is not None
        ]
        if members:
            count = view.count(count_group.id, since)
            needs = tuple(_threshold(group, count) for group in members)
            found.append(GroupCount(count_group.id, count_group.name, count, needs))
    return tuple(found)


def _threshold(group: ProductGroup, count: int) -> Threshold:
    needed = group.threshold or 0
    return Threshold(group.id, group.name, needed, count >= needed)


def _has_key(host: Host, certificate: Certificate) -> bool:
    """Whether the device key that signs under a certificate is there and whole."""
    try:
        return host.vault.signer(certificate.jkt) is not None
    except VolactError:
        return False


def _to_call(state: HostState, *, in_force: tuple[Certificate, ...], now: int) -> Iterator[Refusal]:
    """Who has to be called for a certificate by telephone, from the last third of its time on."""
    policy, center = state.trust.catalog.policy, state.trust.catalog.center_for(None)
    for each in in_force:
        if each.by_telephone and now >= each.claims.exp - policy.telephone_months * _A_THIRD:
            until = datetime.fromtimestamp(each.claims.exp, UTC).strftime("%Y-%m-%d")
            whom = f"call {center.number}" if center else "call the activation center"
            detail = f"the confirmation for {each.claims.group} holds until {until}; {whom} before"
            yield Refusal("host_certificate_ends", detail, {"center": center.as_fields if center else None})


def _warnings(host: Host, state: HostState, *, in_force: tuple[Certificate, ...], now: int) -> tuple[Refusal, ...]:
    found = [each for each in (check_machine(state.settings),) if each is not None]
    found += _to_call(state, in_force=in_force, now=now)
    forked = host.watcher.fork()
    if forked is not None:
        found.append(forked)
    if any(key.cloned is not None for key in host.store.host_keys()):
        detail = "another copy of this host renewed its certificate, or its device key was revoked; it runs to its end"
        found.append(Refusal("clone_detected", detail))
    if state.newest and not in_force:
        whole = all(_has_key(host, each) for each in state.newest)
        why = "has ended or was revoked" if whole else "has lost its device key"
        found.append(Refusal("host_not_activated", f"this host's certificate {why}; it gives no leases"))
    return tuple(found)
