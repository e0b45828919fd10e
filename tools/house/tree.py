"""Reads the tree once; rules see values only."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One broken rule, at its place."""

    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what} [{self.rule}]"


@dataclass(frozen=True)
class Source:
    """A file of the tree: its path from the root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text; SyntaxError where it is not Python."""
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines without their ends."""
        return self.text.splitlines()

    @property
    def is_python(self) -> bool:
        """Whether this is Python, by its name or its first line."""
        return self.path.endswith(".py") or (self.text.startswith("#!") and "python" in self.text.split("\n", 1)[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The folders and the module's name without its ending: ("src", "volact", "cli", "ui")."""
        return PurePosixPath(self.path).with_suffix("").parts

    def inside(self, *folders: str) -> bool:
        """Whether the file lies in one of the folders, given from the root."""
        return any(self.path.startswith(f"{folder}/") for folder in folders)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the syntax tree; none where this is not Python."""
        return ast.walk(self.tree) if self.is_python else iter(())

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones too."""
        for node in self.nodes():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def finding(self, rule: str, what: str, *, at: ast.AST | int = 1) -> Finding:
        """A finding in this file, at a node or a line."""
        line = at if isinstance(at, int) else getattr(at, "lineno", 1)
        return Finding(self.path, line, rule, what)


def read_tree(root: Path) -> list[Source]:
    """Every text file that git has or would take, in order of path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    sources = []
    for path in sorted(set(listed.split("\0")) - {""}):
        try:
            sources.append(Source(path, (root / path).read_text("utf-8")))
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, a file just deleted, or another repository inside
    return sources
