"""Advice: which keys a customer may use for a product, by which method, and how many (F16, F31, F34, F38 to F40, F46).

The catalog's data decide, and no product's name: a new product needs no code. The order in which the ways are judged is
the FAQ's; every answer names the rule that it follows from.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from volact.errors import Refusal, Words
from volact.licensing.advice import words
from volact.licensing.advice.case import Answer, Case, Excluded, Stop, Way, case_of, entitled_stop, sold_stop
from volact.licensing.advice.hosts import directory_way, further_ways, host_ways, host_ways_out
from volact.licensing.advice.question import Question, check_question
from volact.licensing.advice.ways import (
    access_ways,
    kept_ways,
    keyless_way,
    mak_way,
    not_offered,
    other_ways,
    setup_way,
    stopped_ways,
)
from volact.licensing.catalog import Catalog, Center
from volact.licensing.hosting import WayOut


class Advice(Struct, frozen=True, kw_only=True):
    """The ways that may be used, best first, and those that may not.

    `product` is the product that is installed in the end, `media` how its media come. `ways_out` are platforms that can
    be the host where the one in question cannot. `center` is whom to call where a call is needed.
    """

    product: str
    answers: tuple[Answer, ...]
    excluded: tuple[Excluded, ...]
    ways_out: tuple[WayOut, ...]
    media: str
    key_on_media: bool
    center: Center | None


def advise(catalog: Catalog, question: Question) -> Advice | Refusal:
    """What a question is answered by this catalog; refuses one that names what the catalog does not have.

    The same question has the same answer. Without an answer, `excluded` says why.
    """
    if refused := check_question(catalog, question):
        return refused
    case = case_of(catalog, question)
    stop = _stop(case)
    kept = _kept(case) if stop is None else None
    if stop is not None:
        found = stopped_ways(case, stop)
    elif kept is not None:
        found = kept_ways(case, kept)
    else:
        found = [*_ways(case), *access_ways(case)]
    answers = tuple(way for way in found if isinstance(way, Answer))
    return Advice(
        product=case.wanted.id,
        answers=answers,
        excluded=tuple(way for way in found if isinstance(way, Excluded)),
        ways_out=host_ways_out(case) if stop is None and kept is None else (),
        media=case.wanted.media,
        key_on_media=case.wanted.key_on_media,
        center=_center(case, answers),
    )


def _stop(case: Case) -> Stop | None:
    """What keeps everything from being used, in the order in which it is judged."""
    return (
        sold_stop(case.wanted)
        or sold_stop(case.owned)
        or _downgrade_stop(case)
        or _reimage_stop(case)
        or (entitled_stop(case, case.wanted.id) if _kept(case) is None else None)
    )


def _downgrade_stop(case: Case) -> Stop | None:
    if not case.downgrade:
        return None
    if case.wanted.id not in case.owned.downgrades:
        return Stop("downgrade_not_offered", words.downgrade(case), "F08")
    return _right_stop(case, "downgrade", why=words.downgrade_right)


def _reimage_stop(case: Case) -> Stop | None:
    asked = case.question
    if not asked.reimage:
        return None
    if asked.preinstalled is not None and asked.preinstalled.product != case.owned.id:
        found = case.catalog.products[asked.preinstalled.product]
        return Stop("reimage_not_identical", words.not_identical(case, found), "F09")
    units = 1 if asked.licenses is None else asked.licenses.get(case.owned.id, 0)
    if case.program is not None and case.program.keys == "purchase" and units == 0:
        return Stop("units_required", words.no_unit(case), "F09")
    return _right_stop(case, "reimaging", why=words.reimaging_right)


def _right_stop(case: Case, name: str, *, why: Callable[[Case, int], Words]) -> Stop | None:
    """What keeps a right of the program from covering all computers; a right that no number limits does not."""
    copies = case.program.right_numbers.get(name) if case.program else None
    if copies is None or copies >= case.question.computers:
        return None
    return Stop("units_required", why(case, copies), "F08")


def _kept(case: Case) -> str | None:
    """The channel of a preinstalled product that stays as it is, None where something else is to be installed."""
    found = case.question.preinstalled
    if found is None or found.product != case.wanted.id or case.downgrade or case.question.reimage:
        return None
    return found.channel


def _ways(case: Case) -> list[Way]:
    """Every way to the wanted product, best first."""
    if case.wanted.needs == "none":
        return [keyless_way(case)]
    directory = directory_way(case)
    in_domain = [] if directory is None else [directory]
    if case.wanted.needs == "setup":
        missing = [kind for kind in ("host", "mak") if kind not in case.wanted.kinds]
        return [setup_way(case), *(not_offered(case, kind, rule="F34") for kind in missing), *in_domain]
    hosts = host_ways(case) or [not_offered(case, "host", rule="F39")]
    mak = mak_way(case, hosted=any(isinstance(way, Answer) for way in hosts))
    if case.downgrade:
        ordered = [*in_domain, *hosts, mak, *further_ways(case)]
    elif _mak_first(case):
        ordered = [mak, *in_domain, *hosts]
    else:
        ordered = [*in_domain, *hosts, mak]
    return [*ordered, *other_ways(case)]


def _mak_first(case: Case) -> bool:
    """Whether a multiple activation key comes before a host (F31)."""
    return not case.enough or not case.question.connected or (case.few and not case.question.virtual)


def _center(case: Case, answers: tuple[Answer, ...]) -> Center | None:
    """Whom to call, where keys are not shown or a key has too few activations."""
    hidden = case.program is not None and not case.program.shows_keys
    asks = any(answer.ask_for for answer in answers)
    return case.catalog.center_for(None) if answers and (hidden or asks) else None
