"""The only place that prints. Data goes to stdout, talk to stderr; `--json` makes the data one JSON object.

A refusal is shown as cause, hint and code; a state by shape and word, never by color alone.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unicodedata import category

from rich.console import Console
from rich.table import Table
from rich.text import Text

from volact.errors import Refusal

WIDTH = 80
Render = Callable[["Ui"], None]


class Ui:
    """What one command says: one result, and talk beside it."""

    def __init__(self, *, as_json: bool) -> None:
        self.json = as_json
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)
        self._warnings: list[Refusal] = []

    def result(self, data: Mapping[str, Any], lines: Sequence[str] | Render = ()) -> None:
        """Shows what a command gives: the object with --json, else the lines, or what `lines(ui)` writes."""
        if self.json:
            self._json(dict(data) | self._warned())
        elif callable(lines):
            lines(self)
        else:
            for line in lines:
                self.line(line)

    def stream(
        self, data: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], *, lines: Sequence[str] | Render
    ) -> None:
        """Shows a result of many rows: with --json they are its `rows`, written as they come; else only the lines."""
        if not self.json:
            self.result(data, lines)
            return
        text = json.dumps(dict(data) | self._warned())
        self._out.file.write(f'{text[:-1]}{", " if len(text) > 2 else ""}"rows": [')
        for number, row in enumerate(rows):
            self._out.file.write(f"{', ' if number else ''}{json.dumps(row)}")
        self._out.file.write("]}\n")
        self._out.file.flush()

    def line(self, text: str = "", style: str = "") -> None:
        """One line of the result, for people."""
        self._out.print(Text(_plain(text), style=style), soft_wrap=not self._out.is_terminal)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
        """A list of the result, for people; columns named in `right` hold figures."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(_plain(cell)) for cell in row))
        self._out.print(table)

    def talk(self, text: str) -> None:
        """Something said on the way; never data."""
        self._err.print(Text(_plain(text)), soft_wrap=not self._err.is_terminal)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """A bar on stderr for long work, in a terminal alone; gives what is told how many are done of how many."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # for long work alone

        bar = Progress(
            TextColumn("{task.completed:,} of {task.total:,} " + what),
            BarColumn(),
            TimeRemainingColumn(),
            console=_console(sys.stderr),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        with bar:
            task = bar.add_task(what, total=1)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def warn(self, refusal: Refusal) -> None:
        """Something that is done but needs a word."""
        self._warnings.append(refusal)
        if not self.json:
            self._trouble("warning", refusal, style="yellow")

    def refuse(self, refusal: Refusal, data: Mapping[str, Any] | None = None) -> None:
        """Shows why a command ends with exit code 1; with --json the data stands beside the error."""
        if self.json:
            code = refusal.known
            told = {"code": refusal.code, "title": code.title, "detail": refusal.detail, "fix": code.fix}
            self._json(dict(data or {}) | {"error": dict(refusal.fields) | told})
        else:
            self._trouble("error", refusal, style="bold red")

    def read_secret(self, given: str, prompt: str = "Key: ") -> str:
        """A secret from the command line, or from standard input where `-` is given (asked for at a terminal)."""
        if given != "-":
            return given
        if sys.stdin.isatty():
            return getpass.getpass(prompt)
        lines = (line.strip("\ufeff \t\r\n") for line in sys.stdin)  # editors and shells put marks and empty lines
        return next((line for line in lines if line), "")

    def ask(self, prompt: str) -> str | None:
        """One line from standard input, asked for on standard error; None where it ends."""
        self._err.print(Text(_plain(prompt)), end="")
        line = sys.stdin.readline()
        return line.strip("\ufeff \t\r\n") if line else None

    def read_text(self, given: str) -> str:
        """A text from the command line, or all of standard input where `-` is given."""
        return sys.stdin.read() if given == "-" else given

    def _warned(self) -> dict[str, Any]:
        warned = [{"code": each.code, "title": each.known.title} for each in self._warnings]
        return {"warnings": warned} if warned else {}

    def _trouble(self, word: str, refusal: Refusal, *, style: str) -> None:
        self._labelled(f"{word}: ", Text(_plain(refusal.detail)), style=style)
        fix, code = refusal.known.fix, f"[{refusal.code}]"
        gap = max(WIDTH - len(f"hint:  {fix}") - len(code), 1)
        self._labelled("hint:  ", Text.assemble(fix, " " * gap, (code, "dim")), style="bold")

    def _labelled(self, label: str, text: Text, *, style: str) -> None:
        """A label and its text: one line where a program reads it, wrapped under itself on a terminal."""
        if not self._err.is_terminal:
            self._err.print(Text.assemble((label, style), text), soft_wrap=True)
            return
        grid = Table.grid()
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(Text(label, style=style), text)
        self._err.print(grid)

    def _json(self, data: Mapping[str, Any]) -> None:
        text = json.dumps(data, ensure_ascii=False)
        if any("\ud800" <= sign <= "\udfff" for sign in text):  # of a path in another encoding: escaped
            text = json.dumps(data)
        self._out.file.write(text + "\n")
        self._out.file.flush()


def _plain(text: str) -> str:
    """The text without what would steer a terminal: what another program answered is shown too."""
    return "".join(sign if sign in "\n\t" or category(sign)[0] != "C" else "�" for sign in text)


def time(seconds: int | None) -> str | None:
    """A time as documents write it: RFC 3339, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def date(seconds: int) -> str:
    """A day as people read it: 24 November 2026."""
    day = datetime.fromtimestamp(seconds, UTC)
    return f"{day.day} {day:%B %Y}"


def day(text: str) -> str:
    """An ISO day as people read it."""
    return date(int(datetime.fromisoformat(f"{text}T00:00:00+00:00").timestamp()))


def ago(seconds: int) -> str:
    """A span as people say it, from its seconds: 4 minutes ago."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def _console(file: Any) -> Console:
    terminal = file.isatty()
    plain = not terminal or "NO_COLOR" in os.environ
    return Console(
        file=file, no_color=plain, highlight=False, markup=False, emoji=False, width=None if terminal else 10 * WIDTH
    )
