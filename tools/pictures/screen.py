"""A terminal of 80 columns: a command runs on it, somebody types, and what stands there in the end is drawn."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from stage import VOLACT, Failed

COLUMNS, ROWS = 80, 60
PROMPT = b": "
# As rich's own, without fonts from elsewhere: every picture shows in whatever is monospaced where it is read.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px; \
line-height: {line_height}px; white-space: pre; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />\
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Screen:
    """What commands wrote in one folder, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: list[str] = []

    def run(self, *words: str, typed: Sequence[str] = (), code: int = 0) -> None:
        """Runs `volact` and types a line at each prompt; raises Failed where it ends otherwise than it has to."""
        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (ROWS, COLUMNS))
        env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color"}
        talk = slave if typed else subprocess.DEVNULL  # a bar is nothing to be drawn
        command = [*VOLACT, *words]
        process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=talk, cwd=self.folder, env=env)
        os.close(slave)
        said = _followed(master, list(typed))
        os.close(master)
        if process.wait(60) != code:
            raise Failed(f"volact {' '.join(words)} ended with {process.returncode}: {said.decode(errors='replace')}")
        self._written.append(f"$ volact {' '.join(words)}\n{said.decode().replace(chr(13), '')}")

    def rename(self, before: str, after: str) -> None:
        """Puts another name for what has a different one each time, such as a free port."""
        self._written = [text.replace(before, after) for text in self._written]

    def draw(self, file: Path, title: str) -> None:
        """Writes what stands on the screen as a picture; the same screen gives the same bytes."""
        console = Console(width=COLUMNS, record=True, file=StringIO(), force_terminal=True, color_system="truecolor")
        for line in "\n".join(self._written).rstrip().splitlines():
            text = Text.from_ansi(line)
            for row in text.divide(range(COLUMNS, len(text), COLUMNS)):  # as a terminal wraps
                console.print(row, soft_wrap=True)
        console.save_svg(str(file), title=title, theme=MONOKAI, code_format=FORMAT, unique_id=file.stem)


def _followed(master: int, typed: list[str]) -> bytes:
    said = b""
    with suppress(OSError):  # the terminal ends with its last program
        while part := os.read(master, 65_536):
            said += part
            if typed and said.endswith(PROMPT):
                os.write(master, f"{typed.pop(0)}\n".encode())
    return said
