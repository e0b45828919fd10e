"""What waits at the activation center: callers whom the telephone menu handed over, and what customers asked for."""

from __future__ import annotations

from volact.service.ledger import keys, members
from volact.service.ports import Act, Service
from volact.service.usecases.cases import Handed, close_case, open_case, take_case
from volact.service.usecases.members import called
from volact.service.usecases.requests import Wanted, ask
from volact.service.usecases.showing import summary
from volact.service.usecases.telephonelimits import Line

INGRID, CAMILLE, SVEN = "ingrid@nordlys.example", "camille@garonne.example", "sven@fjordwerk.example"


def open_cases(service: Service, organizations: dict[str, str]) -> None:
    """Some that wait, one that somebody has, and one that was decided."""
    now = service.clock.now()
    nordlys, garonne = organizations["Nordlys Energi"], organizations["Atelier Garonne"]
    wanted = Wanted(kind="raise", keyid=_key(service, garonne, kind="mak"), number=120, reason="The new drawing office")
    first = ask(service, garonne, wanted=wanted, language="fr", act=_act(service, CAMILLE, at=now - 26 * 3_600))
    if host_key := _key(service, nordlys, kind="host"):
        wanted = Wanted(kind="host", keyid=host_key, reason="A host for the plant in Narvik")
        ask(service, nordlys, wanted=wanted, language="nb", act=_act(service, INGRID, at=now - 5 * 3_600))
    wanted = Wanted(kind="other", reason="Who may call for us while I am on leave?")
    done = ask(service, nordlys, wanted=wanted, language="nb", act=_act(service, INGRID, at=now - 50 * 3_600))
    close_case(
        service, done.case_id, reason="Whoever has a role in the portal", act=_act(service, SVEN, at=now - 49 * 3_600)
    )
    take_case(service, first.case_id, act=_act(service, SVEN, at=now - 3_600))
    for minutes, language, digits, number in ((14, "fr", "", "417"), (3, "no", "05384131741205", "226")):
        handed = Handed(Line("menu", number), language, digits, number)
        open_case(service, handed, act=Act("telephone menu", now - minutes * 60))


def _act(service: Service, email: str, *, at: int) -> Act:
    """What the member of that address did at a time."""
    member = members.member_at(service.ledger, email)
    return Act(called(member) if member else email, at)


def _key(service: Service, organization_id: str, *, kind: str) -> str:
    """A key of that kind; empty where the organization has none."""
    licensed = [each.agreement.licensing_id for each in summary(service, organization_id)]
    rows = (row for licensing_id in licensed for row in keys.keys_of(service.ledger, licensing_id))
    return next((row.keyid for row in rows if row.kind == kind), "")
