"""The host's log: one JSON object a line on standard error; no key, no secret, no person's name."""

from __future__ import annotations

import sys
from typing import Any, Protocol, TextIO

import structlog


class Journal(Protocol):
    """Where a running host tells what happened."""

    def info(self, event: str, **fields: Any) -> Any:
        """Something that went as it should."""
        ...

    def warning(self, event: str, **fields: Any) -> Any:
        """Something that needs a word."""
        ...

    def error(self, event: str, **fields: Any) -> Any:
        """A defect."""
        ...


def open_journal(file: TextIO = sys.stderr) -> Journal:
    """A journal that writes to a file."""
    journal: Journal = structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )
    return journal
