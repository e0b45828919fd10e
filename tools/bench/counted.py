"""`volact service run` whose pages say in a header how many SQL statements they took: python -m bench.counted ..."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from volact.cli.main import main
from volact.service.ledger import postgresql, sqlite
from volact.service.pages import mount
from volact.serving.asgi import HttpReply

HEADER = "x-statements"
_own = threading.local()
_open = sqlite.SqliteLedger.open


def _note(*_: Any) -> None:
    _own.count = getattr(_own, "count", 0) + 1


def _opened(path: Path) -> sqlite.SqliteLedger:
    ledger = _open(path)
    ledger.set_trace_callback(_note)
    return ledger


class CountedLedger(postgresql.PostgresqlLedger):
    """A ledger on a server that counts what it asks."""

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> postgresql.Rows:
        """One statement."""
        _note()
        return super().execute(statement, parameters)

    def begin(self, *, write: bool) -> None:
        """Another one."""
        _note()
        super().begin(write=write)

    def commit(self) -> None:
        """And another one."""
        _note()
        super().commit()


class CountedPages(mount.Pages):
    """Pages with the number of statements of both databases."""

    def _answer(self, *asked: Any, **more: Any) -> HttpReply:
        from django.db import connection

        def counted(execute: Any, *what: Any) -> Any:
            _note()
            return execute(*what)

        _own.count = 0
        with connection.execute_wrapper(counted):
            reply = super()._answer(*asked, **more)
        return HttpReply(reply.body, reply.status, reply.media, (*reply.headers, (HEADER, str(_own.count))))


if __name__ == "__main__":
    sqlite.SqliteLedger.open = _opened  # type: ignore[method-assign]
    postgresql.PostgresqlLedger = CountedLedger  # type: ignore[misc]
    mount.Pages = CountedPages  # type: ignore[misc]
    main()
