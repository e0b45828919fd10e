"""The page on webhooks says what is so: its code, its events, what may be wrong."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from volact.service.usecases.telling import PING, TYPES
from volact.service.webhooks.signature import headers, secret_text

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text("utf-8")


def test_the_code_on_the_page_believes_what_is_signed() -> None:
    """What the page has a receiver do believes a delivery signed by its secret, old or new, and no other."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    page: dict[str, Any] = {}
    exec(code, page)
    body, (old, new, other) = b'{"type":"ping"}', (bytes([number]) * 32 for number in range(3))
    sent = headers("evt_1", body, secrets=[new, old], at=int(time.time()))
    assert page["believed"](secret_text(new), sent, body)
    assert page["believed"](secret_text(old), sent, body)
    assert not page["believed"](secret_text(other), sent, body)
    assert not page["believed"](secret_text(new), sent, body + b" ")
    late = headers("evt_1", body, secrets=[new], at=int(time.time()) - 600)
    assert not page["believed"](secret_text(new), late, body)


def test_every_event_stands_on_the_page() -> None:
    """The page lists every type of event, and no other."""
    assert set(re.findall(r"^\| `([a-z._]+)` \|", PAGE.partition("## Receiving")[0], re.MULTILINE)) == {*TYPES, PING}
