"""Which machine may be an activation host, what its key lets it serve, and the slots that a host key has."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct

from volact.errors import Refusal, Words, in_turn, say
from volact.licensing.catalog import Catalog, Center
from volact.licensing.tables import with_nearest

FEW_COMPUTERS = 50  # below it the FAQ prefers a multiple activation key with the fleet tool (F16, F31)


class WayOut(Struct, frozen=True):
    """A platform that can be a host: whether also as a virtual computer, and the update it needs before, if any."""

    platform: str
    virtual: bool
    update: str | None


def may_host(
    catalog: Catalog, version: int, *, platform: str, virtual: bool, group: str, beside: Collection[str] = ()
) -> Refusal | None:
    """Whether a machine may take a host key of a product group, judged by the catalog version that it has.

    In this order: whether the platform may be virtual, whether it may ever host the group, whether it has the update.
    A platform that may not names the ways out, for the group and for those that the host serves `beside` it.
    """
    known = catalog.host_platforms.get(platform)
    name = catalog.product_groups[group].name
    fields: dict[str, object] = {"platform": platform, "product_group": group}
    if known is None:
        return Refusal("host_platform_unsupported", _no_platform(catalog, platform), fields)
    word = host_word(catalog, platform, virtual=virtual, group=group)
    if word == "never":
        ways = ways_out(catalog, [group, *(other for other in beside if other in catalog.product_groups)])
        cause = say("{platform} cannot be a host for {group}", platform=known.name, group=name)
        if virtual and not known.may_be_virtual:
            cause = say("{platform} cannot be a host on a virtual computer", platform=known.name)
        detail = say("{cause}. {ways}", cause=cause, ways=_told(catalog, ways, group=group))
        listed = [{"platform": way.platform, "virtual": way.virtual, "update": way.update} for way in ways]
        return Refusal("host_platform_unsupported", detail, {**fields, "ways_out": listed})
    if word != "yes" and version < catalog.updates[word].from_version:
        update = catalog.updates[word]
        detail = say(
            "{platform} needs an update before it takes a host key for {group}: {update}, "
            "which comes with catalog version {needed} (this host has {version})",
            platform=known.name,
            group=name,
            update=update.name,
            needed=update.from_version,
            version=version,
        )
        return Refusal("host_update_required", detail, {**fields, "update": word})
    return None


def host_word(catalog: Catalog, platform: str, *, virtual: bool, group: str) -> str:
    """What the catalog says of a machine as a host for a product group: `yes`, `never`, or the update it needs before.

    An unknown platform is a KeyError.
    """
    if virtual and not catalog.host_platforms[platform].may_be_virtual:
        return "never"
    return catalog.product_groups[group].hosts.get(platform, "never")


def ways_out(catalog: Catalog, groups: Collection[str]) -> tuple[WayOut, ...]:
    """The platforms that can be a host for all of these product groups at once, in the catalog's order."""
    ways = []
    for platform in catalog.host_platforms.values():
        words = [catalog.product_groups[group].hosts.get(platform.id, "never") for group in groups]
        if "never" not in words:
            update = next((word for word in words if word != "yes"), None)
            ways.append(WayOut(platform.id, platform.may_be_virtual, update))
    return tuple(ways)


def _no_platform(catalog: Catalog, platform: str) -> Words:
    no_such = say('the catalog has no host platform "{platform}"', platform=platform)
    return with_nearest(no_such, platform, known=catalog.host_platforms)


def _told(catalog: Catalog, ways: Sequence[WayOut], *, group: str) -> Words:
    """The ways out as sentences."""
    names = [_way(catalog.host_platforms[way.platform].name, way) for way in ways]
    can = say("These can: {names}.", names=in_turn("; ", *names))
    told = can if names else say("No host platform of the catalog can.")
    if "mak" not in catalog.product_groups[group].kinds:
        return told
    few = say(
        "With fewer than {few} computers, a multiple activation key does without a host.",
        few=FEW_COMPUTERS,
    )
    return say("{can} {few}", can=told, few=few)


