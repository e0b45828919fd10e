"""The publisher's settings, and the newest time that was signed."""

from __future__ import annotations

from volact.service.clock import Signed, SigningClock
from volact.service.ledger.ports import Ledger

PUBLISHER, PUBLISHER_NAME, URL, ACCENT, SIGN_ON = "publisher", "name", "url", "accent", "sign_on"
TELEPHONE_URL, TELEPHONE_TOKEN, TELEPHONE_PERSON = "telephone_url", "telephone_token", "telephone_person"
NEWEST, CONFIRMED, _FLOOR = "newest_signed", "clock_confirmed", "schema_floor"


def text(ledger: Ledger, name: str) -> str | None:
    """A setting's text, or None where it was never set."""
    row = ledger.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def publisher_id(ledger: Ledger) -> str:
    """The publisher's id."""
    return text(ledger, PUBLISHER) or ""


def put(ledger: Ledger, name: str, *, value: str | int) -> None:
    """Sets a setting."""
    ledger.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, str(value)),
    )


def start(ledger: Ledger, clock: SigningClock) -> None:
    """Tells the clock of a run that starts now what was confirmed before it."""
    clock.start(_number(ledger, CONFIRMED))


def time_to_sign(ledger: Ledger, clock: SigningClock) -> int:
    """The time that would be signed at now; raises Refused. What is then signed is noted by `note_signed`."""
    one = "coalesce((SELECT value FROM settings WHERE name = ?), '0')"
    newest, confirmed = ledger.execute(f"SELECT {one}, {one}", (NEWEST, CONFIRMED)).fetchone()
    return clock.time_to_sign(Signed(int(newest), int(confirmed)))


def note_signed(ledger: Ledger, at: int) -> None:
    """Puts the time of what is signed on record, in the transaction that says what it is."""
    if at > _number(ledger, NEWEST):
        put(ledger, NEWEST, value=at)


def newest_signed(ledger: Ledger) -> int:
    """The newest time that was signed; 0 before the first."""
    return _number(ledger, NEWEST)


def signing_time(ledger: Ledger, clock: SigningClock) -> int:
    """The time to sign at, put on record with the transaction that says what is signed; raises Refused."""
    at = time_to_sign(ledger, clock)
    note_signed(ledger, at)
    return at


def confirm_clock(ledger: Ledger, now: int) -> int:
    """An operator vouches for `now`, also to services that are running; gives the newest time signed before."""
    before = _number(ledger, NEWEST)
    put(ledger, NEWEST, value=now)
    put(ledger, CONFIRMED, value=_number(ledger, CONFIRMED) + 1)
    return before


def schema_floor(ledger: Ledger) -> int:
    """How many steps of the schema a program has to know that uses the ledger; 0 where nobody said."""
    return _number(ledger, _FLOOR)


def raise_floor(ledger: Ledger, floor: int) -> None:
    """Says how many steps a program has to know, unless more were said already."""
    put(ledger, _FLOOR, value=max(floor, _number(ledger, _FLOOR)))


def _number(ledger: Ledger, name: str) -> int:
    row = ledger.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])
