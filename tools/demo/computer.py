"""One computer of the demonstration: a process of its own that runs client commands as they come on standard input.

Each line is one order: `{"words": [...]}` runs `volact client` with those words, `{"ahead": SECONDS}` sets this
computer's clock ahead of the real one, `{"name": TEXT}` is what it calls itself.
"""

from __future__ import annotations

import contextlib
import io
import json
import socket
import sys
import time
from collections.abc import Callable
from functools import partial

from volact.cli.main import run
from volact.cli.ui import Ui


def shifted(clock: Callable[[], float], ahead: float) -> Callable[[], float]:
    """The same clock, that many seconds ahead."""
    return lambda: clock() + ahead


def main() -> None:
    """Answers every order with one line: exit code and object."""
    real_time = time.time
    for line in sys.stdin:
        order = json.loads(line)
        if "ahead" in order:
            time.time = shifted(real_time, order["ahead"])
            sys.stdout.write("{}\n")
        elif "name" in order:
            socket.gethostname = partial(str, order["name"])
            sys.stdout.write("{}\n")
        else:
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                code = run(["client", *order["words"]], Ui(as_json=True))
            sys.stdout.write(json.dumps({"code": code, "answer": json.loads(said.getvalue() or "null")}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
