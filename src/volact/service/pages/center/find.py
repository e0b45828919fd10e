"""Find: what a caller says leads to an agreement, and from there to a case."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from volact.credential.telephone.installation import read_installation_id
from volact.errors import Refusal
from volact.service.ledger import cases, customers, finding, keys
from volact.service.ledger.rows import AgreementRow, KeyRow
from volact.service.pages.center.staff import ask, is_proved
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.cases import proved_key
from volact.service.usecases.casework import open_desk
from volact.service.usecases.names import without_keys

LONGEST, SHOWN = 400, 20
_FEW = 15  # digits: more of them are an installation ID
_SYMBOLS, _GROUP = 40, 5


@dataclass(slots=True)
class Found:
    """What a text leads to: agreements with the key that it named; the groups of an installation ID that are wrong."""

    rows: list[tuple[AgreementRow, KeyRow | None]] = field(default_factory=list)
    mistyped: Refusal | None = None
    digits: str = ""
    is_nobodys: bool = False  # an installation ID without a mistake, of no key here
    names: dict[str, str] = field(default_factory=dict)
    organizations: list[str] = field(default_factory=list)  # that have no agreement


@page(Right.CENTER)
def find(visit: Visit) -> HttpResponse:
    """Looks for what was asked, and opens a case about what was found."""
    if visit.request.method == "POST":
        return _opened(visit)
    asked = " ".join(visit.asked("q").split())
    shown = asked if _is_installation_id(asked) else without_keys(asked)
    case_id = visit.asked("case")[:20]
    case = cases.case(visit.service.ledger, case_id) if case_id else None
    if "q" in visit.request.GET and cases.case(visit.service.ledger, shown.upper()[:20]) is not None:
        return HttpResponseRedirect(reverse("center-case", kwargs={"case_id": shown.upper()}))
    is_long = len(asked) > LONGEST
    found = Found() if not asked or is_long else _found(visit.service, shown)
    return visit.page("center/find.html", asked=shown[:LONGEST], is_long=is_long, found=found, case=case)


def _opened(visit: Visit) -> HttpResponse:
    if not is_proved(visit):
        return ask(visit)
    about = {name: visit.posted(name) for name in ("licensing_id", "keyid", "digits")}
    if not isinstance(read_installation_id(about["digits"]), Refusal):
        about["digits"] = "".join(about["digits"].split())
    else:
        about["digits"] = ""

    queue = reverse("center-home")

    def work(service: Service, act: Act) -> str:
        return f"{queue}cases/{open_desk(service, **about, act=act).case_id}/"

    return visit.once(work)


def _found(service: Service, asked: str) -> Found:
    found, word = Found(), asked.upper()
    if _is_installation_id(asked):
        said = read_installation_id(asked)
        if isinstance(said, Refusal):
            found.mistyped = said
            return found
        key = proved_key(service, said.qr)
        found.digits, found.is_nobodys = said.qr, key is None
        named = [key] if key else []
    else:
        exact = keys.key(service.ledger, word)
        named = [exact] if exact else list(finding.keys_beginning(service.ledger, word[:_GROUP], limit=SHOWN))
        if len(word.split("-")[0]) != _GROUP and exact is None:
            named = []
        agreement = customers.agreement(service.ledger, word)
        found.rows += [(agreement, None)] if agreement else []
    theirs = finding.agreements_called(service.ledger, {key.licensing_id for key in named}) if named else {}
    found.rows += [(theirs[key.licensing_id], key) for key in named]
    whose = {row.organization_id for row, _key in found.rows}
    found.names = finding.names_of(service.ledger, whose) if whose else {}
    if not found.rows and not found.digits:
        _add_named(service, found, asked=asked)
    return found


def _add_named(service: Service, found: Found, *, asked: str) -> None:
    named = finding.organizations_named(service.ledger, asked, limit=SHOWN)
    found.names = {each.organization_id: each.name for each in named}
    rows = finding.agreements_held(service.ledger, found.names, limit=SHOWN) if named else ()
    found.rows = [(row, None) for row in rows]
    held = {row.organization_id for row in rows}
    found.organizations = [each.name for each in named if each.organization_id not in held and len(rows) < SHOWN]


def _is_installation_id(text: str) -> bool:
    """Digits, more than any other number here has; or groups of five symbols, more than a product key has."""
    groups = text.replace("-", " ").split()
    symbols = "".join(groups)
    if symbols.isdecimal():
        return len(symbols) >= _FEW
    is_grouped = len(groups) == 1 or all(len(group) <= _GROUP for group in groups)
    return is_grouped and symbols.isalnum() and abs(len(symbols) - _SYMBOLS) <= _GROUP
