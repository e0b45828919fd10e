"""The command `volact` as a user runs it, at any time.

volact("client", "--home", home, "status", shift="+200d")   -> Said(code, out, err)
"""

from __future__ import annotations

import json as jsonlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

VOLACT = Path(sys.executable).with_name("volact")
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: its exit code, and its two outputs."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one object on standard output; what stood on standard error where there is none."""
        found: dict[str, Any] = jsonlib.loads(self.out) if self.out else {"stderr": self.err}
        return found

    @property
    def error(self) -> str | None:
        """The code of the refusal, None where there was none."""
        found = self.data.get("error")
        return None if found is None else str(found["code"])

    @property
    def refused(self) -> str:
        """The code that it was refused with, and ended with exit code 1."""
        assert self.code == 1, self
        return str(self.error)

    @property
    def product(self) -> dict[str, Any]:
        """The only product's row."""
        (row,) = self.data["products"]
        return dict(row)


def volact(
    *words: object, json: bool = True, shift: str | None = None, text: str = "", env: dict[str, str] | None = None
) -> Said:
    """Runs one command without a terminal, by a clock that is shifted where `shift` says so."""
    done = subprocess.run(
        [VOLACT, *(str(word) for word in words), *(["--json"] if json else [])],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **shifted(shift), **(env or {})},
    )
    return Said(done.returncode, done.stdout, done.stderr)


def hears_ctrl_c() -> None:
    """Has a program that is about to start notice SIGINT, as on a terminal; what starts in the background need not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def shifted(shift: str | None) -> dict[str, str]:
    """The environment that moves a program's clock, such as by "+31d"; skips the test where that cannot be done."""
    if shift is None:
        return {}
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed")
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME": shift, "DONT_FAKE_MONOTONIC": "1"}


def declare(path: Path, name: str, **more: object) -> Path:
    """Writes an identity file."""
    path.write_text(jsonlib.dumps({"id": name} | more), "utf-8")
    return path
