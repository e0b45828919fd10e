"""Ways in advice that need no host: multiple activation keys, setup keys, client access licenses, no key at all."""

from __future__ import annotations

from volact.errors import Words
from volact.licensing.advice import words
from volact.licensing.advice.case import Answer, Case, Stop, Way, entitled_stop, excluded, sold_stop

_METHODS = {"host": "host", "mak": "mak", "setup": "setup", "cal": "mak"}


def mak_way(case: Case, *, hosted: bool) -> Way:
    """The multiple activation key of the wanted product's group (F27 to F29); `hosted`: whether a host may be used."""
    if "mak" not in case.wanted.kinds:
        return not_offered(case, "mak", rule="F02")
    number, available = case.question.computers, case.available
    ask_for = None if available is None else max(0, number - available)
    return Answer(
        method="mak",
        key_kind="mak",
        product_group=case.group.id,
        activations=number,
        words=words.mak(case, hosted=hosted, ask_for=ask_for),
        rule=case.rule if "host" in case.wanted.kinds else case.wanted.rule or "F39",
        ask_for=ask_for,
    )


def setup_way(case: Case) -> Answer:
    """The setup key of the wanted product (F34, F38)."""
    rule = case.wanted.rule or ("F38" if case.downgrade else "F34")
    return _answer(case, "setup", kind="setup", why=words.setup(case), rule=rule)


def keyless_way(case: Case) -> Answer:
    """What needs no key (F02)."""
    return _answer(case, "none", kind=None, why=words.nothing(case.wanted), rule=case.wanted.rule or "F02")


def not_offered(case: Case, kind: str, *, rule: str) -> Way:
    """A kind of key that the catalog does not offer for the wanted product."""
    group = case.group.host_key_group if kind == "host" else case.group.id
    stop = Stop("kind_not_offered", words.not_offered(case.wanted, kind), case.wanted.rule or rule)
    return excluded(kind, kind, group=group, stop=stop)


def other_ways(case: Case) -> list[Way]:
    """What else opens a product that is activated: client access keys, setup keys, retail keys if nothing else does."""
    kinds, number = case.wanted.kinds, case.question.computers
    found: list[Way] = []
    if "cal" in kinds:
        why = words.client_access(case, case.wanted)
        rule = case.wanted.rule or "F40"
        found.append(_answer(case, "mak", kind="cal", why=why, rule=rule, activations=number))
    if "setup" in kinds:
        found.append(setup_way(case))
    if "retail" in kinds and not _METHODS.keys() & kinds:
        rule = case.wanted.rule or "F01"
        found.append(_answer(case, "retail", kind="retail", why=words.retail(case), rule=rule, activations=number))
    return found


def access_ways(case: Case) -> list[Way]:
    """What the client access licenses of the wanted product need (F40)."""
    if case.wanted.client_access is None:
        return []
    product = case.catalog.products[case.wanted.client_access]
    method, kind = ("none", None) if product.needs == "none" else ("mak", "cal")
    if stop := sold_stop(product) or entitled_stop(case, product.id):
        return [excluded(method, kind, group=product.group, stop=stop)]
    return [
        Answer(
            method=method,
            key_kind=kind,
            product_group=product.group,
            activations=case.question.computers if kind else 0,
            words=words.client_access(case, product) if kind else words.nothing(product),
            rule=product.rule or "F40",
        )
    ]


def kept_ways(case: Case, channel: str) -> list[Way]:
    """What activates computers whose preinstalled product stays as it is (F46)."""
    kind = channel if channel in case.wanted.kinds else None
    own = _answer(case, channel, kind=kind, why=words.kept(case, channel), rule="F46")
    stop = Stop("wrong_channel", words.preinstalled(case), "F46")
    host = excluded("host", "host", group=case.group.host_key_group, stop=stop)
    return [own, host, excluded("mak", "mak", group=case.group.id, stop=stop)]


def stopped_ways(case: Case, stop: Stop) -> list[Way]:
    """Every way to the wanted product where something keeps all of them from being used."""
    kinds = case.wanted.kinds
    named: list[tuple[str, str | None]] = [(method, kind) for kind, method in _METHODS.items() if kind in kinds]
    if "host" in kinds and case.group.directory and case.question.domain:
        named.insert(0, ("directory", "host"))
    if not named:
        named = [("retail", "retail") if "retail" in kinds else ("none", None)]
    return [
        excluded(method, kind, group=case.group.host_key_group if kind == "host" else case.group.id, stop=stop)
        for method, kind in named
    ]


def _answer(case: Case, method: str, *, kind: str | None, why: Words, rule: str, activations: int = 0) -> Answer:
    return Answer(
        method=method,
        key_kind=kind,
        product_group=case.group.id,
        activations=activations,
        words=why,
        rule=rule,
    )
