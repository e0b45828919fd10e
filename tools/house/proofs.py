"""Rules of the tests: each begins with its sentence, and unit and flow tests patch nothing."""

import ast
import re
from collections.abc import Iterator

from house.tree import Finding, Source

_PATCHERS = frozenset({"monkeypatch", "mocker"})
_MORE_THAN_ONE = re.compile(r"[.!?][\"')\]]*\s+\S")


def sentence(source: Source) -> Iterator[Finding]:
    """A test's docstring is one sentence that could stand in the specification."""
    if not source.inside("tests"):
        return
    for function in source.functions():
        if function.name.startswith("test_") and (fault := _fault(ast.get_docstring(function))):
            yield source.finding("sentence", f"{function.name}: {fault}", at=function)


def no_patching(source: Source) -> Iterator[Finding]:
    """Unit and flow tests hand in what they need; they patch nothing."""
    if not source.inside("tests/unit", "tests/flows"):
        return
    for node in source.nodes():
        if name := _patcher(node):
            yield source.finding("no-patching", f"{name}: hand in a fake instead", at=node)


def _fault(docstring: str | None) -> str | None:
    """What keeps a docstring from being one sentence, or None."""
    if not docstring:
        return "no docstring"
    text = " ".join(docstring.split())
    if not text[0].isupper():
        return "the sentence starts with a capital letter"
    if not text.endswith("."):
        return "the sentence ends with a full stop"
    if _MORE_THAN_ONE.search(text):
        return "one sentence, not several"
    return None


def _patcher(node: ast.AST) -> str | None:
    match node:
        case ast.arg(arg=name) if name in _PATCHERS:
            return name
        case ast.Attribute(attr="MonkeyPatch" as name):
            return name
        case ast.ImportFrom(module="mock" | "unittest.mock" as name):
            return name
        case ast.ImportFrom(module="unittest", names=names) if any(alias.name == "mock" for alias in names):
            return "unittest.mock"
        case ast.Import(names=names):
            return next((alias.name for alias in names if alias.name in {"mock", "unittest.mock"}), None)
    return None
