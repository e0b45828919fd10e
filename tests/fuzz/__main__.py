"""Runs one target; what it found is the input that it names, and a traceback."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["volact"]):
    from tests.fuzz.targets import TARGETS, Target
    from volact.errors import VolactError


def main() -> None:
    """One target; a folder that is named collects the inputs that reached something new."""
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    with TemporaryDirectory() as folder:
        for number, seed in enumerate(target.seeds()):
            (Path(folder) / f"{number:04}").write_bytes(seed)
        atheris.Setup([sys.argv[0], *options, folder], lambda data: _try(target, data))
        atheris.Fuzz()


def _try(target: Target, data: bytes) -> None:
    try:
        target.attempt(data)
    except VolactError as err:
        _ = err.refusal.known  # has a code that stands in the catalog of codes


main()
