"""`volact service advise`: which keys a customer may use, by which method, and how many."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from msgspec import to_builtins

from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import WIDTH, Ui
from volact.errors import Refusal, Refused
from volact.licensing.advice import Advice, Answer, Excluded, Question, advise, question_invalid, read_question
from volact.licensing.advice.words import KINDS
from volact.licensing.catalog import Catalog
from volact.licensing.tables import Problem
from volact.service.usecases.catalogs import current_catalog

_LIMIT = 64 * 1024
_TOLD = 4  # answers whose reasons a person reads; further ones are listed

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("advise")
def answer(
    ctx: typer.Context,
    folder: Dir,
    question: Annotated[
        typer.FileBinaryRead,
        typer.Option(metavar="FILE|-", help="The question, a JSON object; docs/advice.md says what it may hold."),
    ],
) -> None:
    """Answers which keys may be used for a product, best first, and why; changes nothing."""
    ui: Ui = ctx.obj
    asked = parsed_question(question.read(_LIMIT + 1))
    with at_desk(folder) as desk:
        catalog = current_catalog(desk.service).catalog
    read = read_question(asked, catalog)
    if isinstance(read, Refusal):
        raise Refused(read)
    advice = advise(catalog, read)
    if isinstance(advice, Refusal):
        raise Refused(advice)
    ui.result(_data(advice), list(_lines(catalog, read, advice=advice)))


def parsed_question(raw: bytes) -> object:
    """The JSON value of a question; raises Refused where there is none, or one that two readers could read apart."""
    if len(raw) > _LIMIT:
        raise Refused(question_invalid([Problem("", f"a question is at most {_LIMIT // 1024} KiB")]))
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_members)
    except UnicodeDecodeError as error:
        raise Refused(question_invalid([Problem("", "the question is not UTF-8")])) from error
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: this is not JSON: {error.msg}"
        raise Refused(question_invalid([Problem("", reason)])) from error
    except (ValueError, RecursionError) as error:
        raise Refused(question_invalid([Problem("", "a number or the nesting is beyond all bounds")])) from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Refused(question_invalid([Problem(name, "is there twice")]))
        found[name] = value
    return found


def _data(advice: Advice) -> dict[str, Any]:
    data: dict[str, Any] = to_builtins(advice)
    ways: list[Answer | Excluded] = [*advice.answers, *advice.excluded]
    for row, way in zip([*data["answers"], *data["excluded"]], ways, strict=True):
        row["reason"] = way.reason
    return data | {"center": advice.center.as_fields if advice.center else None}


def _lines(catalog: Catalog, question: Question, *, advice: Advice) -> Iterator[str]:
    of = f"{catalog.products[advice.product].name} on {_number(question.computers, 'computer')}"
    best = advice.answers[0] if advice.answers else None
    yield from _wrapped(f"{of}: {_takes(catalog, best)}" if best else f"{of}: no key may be used", "")
    for number, each in enumerate(advice.answers, 1):
        told = number <= _TOLD
        yield from [""] if told or number == _TOLD + 1 else []
        yield from _wrapped(f"{_takes(catalog, each)}  [{each.rule}]", f"{number:>3}  ")
        yield from _wrapped(each.reason, "     ") if told else []
    if advice.excluded:
        yield ""
        yield "What may not be used:"
    for entry in advice.excluded:
        way = _way(catalog, entry.method, kind=entry.key_kind, group=entry.product_group)
        yield from _wrapped(f"{way}  [{entry.rule}]", "  ✗  ")
        yield from _wrapped(f"{entry.reason} [{entry.code}]", "     ")
    yield from _ways_out(catalog, advice)
    if advice.center:
        center = advice.center
        yield ""
        yield from _wrapped(f"The activation center ({center.country}) answers {center.number}: {center.hours}", "")


def _ways_out(catalog: Catalog, advice: Advice) -> Iterator[str]:
    if not advice.ways_out:
        return
    yield ""
    yield "Platforms that can be the host for all of it:"
    for way in advice.ways_out:
        virtual = ", also as a virtual computer" if way.virtual else ""
        update = f", after an update ({catalog.updates[way.update].name})" if way.update else ""
        yield from _wrapped(f"{catalog.host_platforms[way.platform].name}{virtual}{update}", "  ●  ")


def _takes(catalog: Catalog, answer: Answer) -> str:
    """An answer in a few words: the way, and how many hosts or activations."""
    way = _way(catalog, answer.method, kind=answer.key_kind, group=answer.product_group)
    hosts = f", {_number(answer.hosts, 'host')}" if answer.hosts else ""
    activations = f", {_number(answer.activations, 'activation')}" if answer.activations else ""
    return way + hosts + activations + (f" (ask for {answer.ask_for} more)" if answer.ask_for else "")


def _way(catalog: Catalog, method: str, *, kind: str | None, group: str) -> str:
    if kind is None:
        key = "no key" if method == "none" else "the key that came with it"
    else:
        key = f"directory, by a {KINDS[kind]}" if method == "directory" else str(KINDS[kind])
    return f"{key} for {catalog.product_groups[group].name}"


def _number(number: int, what: str) -> str:
    """A number with its noun: 1 computer, 2 computers."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _wrapped(text: str, indent: str) -> list[str]:
    """A text in lines of the terminal's width; those after the first stand below it."""
    below = " " * len(indent)
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=below, break_on_hyphens=False)
