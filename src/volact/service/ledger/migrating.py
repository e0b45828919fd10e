"""Bringing a ledger from step to step of its schema, while programs that know fewer steps go on (ADR 13)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence

from volact.errors import Damaged, VolactError
from volact.service.ledger import settings
from volact.service.ledger.ports import Ledger
from volact.service.ledger.schema import FLOOR, MIGRATIONS

PATIENCE_SECONDS, PAUSE_SECONDS = 90.0, 1.0  # while others have a step's tables in use for long
_INDEX = re.compile(r"\s*CREATE (UNIQUE )?INDEX ")
Steps = Sequence[Sequence[str]]


def lay(ledger: Ledger, *, steps: Steps = MIGRATIONS, floor: int = FLOOR) -> None:
    """Lays all tables in an empty database, in one transaction."""
    _take(ledger, steps, floor=floor)


def migrate(ledger: Ledger, *, steps: Steps = MIGRATIONS, floor: int = FLOOR) -> None:
    """Brings a ledger to the newest step, each step in a transaction of its own.

    Who uses the ledger meanwhile waits for a moment, and goes on. Raises Damaged for a ledger with steps that a program
    has to know and this one does not, and `not_ready` where others have its tables in use for longer than 90 seconds.
    """
    while (version := ledger.version) < len(steps):
        step = steps[version]
        if all(_INDEX.match(statement) for statement in step):
            for statement in step:
                ledger.index(statement)
            step = ()
        _tried(ledger, [*steps[:version], step], floor=floor)
    if version > len(steps) and not 0 < settings.schema_floor(ledger) <= len(steps):
        raise too_new(ledger)


def put_steps(ledger: Ledger, steps: Steps = MIGRATIONS, *, floor: int = FLOOR) -> None:
    """Takes the steps that a ledger has not, inside the caller's transaction."""
    version = ledger.version  # under the lock: another process may have been faster
    for statement in (*ledger.dialect.unhurried, *ledger.dialect.impatient):
        ledger.execute(statement)
    for step in steps[version:]:
        for statement in step:
            ledger.execute(ledger.dialect.table(statement))
    if version < len(steps):
        settings.raise_floor(ledger, floor)
        ledger.set_version(len(steps))


def check_known(ledger: Ledger) -> None:
    """Raises Damaged for a ledger that has steps which this program does not know, and so cannot move elsewhere."""
    if ledger.version > len(MIGRATIONS):
        raise too_new(ledger)


def too_new(ledger: Ledger) -> Damaged:
    """What is told of a ledger that only newer programs may handle."""
    return Damaged(f"the database is of version {ledger.version}, made by a newer program than this one")


def _tried(ledger: Ledger, steps: Steps, *, floor: int) -> None:
    """Takes one step; where others have its tables in use, lets them go on for a moment, and tries again."""
    pause, until = threading.Event(), time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _take(ledger, steps, floor=floor)
        except VolactError as error:
            if error.code != "not_ready" or time.monotonic() > until:
                raise
        pause.wait(PAUSE_SECONDS)


def _take(ledger: Ledger, steps: Steps, *, floor: int) -> None:
    ledger.begin(write=True)
    try:
        put_steps(ledger, steps, floor=floor)
        ledger.commit()
    except BaseException:
        ledger.rollback()
        raise
