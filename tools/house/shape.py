"""Sizes and shape: files, functions, parameters, names of modules."""

import ast
import io
import tokenize
from collections.abc import Iterator

from house.tree import Finding, Source

FILE_LINES = 400
FUNCTION_LINES = 40
POSITIONAL = 2
BANNED_NAMES = frozenset({"base", "common", "helper", "helpers", "manager", "managers", "util", "utils"})
_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def file_size(source: Source) -> Iterator[Finding]:
    """A file has at most 400 lines."""
    if source.is_python and len(source.lines) > FILE_LINES:
        yield source.finding("file-size", f"{len(source.lines)} lines, at most {FILE_LINES}", at=FILE_LINES)


def function_size(source: Source) -> Iterator[Finding]:
    """A function has at most 40 lines of code, unless its comments number the steps of a recipe: `# 1.`, `# 2.`."""
    code = _code_lines(source) if source.is_python else set()
    for function in source.functions():
        lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
        size = len(code.intersection(lines) - _docstring_lines(function))
        if size > FUNCTION_LINES and not _is_recipe(source, lines):
            yield source.finding(
                "function-size", f"{function.name}: {size} lines of code, at most {FUNCTION_LINES}", at=function
            )


def parameters(source: Source) -> Iterator[Finding]:
    """Parameters are keyword-only from the third, where the signature is ours to choose."""
    if not source.inside("src", "tools"):
        return
    for function in source.functions():
        names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
        if names[:1] in (["self"], ["cls"], ["mcs"]):
            names = names[1:]
        if len(names) > POSITIONAL and not _signature_is_given(source, function, names):
            yield source.finding(
                "parameters", f"{function.name}: keyword-only from the third, {names[POSITIONAL]}", at=function
            )


def faces(source: Source) -> Iterator[Finding]:
    """`__all__` stands in the face of a package only: everything else is imported from where it is defined."""
    if not source.is_python or source.path.endswith("/__init__.py"):
        return
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
            yield source.finding("faces", "`__all__` belongs to a package's __init__.py", at=node)


def module_name(source: Source) -> Iterator[Finding]:
    """No module or package is named utils, common, helpers, manager or base."""
    for name in source.names if source.is_python else ():
        if name in BANNED_NAMES:
            yield source.finding("module-name", f"{name} says nothing: name it after the thing it holds")


def _code_lines(source: Source) -> set[int]:
    """Numbers of the lines that hold more than a comment or nothing."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type not in _SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines


def _docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None:
        return set()
    return set(range(first.lineno, (first.end_lineno or first.lineno) + 1))


def _is_recipe(source: Source, lines: range) -> bool:
    text = [source.lines[number - 1].strip() for number in lines]
    return all(any(line.startswith(f"# {step}.") for line in text) for step in (1, 2))


def _signature_is_given(source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef, names: list[str]) -> bool:
    """A dunder, an ASGI application, a typer command or what `# signature of X` says: someone else calls it so."""
    is_dunder = function.name.startswith("__") and function.name.endswith("__") and function.name != "__init__"
    is_asgi = names == ["scope", "receive", "send"]
    above = source.lines[function.lineno - 1 : function.body[0].lineno]
    return is_dunder or is_asgi or _is_command(function) or any("# signature of " in line for line in above)


def _is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = [decorator for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call.func, ast.Attribute) and call.func.attr in {"command", "callback"} for call in calls)
