"""The reasons of advice, each one sentence for people: names of the catalog, numbers, no codes."""

from __future__ import annotations

from collections.abc import Sequence

from volact.errors import Words, in_turn, say, say_number
from volact.licensing.advice.case import Case
from volact.licensing.catalog import Product, Update
from volact.licensing.hosting import FEW_COMPUTERS

Clause = Words | str
"""Words of a whole clause; empty where there is nothing to say."""

KINDS = {
    "mak": say("multiple activation key"),
    "host": say("host key"),
    "setup": say("setup key"),
    "cal": say("client access key"),
    "retail": say("retail key"),
    "oem": say("OEM key"),
    "trial": say("trial key"),
}


def host(case: Case, key: str, *, update: Update | None) -> Words:
    """Why a host with the key of this product group may be used."""
    first = say_number(
        "an activation host with a host key for {group} activates {product} on {num} computer: {count}",
        "an activation host with a host key for {group} activates {product} on {num} computers: {count}",
        num=case.question.computers,
        group=_group(case, key),
        product=_wanted(case),
        count=_count(case),
    )
    preferred = case.question.virtual and "mak" in case.wanted.kinds
    few = case.few and "mak" in case.wanted.kinds and not preferred
    less = say("for fewer than {few} computers a multiple activation key is less work", few=FEW_COMPUTERS)
    return _told(
        first,
        say("it is preferred for virtual computers, because it takes no activations") if preferred else "",
        less if few else "",
        "" if case.few else say("with two hosts, one may fail"),
        _after(case, update) if update else "",
        *_conditions(case),
    )


def directory(case: Case, key: str) -> Words:
    """Why the directory may be used."""
    first = say(
        "computers in the domain activate {product} by themselves, with an object in the directory that is made with "
        "a host key for {group}",
        product=_wanted(case),
        group=_group(case, key),
    )
    return _told(first, say("no number of computers is needed for it"), *_conditions(case))


def mak(case: Case, *, hosted: bool, ask_for: int | None) -> Words:
    """Why a multiple activation key may be used; `hosted` says whether a host may be, too."""
    first = say_number(
        "a multiple activation key for {group} activates {product} and takes {num} activation",
        "a multiple activation key for {group} activates {product} and takes {num} activations, one for each computer",
        num=case.question.computers,
        group=case.group.name,
        product=_wanted(case),
    )
    return _told(first, _why_mak(case, hosted), _left(case, ask_for=ask_for), *_conditions(case))


def client_access(case: Case, product: Product) -> Words:
    """Why client access licenses take a key of their own."""
    return say_number(
        "a client access key is needed for {product}, of which the server that holds them takes one activation",
        "a client access key is needed for {product}, of which each of the {num} servers that hold them takes one "
        "activation",
        num=case.question.computers,
        product=product.name,
    )


def setup(case: Case) -> Words:
    """Why a setup key is to be used, and how one gets it."""
    where = (
        say("the key is printed on the media and is shown nowhere else")
        if case.wanted.key_on_media
        else say("the key is on the sleeve of the media, beside the download, or given by the activation center")
    )
    first = say("{product} takes a setup key, and needs no network and no activation", product=_wanted(case))
    return _told(first, where, *_conditions(case))


def retail(case: Case) -> Words:
    """Why a retail key is to be used."""
    return say("every computer with {product} takes a retail key of its own", product=_wanted(case))


def nothing(product: Product) -> Words:
    """Why no key is needed."""
    return say("no key and no activation is needed for {product}", product=product.name)


def kept(case: Case, channel: str) -> Words:
    """Why the key of a preinstalled product stays in use."""
    return say_number(
        "the computer came with {product}, whose own {key} goes on activating it",
        "the {num} computers came with {product}, whose own {key} goes on activating it",
        num=case.question.computers,
        product=case.wanted.name,
        key=KINDS["oem" if channel == "oem" else "retail"],
    )


def preinstalled(case: Case) -> Words:
    """Why volume methods do not serve what is preinstalled."""
    return say_number(
        "volume keys and hosts serve volume installations, and {product} is preinstalled on the computer: reimage them "
        "from volume media first",
        "volume keys and hosts serve volume installations, and {product} is preinstalled on the {num} computers: "
        "reimage them from volume media first",
        num=case.question.computers,
        product=case.wanted.name,
    )


def not_offered(product: Product, kind: str) -> Words:
    """Why no key of a kind can be used."""
    offered = in_turn(", ", *(KINDS[each] for each in product.kinds))
    return _told(
        say("no {kind} is offered for {product}", kind=KINDS[kind], product=product.name),
        say("what is offered: {kinds}", kinds=offered) if product.kinds else "",
    )


def not_in_directory(case: Case) -> Words:
    """Why the directory cannot be used."""
    return say("{product} does not activate by membership in a domain", product=case.wanted.name)


def too_few(case: Case) -> Words:
    """Why a host does not do yet."""
    uncounted = case.question.virtual and not case.wanted.counts_virtual
    first = say_number(
        "a host activates {product} from {num} computer on, and only {counted} would count",
        "a host activates {product} from {num} computers on, and only {counted} would count",
        num=case.threshold,
        product=case.wanted.name,
        counted=case.counted,
    )
    return _told(first, say("virtual computers with it do not add to the count") if uncounted else "")


def out_of_reach(case: Case) -> Words:
    """Why nothing on the network does."""
    return say_number(
        "such an activation lasts {num} days, and the computers do not reach the network within them",
        "such an activation lasts {num} days, and the computers do not reach the network within them",
        num=case.catalog.policy.lease_days,
    )


