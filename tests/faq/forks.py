"""The command `volact` as a process of its own each time, forked from one that has imported it already.

Hundreds of commands are run by these tests, and importing takes most of a command's time.

    forked("service", "key", "show", folder, keyid)   -> Said(code, out, err)
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import io
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support import commands
from tests.support.commands import Said

_ROOT = Path(__file__).resolve().parents[2]


def forked(*words: object, text: str = "", shift: str | None = None, json: bool = True) -> Said:
    """Runs one command without a terminal; a clock that is shifted takes a process that starts from nothing."""
    if shift is not None:
        return commands.volact(*words, json=json, text=text, shift=shift)
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / name) for name in ("in", "out", "err")]
        Path(files[0]).write_text(text, "utf-8")
        argv = [*(str(word) for word in words), *(["--json"] if json else [])]
        code = _ask({"argv": argv, "files": files})
        return Said(code, *(Path(file).read_text("utf-8") for file in files[1:]))


@functools.cache
def _parent() -> subprocess.Popen[str]:
    """The process that the commands are forked from; it ends with its standard input."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faq.forks"], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _ask(order: dict[str, Any]) -> int:
    parent = _parent()
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(json.dumps(order) + "\n")
    parent.stdin.flush()
    return int(parent.stdout.readline())


def _next_order() -> dict[str, Any] | None:
    """In the parent, forks for each order and says its exit code; in a child, the order; None at the end."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            return dict(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    return None


def _obey(order: dict[str, Any]) -> None:
    """Runs the command in this process, which ends with its exit code."""
    flags = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, name in enumerate(order["files"]):
        os.dup2(os.open(name, flags[number], 0o600), number)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)  # the old one had read what was the parent's
    importlib.import_module("volact.cli.main").main(order["argv"])


def _warm_up() -> None:
    """Imports what commands import, also what they import only when one runs."""
    for module in pkgutil.walk_packages(importlib.import_module("volact.cli").__path__, "volact.cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        importlib.import_module("volact.cli.main").main(["errors", "usage"])


if __name__ == "__main__":
    _warm_up()
    gc.freeze()  # what was imported is left alone, and shared
    if (order := _next_order()) is not None:
        _obey(order)
