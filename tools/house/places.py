"""What may stand in one place only: printing, SQL, private keys; and what may stand nowhere."""

import ast
import re
from collections.abc import Iterator

from house.tree import Finding, Source

# Letters in brackets keep these patterns from finding themselves.
_ELSEWHERE = {
    "a path of a development machine": re.compile(r"(?<![\w.])/(?:wor[k]|tmp/pla[n])/"),
    "a registry's address": re.compile(
        r"(?:pyp[i]|pythonhoste[d]|npmj[s])\.(?:org|com)|deb\.debia[n]\.org|https?://crate[s]\.io", re.IGNORECASE
    ),
}
_SQL = re.compile(
    r"\s*(?:SELECT\s.*\sFROM\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|PRAGMA\s"
    r"|(?:CREATE|DROP|ALTER)\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|VIEW|TRIGGER)\s)",
    re.DOTALL,
)
_PRINTERS = frozenset({"print", "typer.echo", "typer.secho", "click.echo", "click.secho", "rich.print"})
_KEY_NAME = re.compile(r"\w+PrivateKey|SigningKey|load_\w*private_key|generate_private_key")


def no_sleep(source: Source) -> Iterator[Finding]:
    """Shipped code waits by asyncio or Event.wait, never by time.sleep, which a moved clock breaks."""
    if not source.inside("src"):
        return
    for node in source.nodes():
        imported = isinstance(node, ast.ImportFrom) and node.module == "time" and _imports(node, "sleep")
        if imported or (isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep"):
            yield source.finding("no-sleep", "wait by asyncio or Event.wait", at=node)


def printing(source: Source) -> Iterator[Finding]:
    """Only cli/ui.py prints."""
    if not source.inside("src") or source.path == "src/volact/cli/ui.py":
        return
    for node in source.nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _PRINTERS:
            yield source.finding("printing", "only cli/ui.py prints", at=node)


def sql(source: Source) -> Iterator[Finding]:
    """SQL stands in service/ledger/ and in host/store*.py."""
    if not source.inside("src"):
        return
    if source.inside("src/volact/service/ledger") or re.fullmatch(r"src/volact/host/store\w*(/\w+)?\.py", source.path):
        return
    for node in source.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.match(node.value):
            yield source.finding("sql", "SQL belongs to service/ledger/ or host/store*.py", at=node)


def private_keys(source: Source) -> Iterator[Finding]:
    """Private keys are made and read in vault modules and in credential/keys.py."""
    if not source.inside("src") or source.path == "src/volact/credential/keys.py":
        return
    if any(name.startswith("vault") for name in source.names):
        return
    for node in source.nodes():
        for name in _names(node):
            if _KEY_NAME.fullmatch(name):
                yield source.finding("private-keys", f"{name} belongs to a vault module", at=node)


def no_elsewhere(source: Source) -> Iterator[Finding]:
    """Nothing in the tree names a development path or a registry's address."""
    for number, line in enumerate(source.lines, 1):
        for what, pattern in _ELSEWHERE.items():
            if pattern.search(line):
                yield source.finding("no-elsewhere", what, at=number)


def _imports(node: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name for alias in node.names)


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names]
    return []
