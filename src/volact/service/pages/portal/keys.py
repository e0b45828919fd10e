"""The organization's product keys: found, counted, on a sheet; with the keys themselves after a second factor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse

from volact.errors import Refusal, Refused, say
from volact.licensing.catalog import KINDS
from volact.service.exchange.sheet import write_sheet
from volact.service.ledger import pages
from volact.service.ledger.pages import KeyFilter
from volact.service.ledger.rows import KeyRow
from volact.service.pages import look
from volact.service.pages.accounts.factor import take_showings, with_factor
from volact.service.pages.portal.keyrows import KeyLine, center_of, key_lines
from volact.service.pages.portal.sight import Sight, sight_of
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.names import without_keys
from volact.service.usecases.revealing import MOST_AN_HOUR, reveal_key

ROWS = 25
SHEET_ROWS = 10_000
_LONGEST = 100
_SHEET = ("product", "kind", "licensing_id", "keyid", "state", "allowance", "used", "remaining")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of keys is narrowed to; empty is all."""

    word: str = ""
    licensing_id: str = ""
    kind: str = ""

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        named = {"word": self.word, "licensing_id": self.licensing_id, "kind": self.kind}
        return urlencode({name: value for name, value in named.items() if value})


@page(Right.REPORTS)
def keys(visit: Visit) -> HttpResponse:
    """A page of keys, the oldest first."""
    service, asked = visit.service, _asked(visit.request.GET)
    sight = sight_of(service, visit.organization_id)
    after = _place(visit.request.GET.get("after"))
    found = pages.keys(service.ledger, _filter(service, asked, sight=sight), after=after, limit=ROWS + 1)
    shown, here = found[:ROWS], visit.request.path
    further = f"{here}?{asked.query}&after={shown[-1][0]}" if len(found) > ROWS else None
    return visit.page(
        "portal/keys.html",
        lines=key_lines(service, (row for _, row in shown), sight=sight),
        sight=sight,
        kinds=KINDS,
        asked=asked,
        center=center_of(service, visit.organization_id),
        first=f"{here}?{asked.query}" if after else None,
        after=further,
    )


@page(Right.REPORTS)
def sheet(visit: Visit) -> HttpResponse:
    """The list as CSV, without the keys; it ends with a row that says so where there are too many."""
    service, asked = visit.service, _asked(visit.request.GET)
    sight = sight_of(service, visit.organization_id)
    found = pages.keys(service.ledger, _filter(service, asked, sight=sight), after=None, limit=SHEET_ROWS + 1)
    if len(found) > SHEET_ROWS:
        detail = say("a sheet holds {most} keys; narrow the list first", most=SHEET_ROWS)
        raise Refused(Refusal("request_too_large", detail))
    return _attached(write_sheet(_SHEET, (_cells(row) for _, row in found)), name="keys.csv")


@page(Right.KEYS)
@with_factor
def export(visit: Visit) -> HttpResponse:
    """Asks, then gives the sheet with the keys: each one on record, as many in an hour as a person is shown."""
    service, asked = visit.service, _asked(visit.request.GET)
    if visit.request.method == "POST":
        return _attached(
            visit.write(lambda service, act: _export(visit, service, asked=asked, act=act)), name="keys.csv"
        )
    sight = sight_of(service, visit.organization_id)
    wanted = _filter(service, asked, sight=sight)
    found = [row for _, row in pages.keys(service.ledger, wanted, after=None, limit=MOST_AN_HOUR + 1)]
    lines = key_lines(service, found, sight=sight)
    return visit.page("portal/export.html", lines=lines, asked=asked, most=MOST_AN_HOUR)


def _export(visit: Visit, service: Service, *, asked: Asked, act: Act) -> bytes:
    sight = sight_of(service, visit.organization_id)
    wanted = _filter(service, asked, sight=sight)
    found = pages.keys(service.ledger, wanted, after=None, limit=MOST_AN_HOUR + 1)
    lines = key_lines(service, (row for _, row in found), sight=sight)
    shown = [line for line in lines if line.held is None]
    if len(lines) > MOST_AN_HOUR:
        detail = say("a sheet with keys holds {most}; narrow the list first", most=MOST_AN_HOUR)
        raise Refused(Refusal("request_too_large", detail))
    if shown:
        take_showings(visit, service, number=len(shown), act=act)
    return write_sheet((*_SHEET, "key"), _keyed(service, lines, act=act))


def _keyed(service: Service, lines: list[KeyLine], *, act: Act) -> Iterator[tuple[str | int | None, ...]]:
    for line in lines:
        key = None if line.held else reveal_key(service, line.row.keyid, act=act)
        yield (*_cells(line.row), key)


def _cells(row: KeyRow) -> tuple[str | int | None, ...]:
    return (
        row.product,
        row.kind,
        row.licensing_id,
        row.keyid,
        row.state,
        row.allowance,
        row.used,
        row.remaining,
    )


def _attached(data: bytes, *, name: str) -> HttpResponse:
    headers = {**look.HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


def _asked(told: Mapping[str, str]) -> Asked:
    """What is asked for; a whole key that was typed is looked for by its first group, and goes no further."""
    word, licensing_id, kind = (_plain(told.get(name, "")) for name in ("word", "licensing_id", "kind"))
    return Asked(without_keys(word).removesuffix("-..."), licensing_id, kind if kind in KINDS else "")


def _plain(text: str) -> str:
    """The text on one line, not longer than anything that is looked for."""
    return "".join(sign for sign in text.strip()[:_LONGEST] if sign.isprintable())


def _filter(service: Service, asked: Asked, *, sight: Sight) -> KeyFilter:
    """Finds by key id, by first group, or by the product's name."""
    word, products = asked.word.casefold(), current_catalog(service).catalog.products
    named = (id for id, product in products.items() if word and (word in id or word in product.name.casefold()))
    return KeyFilter(
        licensing_id=asked.licensing_id or None,
        kind=asked.kind or None,
        word=asked.word.upper().replace("-", "") or None,
        products=tuple(named),
        seen=tuple(sight),
    )


def _place(text: str | None) -> list[int] | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Refused(Refusal("cursor_invalid", "no page of this list begins there"))
    return [int(text)]
