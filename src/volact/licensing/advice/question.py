"""What is asked for advice: a customer's computers, what they own and want, and where a host could run.

A question is read strictly, like a catalog: a member that is not known is refused, so that a typing error is never
silently without effect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from volact.errors import Refusal, in_turn, say
from volact.licensing.agreements import check_program
from volact.licensing.catalog import Catalog
from volact.licensing.tables import Problem, Problems, Table, first_of, step, with_nearest

PREINSTALLED = ("oem", "retail")
_MOST = 1_000_000_000
_SHOWN = 100


class HostAsked(Struct, frozen=True, kw_only=True):
    """The machine that is to be a host, and the products or product groups that it serves beside the one asked for."""

    platform: str
    virtual: bool = False
    serves: tuple[str, ...] = ()


class Preinstalled(Struct, frozen=True):
    """What the computers came with: the channel, and the product."""

    channel: str
    product: str


class Question(Struct, frozen=True, kw_only=True):
    """One question; docs/advice.md says what each member does. `licenses` is None where nobody says what is owned."""

    product: str
    computers: int
    others: Mapping[str, int] = {}
    virtual: bool = False
    domain: bool = False
    connected: bool = True
    program: str | None = None
    level: str | None = None
    licenses: Mapping[str, int] | None = None
    host: HostAsked | None = None
    preinstalled: Preinstalled | None = None
    downgrade_to: str | None = None
    reimage: bool = False
    mak_remaining: int | None = None


def read_question(mapping: object, catalog: Catalog) -> Question | Refusal:
    """The question that a JSON object holds, about what this catalog sells.

    Refused: `question_invalid` with `path` and up to 100 `problems`; ids that the catalog does not have, each by its
    own code and with the nearest that it has.
    """
    problems = Problems(strict=True)
    if not isinstance(mapping, Mapping):
        return question_invalid([Problem("", say("a question is a JSON object"))])
    table = Table(mapping, "", problems=problems)
    question = _read(table)
    table.close()
    if problems.found:
        return question_invalid(problems.found)
    return check_question(catalog, question) or question


def check_question(catalog: Catalog, question: Question) -> Refusal | None:
    """Refuses a question that names what the catalog does not have."""
    for place, product in _products(question):
        if product not in catalog.products:
            return _no_product(product, catalog.products, place=place)
    if question.program is not None:
        if question.program not in catalog.programs:
            return _no_program(question.program, catalog.programs)
        if refused := check_program(catalog, question.program, level=question.level):
            return refused
    for name in question.others:
        if name not in catalog.count_groups:
            reason = with_nearest(say("is no count group of the catalog"), name, known=catalog.count_groups)
            return question_invalid([Problem(step("others", name), reason)])
    return _check_host(catalog, question.host) if question.host else None


def question_invalid(problems: list[Problem]) -> Refusal:
    """The refusal of a question whose form is wrong: the first problem leads."""
    first = problems[0]
    said = first_of(in_turn(": ", first.path, first.words), len(problems))
    listed = [{"path": each.path or None, "reason": each.reason} for each in problems[:_SHOWN]]
    return Refusal("question_invalid", said, {"path": first.path or None, "problems": listed})


def served_groups(catalog: Catalog, asked: HostAsked) -> tuple[str, ...]:
    """The product groups whose host keys a host needs for what it is to serve beside the product that is asked for."""
    return tuple(dict.fromkeys(group for name in asked.serves if (group := _host_key_group(catalog, name))))


def _read(table: Table) -> Question:
    return Question(
        product=table.text("product"),
        computers=table.integer("computers", 1, high=_MOST),
        others=_numbers(table, "others"),
        virtual=table.flag("virtual", False),
        domain=table.flag("domain", False),
        connected=table.flag("connected", True),
        program=_optional_text(table, "program"),
        level=_optional_text(table, "level"),
        licenses=_numbers(table, "licenses") if table.has("licenses") else None,
        host=_host(table.table("host")) if table.has("host") else None,
        preinstalled=_preinstalled(table.table("preinstalled")) if table.has("preinstalled") else None,
        downgrade_to=_optional_text(table, "downgrade_to"),
        reimage=table.flag("reimage", False),
        mak_remaining=_remaining(table.table("mak")) if table.has("mak") else None,
    )


def _optional_text(table: Table, name: str) -> str | None:
    return table.text(name) if table.has(name) else None


def _numbers(table: Table, name: str) -> dict[str, int]:
    inner = table.table(name)
    return {each: inner.integer(each, 0, high=_MOST) for each in inner.names()}


def _host(table: Table) -> HostAsked:
    serves = table.texts("serves") if table.has("serves") else ()
    host = HostAsked(platform=table.text("platform"), virtual=table.flag("virtual", False), serves=serves)
    table.close()
    return host


def _preinstalled(table: Table) -> Preinstalled:
    found = Preinstalled(table.word("channel", PREINSTALLED, default="oem"), table.text("product"))
    table.close()
    return found


def _remaining(table: Table) -> int:
    remaining = table.integer("remaining", 0, high=_MOST)
    table.close()
    return remaining


def _products(question: Question) -> Iterator[tuple[str, str]]:
    """Every product that is named, with the place where it is."""
    yield "product", question.product
    if question.downgrade_to is not None:
        yield "downgrade_to", question.downgrade_to
    if question.preinstalled is not None:
        yield "preinstalled.product", question.preinstalled.product
    for name in question.licenses or ():
        yield "licenses", name


def _check_host(catalog: Catalog, asked: HostAsked) -> Refusal | None:
    if asked.platform not in catalog.host_platforms:
        no_such = say('the catalog has no host platform "{platform}"', platform=asked.platform)
        detail = with_nearest(no_such, asked.platform, known=catalog.host_platforms)
        return Refusal("host_platform_unsupported", detail, {"platform": asked.platform, "path": "host.platform"})
    for number, name in enumerate(asked.serves):
        place = f"host.serves[{number}]"
        if name not in catalog.products and name not in catalog.product_groups:
            return _no_product(name, [*catalog.products, *catalog.product_groups], place=place)
        if _host_key_group(catalog, name) is None:
            return question_invalid([Problem(place, say('"{name}" is served by no activation host', name=name))])
    return None


def _host_key_group(catalog: Catalog, name: str) -> str | None:
    """The product group of the host key for a product, or else a product group; None where there is none."""
    product = catalog.products.get(name)
    group = catalog.product_groups[product.group if product else name]
    return group.host_key_group if "host" in (product or group).kinds else None


def _no_product(name: str, known: Collection[str], *, place: str) -> Refusal:
    no_such = say('the catalog has no product "{product}"', product=name)
    return Refusal("unknown_product", with_nearest(no_such, name, known=known), {"product": name, "path": place})


def _no_program(name: str, known: Collection[str]) -> Refusal:
    no_such = say('the catalog has no program "{program}"', program=name)
    return Refusal("unknown_program", with_nearest(no_such, name, known=known), {"program": name, "path": "program"})
