"""The center's cases by the management API, and what a refused confirmation leaves on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.managed import Managing, managing
from tests.support.service import Key, Place, now
from volact.credential.telephone.installation import make_installation_id
from volact.service.usecases.cases import Handed, open_case
from volact.service.usecases.telephonelimits import Line

CALL = {"caller": "K. Berg", "proof": "invoice 114", "reason": "no network on board"}


def opened(office: Managing, number: str) -> str:
    """A case that a caller opened."""
    with office.place.opened() as service:
        return open_case(service, Handed(Line("menu", number), "en", "1234567", number), act=now()).case_id


def confirm(office: Managing, key: Key, *, dev: int, proof_key: bytes | None = None) -> tuple[int, str | None]:
    """Status and code of one confirmation."""
    said = make_installation_id(proof_key or key.derived.proof_key, keyid=key.keyid, dev=f"{dev:015}")
    reply = office.post("/center/confirmations", CALL | {"installation_id": said.qr}, token=office.token("center:act"))
    return reply.status_code, reply.json().get("code")


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_f44_cases_are_listed_taken_and_closed_by_the_api(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Cases come page by page; one token takes a case, no other does then, and what closed it is said."""
    database = None if name == "sqlite" else request.getfixturevalue("postgresql").database()
    with managing(Place.make(tmp_path / "service", database=database)) as office:
        token, other = office.token("center:act"), office.token("center:act")
        ids = [opened(office, f"{number}") for number in range(3)]
        first = office.get("/center/cases", token=token, limit=2).json()
        second = office.get("/center/cases", token=token, limit=2, cursor=first["next"]).json()
        assert [case["case_id"] for case in first["cases"] + second["cases"]] == ids
        assert second["next"] is None
        take = office.post(f"/center/cases/{ids[0]}/take", {}, token=token, key="take-it-now")
        assert take.json()["taken_by"].startswith("a test (token ")
        again = office.post(f"/center/cases/{ids[0]}/take", {}, token=token, key="take-it-now")
        assert again.json() == take.json()
        assert office.post(f"/center/cases/{ids[0]}/take", {}, token=other).json()["code"] == "case_taken"
        closed = office.post(f"/center/cases/{ids[0]}/close", {"reason": "read out"}, token=token).json()
        assert (closed["state"], closed["reason"]) == ("closed", "read out")
        assert office.post(f"/center/cases/{ids[0]}/close", {"reason": "x"}, token=token).status_code == 409
        assert office.post("/center/cases/C-0000-0000/take", {}, token=token).json()["code"] == "unknown_case"
        states = [case["state"] for case in office.get("/center/cases", token=token, state="all").json()["cases"]]
        assert states == ["closed", "open", "open"]


def test_what_is_refused_of_a_confirmation_stays_on_record(tmp_path: Path) -> None:
    """A wrong ID that is asked for by the API counts towards the limits, and a refusal of a proved key as one."""
    with managing(Place.make(tmp_path / "service")) as office:
        key = office.place.key("tracer-9", "mak", activations=1)
        assert confirm(office, key, dev=1, proof_key=bytes(32)) == (404, "key_unknown")
        assert confirm(office, key, dev=1) == (201, None)
        assert confirm(office, key, dev=2) == (409, "mak_exhausted")
        with office.place.opened() as service:
            counted = service.ledger.execute("SELECT channel, caller, keyid FROM telephone_counts").fetchall()
            refused = service.ledger.execute("SELECT keyid, code, times FROM refused").fetchall()
        assert [tuple(row) for row in counted] == [("center", "", None), ("center", "", key.keyid)]
        assert [tuple(row) for row in refused] == [(key.keyid, "mak_exhausted", 1)]
