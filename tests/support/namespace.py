"""A network namespace without any route, in which several programs reach one another by loopback alone.

with isolated() as there:
    there.run("client", "--home", home, "status")    -> Said(code, out, err)
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.commands import VOLACT, Said, shifted

_AS_ROOT = () if os.geteuid() == 0 else ("--user", "--map-root-user")
_INTO = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
# Brings the loopback up (SIOCSIFFLAGS: up and running), says so, and stays until it is told to end.
_STAY = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any:
    fcntl.ioctl(any, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
print("up", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Namespace:
    """Where nothing leads out; `pid` is of the program that holds it."""

    pid: int

    @property
    def enter(self) -> list[str]:
        """The words before a command that runs there."""
        return ["nsenter", "--target", str(self.pid), "--net", *_INTO]

    def run(self, *words: object, text: str = "", shift: str | None = None, env: dict[str, str] | None = None) -> Said:
        """Runs `volact` there."""
        command = [*self.enter, str(VOLACT), *map(str, words), "--json"]
        moved = {**os.environ, **shifted(shift), **(env or {})}
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False, env=moved)
        return Said(done.returncode, done.stdout, done.stderr)

    def python(self, program: str, *words: object, shift: str | None = None) -> str:
        """What a Python program prints that runs there."""
        command, env = [*self.enter, sys.executable, "-c", program, *map(str, words)], {**os.environ, **shifted(shift)}
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=env).stdout

    @property
    def routes(self) -> str:
        """The routes that do not end on this very machine."""
        text = self.python("print(open('/proc/net/route').read())")
        return "\n".join(text.strip().splitlines()[1:])


@contextlib.contextmanager
def isolated() -> Iterator[Namespace]:
    """A namespace that is gone when this ends."""
    words = ["unshare", *_AS_ROOT, "--net", sys.executable, "-c", _STAY]
    holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
        yield Namespace(holder.pid)
    finally:
        holder.terminate()
        with holder:
            holder.wait(10)
