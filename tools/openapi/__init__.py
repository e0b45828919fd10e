"""The management API's document as it is checked in: `python -m openapi` writes docs/openapi.json anew."""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def text() -> str:
    """The document of the API as it stands."""
    from volact.service.management.api import document  # sets Django up

    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