def platform(case: Case, barred: Sequence[str], *, beside: Sequence[str], virtual: bool) -> Words:
    """Why a machine cannot be the host: for some product groups, or for any as a virtual computer."""
    name = _platform(case)
    if virtual:
        return say("{platform} cannot be a host on a virtual computer", platform=name)
    never = _names(case, barred)
    if not beside:
        return say("{platform} cannot be a host for {groups}", platform=name, groups=never)
    fine = _names(case, beside)
    return say(
        "{platform} cannot be a host for {groups}, although it can for {others}",
        platform=name,
        groups=never,
        others=fine,
    )


def downgrade(case: Case) -> Words:
    """Why another product does not stand in for the one that is owned."""
    return say(
        "{product} is not among the products that may be installed in place of {owned}",
        product=case.wanted.name,
        owned=case.owned.name,
    )


def not_identical(case: Case, found: Product) -> Words:
    """Why reimaging is not allowed."""
    return say_number(
        "reimaging from volume media is for identical copies, and the computer came with {found}, not with {owned}",
        "reimaging from volume media is for identical copies, and the {num} computers came with {found}, not with "
        "{owned}",
        num=case.question.computers,
        found=found.name,
        owned=case.owned.name,
    )


def no_unit(case: Case) -> Words:
    """Why a purchase program does not let copies be reimaged."""
    return say(
        "under {program}, reimaging takes at least one license of {owned}, and none was purchased",
        program=_under(case),
        owned=case.owned.name,
    )


def downgrade_right(case: Case, copies: int) -> Words:
    """Why the program's right to downgrade does not reach."""
    return say_number(
        "the downgrade right of {program} covers {copies} of the computer",
        "the downgrade right of {program} covers {copies} of the {num} computers",
        num=case.question.computers,
        program=_under(case),
        copies=copies,
    )


def reimaging_right(case: Case, copies: int) -> Words:
    """Why the program's right to reimage does not reach."""
    return say_number(
        "the reimaging right of {program} covers {copies} of the computer",
        "the reimaging right of {program} covers {copies} of the {num} computers",
        num=case.question.computers,
        program=_under(case),
        copies=copies,
    )


def _why_mak(case: Case, hosted: bool) -> Words:
    asked, product = case.question, case.wanted
    if "host" not in product.kinds:
        return say(
            "it installs as a client of a host although no host serves it, and installing this key, at set-up or any "
            "time after, turns it into a client of the key"
        )
    if not case.enough:
        return say_number(
            "a host would need {num} computers, and {counted} would count",
            "a host would need {num} computers, and {counted} would count",
            num=case.threshold,
            counted=case.counted,
        )
    if not asked.connected:
        return say_number(
            "a host would have to be reached every {num} days",
            "a host would have to be reached every {num} days",
            num=case.catalog.policy.lease_days,
        )
    if not hosted:
        return say("it does without a host")
    if asked.virtual:
        return say("for virtual computers a host is preferred, because every one of them takes an activation here")
    if case.few:
        return say("with fewer than {few} computers it is less work than a host, by the fleet tool", few=FEW_COMPUTERS)
    return say("a host takes none, so it is preferred for so many computers")


def _left(case: Case, *, ask_for: int | None) -> Clause:
    """What the key has, and what is missing."""
    if ask_for is None:
        return ""
    num = case.available or 0
    if case.question.mak_remaining is None:
        if not ask_for:
            return say_number(
                "a new one gets {num} activation, which is enough",
                "a new one gets {num} activations, which is enough",
                num=num,
            )
        return say_number(
            "a new one gets {num} activation, so ask for {ask_for} more",
            "a new one gets {num} activations, so ask for {ask_for} more",
            num=num,
            ask_for=ask_for,
        )
    if not ask_for:
        return say_number("{num} is left, which is enough", "{num} are left, which is enough", num=num)
    return say_number(
        "{num} is left, so ask for {ask_for} more",
        "{num} are left, so ask for {ask_for} more",
        num=num,
        ask_for=ask_for,
    )


def _conditions(case: Case) -> tuple[Clause, ...]:
    """What holds for every key of the wanted product."""
    return (
        say("volume media may reimage copies that are identical") if case.question.reimage else "",
        say("the activation center gives keys under {program} out by telephone", program=case.program.name)
        if case.program and not case.program.shows_keys
        else "",
        say("the media come by post") if case.wanted.media == "post" else "",
    )


def _wanted(case: Case) -> Words | str:
    if not case.downgrade:
        return case.wanted.name
    return say("{product}, installed in place of {owned},", product=case.wanted.name, owned=case.owned.name)


def _count(case: Case) -> Words:
    others = case.total - case.question.computers
    if not others:
        return say("{counted} would count, and {threshold} are needed", counted=case.counted, threshold=case.threshold)
    return say(
        "{counted} would count with the {others} that it counts already, and {threshold} are needed",
        counted=case.counted,
        others=others,
        threshold=case.threshold,
    )


def _after(case: Case, update: Update) -> Words:
    return say("{platform} takes that key after an update ({update})", platform=_platform(case), update=update.name)


def _under(case: Case) -> str:
    return case.program.name if case.program else ""


def _group(case: Case, group: str) -> str:
    return case.catalog.product_groups[group].name


def _names(case: Case, groups: Sequence[str]) -> Words:
    return in_turn(" and ", *(_group(case, group) for group in groups))


def _platform(case: Case) -> str:
    return case.catalog.host_platforms[case.question.host.platform].name if case.question.host else ""


def _told(*clauses: Clause) -> Words:
    """One sentence of the clauses that are not empty."""
    return in_turn("; ", *clauses)
