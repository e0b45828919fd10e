"""Hosts in advice: which host keys serve a product, on which machine, whether enough computers count (F15 to F20)."""

from __future__ import annotations

from volact.licensing.advice import words
from volact.licensing.advice.case import Answer, Case, Stop, Way, entitled_stop, excluded
from volact.licensing.catalog import Update
from volact.licensing.hosting import WayOut, ways_out


def host_ways(case: Case) -> list[Way]:
    """A host with the own key, and for a downgrade before it with the key of the product that is owned (F38)."""
    return [_host_way(case, key) for key in host_keys(case)]


def further_ways(case: Case) -> list[Answer]:
    """Hosts with any other key that serves the wanted product, where they may be used (F19)."""
    found = (_host_way(case, key) for key in _further_keys(case))
    return [way for way in found if isinstance(way, Answer)]


def directory_way(case: Case) -> Way | None:
    """The domain's directory, None where the computers are in no domain (F32)."""
    if not case.question.domain:
        return None
    key = next((key for key in host_keys(case) if _unclaimed(case, key) is None), case.group.host_key_group)
    stop = _unsupported(case) or _unreachable(case)
    if stop:
        return excluded("directory", "host", group=key, stop=stop)
    return Answer(
        method="directory", key_kind="host", product_group=key, words=words.directory(case, key), rule=case.rule
    )


def host_keys(case: Case) -> list[str]:
    """The product groups of the host keys that come first: none where no host serves the wanted product."""
    if "host" not in case.wanted.kinds:
        return []
    keys = [case.group.host_key_group]
    if case.downgrade and "host" in case.owned.kinds:
        owned = case.catalog.group_of(case.owned.id).host_key_group
        if case.group.id in case.catalog.groups_of_host_key(owned):
            keys.insert(0, owned)
    return list(dict.fromkeys(keys))


def host_ways_out(case: Case) -> tuple[WayOut, ...]:
    """The platforms that can be the host for all that it is to serve; none where the one in question will do (F16)."""
    keys = host_keys(case)
    if not keys or not all(isinstance(_platform(case, key), Stop) for key in keys):
        return ()
    return ways_out(case.catalog, {keys[0]: "", **case.beside})


def _host_way(case: Case, key: str) -> Way:
    judged = _platform(case, key)
    trouble = judged if isinstance(judged, Stop) else None
    stop = _unclaimed(case, key) or trouble or _below_threshold(case) or _unreachable(case)
    if stop:
        return excluded("host", "host", group=key, stop=stop)
    update = judged if isinstance(judged, Update) else None
    return Answer(
        method="host",
        key_kind="host",
        product_group=key,
        hosts=1 if case.few else 2,
        words=words.host(case, key, update=update),
        rule="F17" if update else case.rule,
        update=update.id if update else None,
    )


def _further_keys(case: Case) -> list[str]:
    """In the catalog's order, the groups whose host key serves the wanted product and can be had."""
    first = host_keys(case)
    groups = case.catalog.product_groups.values()
    serving = [group.id for group in groups if case.group.id in group.activates and group.id not in first]
    if not first:
        return []
    products = case.host_products
    return [group for group in serving if any(each in case.entitled for each in products.get(group, ()))]


def _unclaimed(case: Case, key: str) -> Stop | None:
    """What keeps the agreement from a host key: nothing if one of the products that it is given for is claimed."""
    products = case.host_products[key]
    return None if any(each in case.entitled for each in products) else entitled_stop(case, products[0])


def _platform(case: Case, key: str) -> Stop | Update | None:
    """What keeps the machine in question from being this host, else the update that it needs before."""
    asked = case.question.host
    if asked is None:
        return None
    told = {key: case.word(key), **case.beside}
    barred = [group for group, word in told.items() if word == "never"]
    if barred:
        virtual = asked.virtual and not case.catalog.host_platforms[asked.platform].may_be_virtual
        fine = [group for group in told if group not in barred]
        rule = "F20" if virtual else "F16" if fine else "F15"
        why = words.platform(case, barred, beside=fine, virtual=virtual)
        return Stop("host_platform_unsupported", why, rule)
    late = next((word for word in told.values() if word != "yes"), None)
    return case.catalog.updates[late] if late else None


def _below_threshold(case: Case) -> Stop | None:
    return None if case.enough else Stop("count_insufficient", words.too_few(case), "F31")


def _unreachable(case: Case) -> Stop | None:
    return None if case.question.connected else Stop("host_unreachable", words.out_of_reach(case), "F31")


def _unsupported(case: Case) -> Stop | None:
    if case.group.directory and "host" in case.wanted.kinds:
        return None
    return Stop("product_not_served", words.not_in_directory(case), case.wanted.rule or "F34")
