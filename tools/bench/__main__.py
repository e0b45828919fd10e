"""scripts/bench [PART ...] [--json]: measures all parts or those named; a table, or one object."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import advice, bundle, host, ledger, phone, portal, sdk

PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "host": host.measure,
    "sdk": sdk.measure,
    "ledger": ledger.measure,
    "advice": advice.measure,
    "portal": portal.measure,
    "phone": phone.measure,
    "bundle": bundle.measure,
}


def main(words: list[str]) -> int:
    """Measures and shows; exit code 2 for a part that does not exist."""
    as_json = "--json" in words
    named = [word for word in words if word != "--json"] or list(PARTS)
    if unknown := [word for word in named if word not in PARTS]:
        sys.stderr.write(f"error: no part {', '.join(unknown)}\nhint:  the parts are {', '.join(PARTS)}\n")
        return 2
    found = {}
    for part in named:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            found[part] = PARTS[part](Path(folder))
        sys.stderr.write(f"{part}: measured in {time.perf_counter() - began:.0f} s\n")
    sys.stdout.write(json.dumps(found) + "\n" if as_json else _table(found))
    return 0


def _table(found: dict[str, dict[str, Any]]) -> str:
    rows = [(part, name, str(figure)) for part, figures in found.items() for name, figure in _flat(figures)]
    return "".join(f"{part:<6} {name:<26} {figure}\n" for part, name, figure in rows)


def _flat(figures: dict[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    """The figures one by one, those inside others under both names."""
    for name, figure in figures.items():
        if isinstance(figure, dict):
            yield from _flat(figure, f"{place}{name} ")
        else:
            yield f"{place}{name}", figure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
