"""The screen of one case: what to read aloud, who is calling, what it takes, what happened so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from volact.credential.telephone.confirmation import FORMS as CONFIRMATION
from volact.errors import Refusal
from volact.service.ledger.cases import CaseRow, acts_of
from volact.service.ledger.rows import AuditRow
from volact.service.pages import casewords, words
from volact.service.pages.accounts.factor import recent_factor
from volact.service.pages.center.policy import ACTS, Screen, screen
from volact.service.pages.center.staff import is_proved
from volact.service.pages.look import moment, time_of_day
from volact.service.pages.visit import Visit
from volact.service.usecases.center import GivenKey

PASSED = 40
_DAY = 86_400
_GROUPS = 8


def shown(
    visit: Visit,
    row: CaseRow,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    given: GivenKey | None = None,
    key: str = "",
) -> HttpResponse:
    """The screen of a case; after a refusal with everything that was typed."""
    here = screen(visit, row)
    acts = acts_of(visit.service.ledger, row.case_id, limit=PASSED)
    return visit.page(
        "center/case.html",
        status=422 if refusal else 200,
        here=here,
        row=row,
        heading=_heading(here),
        standing=casewords.standing(row.stands),
        asked=casewords.title(row),
        acts=[(act, _named(act)) for act in ACTS],
        typed=typed or {},
        more=_more(row, acts),
        refusal=refusal,
        wrong=_wrong(refusal),
        groups=_typed_groups(row, typed or {}),
        aloud=_aloud(visit, row),
        given=given,
        given_groups=key.split("-") if key else [],
        is_proved=is_proved(visit),
        is_asked=here.act == "give" and not given and is_proved(visit) and not recent_factor(visit),
        is_mine=row.taken_by == visit.act.who,
        passed=[
            {"at": _when(visit, each.at), "what": casewords.deed(each), "why": casewords.because(each)} for each in acts
        ],
    )


def _more(row: CaseRow, acts: Sequence[AuditRow]) -> int:
    """How many more activations are still asked for: none once the case has raised a key, or is closed."""
    is_done = row.state == "closed" or any(each.act == "allowance raised" for each in acts)
    return 0 if is_done else row.wanted or 0


def _when(visit: Visit, at: int) -> str:
    return time_of_day(at) if at >= visit.now - visit.now % _DAY else moment(at)


def _heading(here: Screen) -> str:
    if here.organization is None:
        return _named(here.act)
    return _("%(act)s for %(owner)s") % {"act": _named(here.act), "owner": here.organization.name}


def _named(act: str) -> str:
    return {
        "confirm": _("Telephone activation"),
        "raise": _("More activations"),
        "slot": _("A host's place"),
        "give": _("A key given out"),
        "end": _("A lost computer"),
        "block": _("A leaked key"),
    }[act]


def _wrong(refusal: Refusal | None) -> list[int]:
    groups = refusal.fields.get("groups") if refusal else None
    return [each for each in groups if isinstance(each, int)] if isinstance(groups, list) else []


def _typed_groups(row: CaseRow, typed: Mapping[str, str]) -> list[str]:
    """The eight fields of an installation ID: as they were typed, else as far as the case has them."""
    if "g1" in typed:
        return [typed.get(f"g{place}", "") for place in range(1, _GROUPS + 1)]
    return [*row.groups, *[""] * _GROUPS][:_GROUPS]


def _aloud(visit: Visit, row: CaseRow) -> dict[str, Any] | None:
    """The groups to be read aloud, and which one is lit."""
    if row.confirmation is None:
        return None
    form, asked = CONFIRMATION.digits, visit.asked("group") or "1"
    lit = min(int(asked), form.groups) if asked.isdecimal() and len(asked) < 4 else 1
    number = CONFIRMATION.read(row.confirmation)
    return {
        "groups": [row.confirmation[place : place + form.size] for place in range(0, len(row.confirmation), form.size)],
        "lit": max(lit, 1),
        "keyboard": [] if isinstance(number, Refusal) else CONFIRMATION.keyboard.write(number),
        "language": words.spoken(row.language),
    }
