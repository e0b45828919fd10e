"""The pace of a key as it is shown: what was taken lately, whatever became of it."""

from __future__ import annotations

from tests.unit.service.conftest import DAY, START, Office
from volact.service.ledger.connection import writing
from volact.service.usecases.keys import IssuedKey, Order, block, issue
from volact.service.usecases.showing import key_sheet


def key(office: Office, kind: str = "mak", **more: int) -> IssuedKey:
    """One key for the same product."""
    product = "windows-server-2008-r2-standard" if kind == "host" else "windows-7-professional"
    order = Order(licensing_id=office.agreement(), product=product, kind=kind, **more)
    return issue(office.service, order, act=office.act)[0]


_ACTIVATION = "activation_id, keyid, jkt, dev, channel, product, live, at"
_RETIREMENT = "activation_id, keyid, at, credit_at"
_SLOT = "host_id, keyid, dev, jkt, reactivations, live, at"


def taken(office: Office, keyid: str, *, at: int, count: int, live: int = 1) -> None:
    """Puts activations on record, the ones that do not hold as returned."""
    ledger = office.service.ledger
    with writing(ledger):
        for number in range(count):
            name = f"{keyid}-{at}-{live}-{number}"
            row = (name, keyid, name, name, "online", "windows-7-professional", live, at)
            ledger.execute(f"INSERT INTO activations ({_ACTIVATION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            if not live:
                ledger.execute(f"INSERT INTO retirements ({_RETIREMENT}) VALUES (?, ?, ?, ?)", (name, keyid, at, at))
        ledger.execute("UPDATE keys SET used = used + ? WHERE keyid = ?", (count, keyid))


def test_the_pace_counts_thirty_days(office: Office) -> None:
    """The pace of a key is what was taken within thirty days, returned or not, and says when the rest is gone."""
    row = key(office, activations=100).row
    office.time.go(60 * DAY)
    now = START + 60 * DAY
    for ago, count, live in ((31, 40, 1), (29, 10, 1), (2, 5, 0), (1, 15, 1)):
        taken(office, row.keyid, at=now - ago * DAY, count=count, live=live)
    sheet = key_sheet(office.service, row.keyid)
    assert sheet.forecast is not None
    assert (sheet.forecast.taken, sheet.forecast.days, sheet.forecast.per_day) == (30, 30, 1.0)
    assert sheet.forecast.runs_out == "2027-02-22"  # 30 are left
    assert (sheet.key.remaining, sheet.level) == (30, None)
    taken(office, row.keyid, at=now, count=25)
    assert key_sheet(office.service, row.keyid).level == 95


def test_blocked_and_uncounted_keys_never_run_out(office: Office) -> None:
    """A blocked key gives nothing new and runs out on no day; a key that counts nothing has neither pace nor level."""
    row = key(office, activations=100).row
    taken(office, row.keyid, at=START, count=10)
    block(office.service, row.keyid, revoked=False, act=office.act)
    sheet = key_sheet(office.service, row.keyid)
    assert sheet.forecast is not None
    assert (sheet.forecast.taken, sheet.forecast.runs_out) == (10, None)
    sheet = key_sheet(office.service, key(office, kind="oem").row.keyid)
    assert (sheet.forecast, sheet.level) == (None, None)


def test_places_of_a_host_key_are_its_pace(office: Office) -> None:
    """A host key is judged by the places that hosts took, freed ones among them."""
    row = key(office, kind="host").row
    with writing(office.service.ledger):
        for number, live in enumerate((1, 0)):
            slot = (f"H{number}", row.keyid, f"D{number}", "J", 0, live, START)
            office.service.ledger.execute(f"INSERT INTO slots ({_SLOT}) VALUES (?, ?, ?, ?, ?, ?, ?)", slot)
    office.time.go(10 * DAY - 1)
    sheet = key_sheet(office.service, row.keyid)
    assert sheet.forecast is not None
    assert (sheet.forecast.taken, sheet.forecast.days) == (2, 10)