def _way(name: str, way: WayOut) -> Words | str:
    if way.virtual and way.update:
        return say("{platform} (also as a virtual computer) (after an update)", platform=name)
    if way.virtual:
        return say("{platform} (also as a virtual computer)", platform=name)
    return say("{platform} (after an update)", platform=name) if way.update else name


def serves(catalog: Catalog, groups: Collection[str], *, product: str) -> Refusal | None:
    """Refuses (`product_not_served`) a product that no host serves, or whose group is not among a host's groups."""
    fields = {"product": product}
    known = catalog.products.get(product)
    if known is None:
        detail = say('the catalog of this host has no product "{product}"; a newer catalog may', product=product)
        return Refusal("product_not_served", detail, fields)
    if "host" not in known.kinds:
        detail = say("{product} is served by no activation host", product=known.name)
        return Refusal("product_not_served", detail, fields)
    if known.group not in groups:
        detail = say("the keys of this host do not serve {product}", product=known.name)
        return Refusal("product_not_served", detail, fields)
    return None


class Slot(Struct, frozen=True):
    """One of the hosts of a host key: its id, its hardware, its present device key, its re-activations so far."""

    host: str
    dev: str
    jkt: str
    reactivations: int = 0


class NewSlot(Struct, frozen=True):
    """A machine that the host key has not seen: it takes a slot."""


class SameDevice(Struct, frozen=True):
    """The same machine with the same device key: nothing is taken."""

    slot: Slot


class Reactivation(Struct, frozen=True):
    """The same machine with a new device key: it takes one re-activation and ends the old device key `ended`."""

    slot: Slot
    ended: str


def admit_host(
    slots: Sequence[Slot], *, dev: str, jkt: str, limit: int, reactivations: int, center: Center | None = None
) -> NewSlot | SameDevice | Reactivation | Refusal:
    """Decides what an activation of a host takes: a slot per hardware, a re-activation per new device key on it.

    `limit` slots and `reactivations` for each of them; beyond either, `host_limit_reached` with the center to call.
    """
    own = next((slot for slot in slots if slot.dev == dev), None)
    if own is None:
        if len(slots) < limit:
            return NewSlot()
        detail = say(
            "this host key has set up {taken} of {limit} hosts; the activation center can free a slot",
            taken=len(slots),
            limit=limit,
        )
        return Refusal("host_limit_reached", detail, _limit_fields(center))
    if own.jkt == jkt:
        return SameDevice(own)
    if own.reactivations >= reactivations:
        detail = say(
            "this host was activated again {times} times, and the limit is {limit}",
            times=own.reactivations,
            limit=reactivations,
        )
        return Refusal("host_limit_reached", detail, _limit_fields(center))
    return Reactivation(Slot(own.host, own.dev, jkt, own.reactivations + 1), own.jkt)


def reactivations_left(taken: int, reactivations: int) -> int:
    """How many times a host that was activated again so often may still be; never below 0."""
    return max(0, reactivations - taken)


def check_renewal(slot: Slot, *, jkt: str, renewed: bool) -> Refusal | None:
    """Refuses (`clone_detected`) the renewal of a device key that was ended, or of a certificate renewed already.

    `renewed` says whether the certificate named as predecessor has a successor on record under another request.
    """
    if slot.jkt != jkt:
        detail = say("another copy of this host was activated again since, which ended this copy's device key")
    elif renewed:
        detail = say("another copy of this host has renewed this certificate already")
    else:
        return None
    return Refusal("clone_detected", detail, {"host": slot.host})


def host_revoked(slot: Slot) -> Refusal:
    """The refusal of a host whose device key the publisher has revoked."""
    detail = say("the publisher has revoked this host's device key; `volact host activate` there makes a new one")
    return Refusal("host_revoked", detail, {"host": slot.host})


def _limit_fields(center: Center | None) -> dict[str, object]:
    return {"center": center.as_fields if center else None}
