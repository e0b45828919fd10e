"""The reasons of advice, each one sentence for people: names of the catalog, numbers, no codes."""

from __future__ import annotations

from collections.abc import Sequence

from volact.errors import sentence
from volact.licensing.advice.case import Case
from volact.licensing.catalog import Product, Update
from volact.licensing.hosting import FEW_COMPUTERS

KINDS = {
    "mak": "multiple activation key",
    "host": "host key",
    "setup": "setup key",
    "cal": "client access key",
    "retail": "retail key",
    "oem": "OEM key",
    "trial": "trial key",
}


def number_of(number: int, what: str) -> str:
    """A number with its noun: 1 computer, 2 computers."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def host(case: Case, key: str, *, update: Update | None) -> str:
    """Why a host with the key of this product group may be used."""
    first = (
        f"an activation host with a host key for {_group(case, key)} activates {_wanted(case)} on "
        f"{number_of(case.question.computers, 'computer')}: {_count(case)}"
    )
    preferred = case.question.virtual and "mak" in case.wanted.kinds
    few = case.few and "mak" in case.wanted.kinds and not preferred
    return _told(
        first,
        "it is preferred for virtual computers, because it takes no activations" if preferred else "",
        f"for fewer than {FEW_COMPUTERS} computers a multiple activation key is less work" if few else "",
        "" if case.few else "with two hosts, one may fail",
        f"{_platform(case)} takes that key after an update ({update.name})" if update else "",
        *_conditions(case),
    )


def directory(case: Case, key: str) -> str:
    """Why the directory may be used."""
    first = (
        f"computers in the domain activate {_wanted(case)} by themselves, with an object in the directory that is made "
        f"with a host key for {_group(case, key)}"
    )
    return _told(first, "no number of computers is needed for it", *_conditions(case))


def mak(case: Case, *, hosted: bool, ask_for: int | None) -> str:
    """Why a multiple activation key may be used; `hosted` says whether a host may be, too."""
    number = case.question.computers
    takes = number_of(number, "activation") + ("" if number == 1 else ", one for each computer")
    first = f"a multiple activation key for {case.group.name} activates {_wanted(case)} and takes {takes}"
    return _told(first, _why_mak(case, hosted), _left(case, ask_for=ask_for), *_conditions(case))


def client_access(case: Case, product: Product) -> str:
    """Why client access licenses take a key of their own."""
    number = case.question.computers
    servers = (
        "the server that holds them takes" if number == 1 else f"each of the {number} servers that hold them takes"
    )
    return _told(f"a client access key is needed for {product.name}, of which {servers} one activation")


def setup(case: Case) -> str:
    """Why a setup key is to be used, and how one gets it."""
    where = (
        "the key is printed on the media and is shown nowhere else"
        if case.wanted.key_on_media
        else "the key is on the sleeve of the media, beside the download, or given by the activation center"
    )
    return _told(
        f"{_wanted(case)} takes a setup key, and needs no network and no activation", where, *_conditions(case)
    )


def retail(case: Case) -> str:
    """Why a retail key is to be used."""
    return _told(f"every computer with {_wanted(case)} takes a retail key of its own")


def nothing(product: Product) -> str:
    """Why no key is needed."""
    return _told(f"no key and no activation is needed for {product.name}")


def kept(case: Case, channel: str) -> str:
    """Why the key of a preinstalled product stays in use."""
    key = "OEM key" if channel == "oem" else "retail key"
    return _told(f"{_computers(case)} came with {case.wanted.name}, whose own {key} goes on activating it")


def preinstalled(case: Case) -> str:
    """Why volume methods do not serve what is preinstalled."""
    return _told(
        f"volume keys and hosts serve volume installations, and {case.wanted.name} is preinstalled on "
        f"{_computers(case)}: reimage them from volume media first"
    )


def not_offered(product: Product, kind: str) -> str:
    """Why no key of a kind can be used."""
    offered = [KINDS[each] for each in product.kinds]
    instead = f"; what is offered: {', '.join(offered)}" if offered else ""
    return _told(f"no {KINDS[kind]} is offered for {product.name}{instead}")


def not_in_directory(case: Case) -> str:
    """Why the directory cannot be used."""
    return _told(f"{case.wanted.name} does not activate by membership in a domain")


def too_few(case: Case) -> str:
    """Why a host does not do yet."""
    uncounted = case.question.virtual and not case.wanted.counts_virtual
    return _told(
        f"a host activates {case.wanted.name} from {number_of(case.threshold, 'computer')} on, and only "
        f"{case.counted} would count",
        "virtual computers with it do not add to the count" if uncounted else "",
    )


def out_of_reach(case: Case) -> str:
    """Why nothing on the network does."""
    days = case.catalog.policy.lease_days
    return _told(f"such an activation lasts {days} days, and the computers do not reach the network within them")


def platform(case: Case, barred: Sequence[str], *, beside: Sequence[str], virtual: bool) -> str:
    """Why a machine cannot be the host: for some product groups, or for any as a virtual computer."""
    if virtual:
        return _told(f"{_platform(case)} cannot be a host on a virtual computer")
    fine = f", although it can for {_names(case, beside)}" if beside else ""
    return _told(f"{_platform(case)} cannot be a host for {_names(case, barred)}{fine}")


def downgrade(case: Case) -> str:
    """Why another product does not stand in for the one that is owned."""
    return _told(f"{case.wanted.name} is not among the products that may be installed in place of {case.owned.name}")


def not_identical(case: Case, found: Product) -> str:
    """Why reimaging is not allowed."""
    return _told(
        f"reimaging from volume media is for identical copies, and {_computers(case)} came with {found.name}, "
        f"not with {case.owned.name}"
    )


def no_unit(case: Case) -> str:
    """Why a purchase program does not let copies be reimaged."""
    under = case.program.name if case.program else ""
    return _told(f"under {under}, reimaging takes at least one license of {case.owned.name}, and none was purchased")


def right(case: Case, name: str, *, copies: int) -> str:
    """Why a right of the program does not reach."""
    under = case.program.name if case.program else ""
    return _told(f"the {name} right of {under} covers {copies} of {_computers(case)}")


def _why_mak(case: Case, hosted: bool) -> str:
    asked, product = case.question, case.wanted
    if "host" not in product.kinds:
        return (
            "it installs as a client of a host although no host serves it, and installing this key, at set-up or any "
            "time after, turns it into a client of the key"
        )
    if not case.enough:
        return f"a host would need {case.threshold} computers, and {case.counted} would count"
    if not asked.connected:
        return f"a host would have to be reached every {case.catalog.policy.lease_days} days"
    if not hosted:
        return "it does without a host"
    if asked.virtual:
        return "for virtual computers a host is preferred, because every one of them takes an activation here"
    if case.few:
        return f"with fewer than {FEW_COMPUTERS} computers it is less work than a host, by the fleet tool"
    return "a host takes none, so it is preferred for so many computers"


def _left(case: Case, *, ask_for: int | None) -> str:
    """What the key has, and what is missing."""
    if ask_for is None:
        return ""
    has = (
        f"a new one gets {number_of(case.available or 0, 'activation')}"
        if case.question.mak_remaining is None
        else f"{case.available} {'is' if case.available == 1 else 'are'} left"
    )
    return f"{has}, so ask for {ask_for} more" if ask_for else f"{has}, which is enough"


def _conditions(case: Case) -> tuple[str, ...]:
    """What holds for every key of the wanted product."""
    return (
        "volume media may reimage copies that are identical" if case.question.reimage else "",
        f"the activation center gives keys under {case.program.name} out by telephone"
        if case.program and not case.program.shows_keys
        else "",
        "the media come by post" if case.wanted.media == "post" else "",
    )


def _wanted(case: Case) -> str:
    place = f", installed in place of {case.owned.name}," if case.downgrade else ""
    return f"{case.wanted.name}{place}"


def _count(case: Case) -> str:
    others = case.total - case.question.computers
    with_them = f" with the {others} that it counts already" if others else ""
    return f"{case.counted} would count{with_them}, and {case.threshold} are needed"


def _computers(case: Case) -> str:
    return "the computer" if case.question.computers == 1 else f"the {case.question.computers} computers"


def _group(case: Case, group: str) -> str:
    return case.catalog.product_groups[group].name


def _names(case: Case, groups: Sequence[str]) -> str:
    return " and ".join(_group(case, group) for group in groups)


def _platform(case: Case) -> str:
    return case.catalog.host_platforms[case.question.host.platform].name if case.question.host else ""


def _told(*clauses: str) -> str:
    """One sentence of the clauses that are not empty."""
    return sentence("; ".join(clause for clause in clauses if clause))
