"""Checkpoints of the log in files that others kept."""

from __future__ import annotations

import json
from pathlib import Path

from volact.errors import Refusal, Refused

LARGEST = 1024 * 1024  # bytes of a file with a checkpoint


def checkpoint_in(path: Path) -> str:
    """The text of a checkpoint in a file: by itself, or in what a client's status shows."""
    with path.open("rb") as opened_file:
        text = opened_file.read(LARGEST).decode(errors="replace").strip()
    if not text.startswith("{"):
        return text
    try:
        found = json.loads(text)["log"]["checkpoint"]
    except (ValueError, KeyError, TypeError) as err:
        raise Refused(Refusal("usage", f"{path} holds no checkpoint")) from err
    if not isinstance(found, str):
        raise Refused(Refusal("usage", f"{path} holds no checkpoint"))
    return found
