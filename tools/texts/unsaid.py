"""Refusals whose words pages could not translate: sentences that were put together before anybody knew the language."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SAYING = {"say": 1, "say_number": 2}  # and how many templates each begins with
_JOINED = (ast.JoinedStr, ast.BinOp)
Sink = tuple[int, str]  # which argument is the words: its place, and its name
SINKS: Mapping[str, Sink] = {
    "Refusal": (1, "words"),
    **dict.fromkeys(("Damaged", "StorageFull", "Unreachable", "VolactError"), (0, "words")),
}


@dataclass(frozen=True, slots=True)
class Module:
    """A source by its name."""

    name: str
    tree: ast.Module


def read(name: str, source: str) -> Module:
    """A source that is looked through."""
    return Module(name, ast.parse(source))


def unsaid(modules: list[Module]) -> list[str]:
    """Where a text is joined on its way to a refusal, or is no template that is found: in these modules, and through
    functions of theirs that hand an argument on."""
    sinks = _sinks(modules)
    return [f"{module.name}:{line}" for module in modules for line in sorted(set(_lines(module, sinks)))]


def _sinks(modules: list[Module]) -> dict[tuple[str, str], Sink]:
    """What takes the words of a refusal, by module and name; what is public, by the name alone."""
    found = {("", name): sink for name, sink in SINKS.items()}
    while True:
        more = {
            (module.name if outer.name.startswith("_") else "", outer.name): sink
            for module in modules
            for outer in _functions(module.tree)
            for sink in _handed_on(module, outer, sinks=found)
        }
        if more.keys() <= found.keys():
            return found
        found |= more


def _handed_on(module: Module, outer: ast.FunctionDef, *, sinks: Mapping[tuple[str, str], Sink]) -> Iterator[Sink]:
    names = [each.arg for each in (*outer.args.args, *outer.args.kwonlyargs) if each.arg not in ("self", "cls")]
    for call in _calls(outer):
        words = _words(call, module, sinks=sinks)
        for each in _alternatives(words) if words else ():
            if isinstance(each, ast.Name) and each.id in names:
                yield names.index(each.id), each.id


def _lines(module: Module, sinks: Mapping[tuple[str, str], Sink]) -> Iterator[int]:
    for call in _calls(module.tree):
        templates = call.args[: _SAYING.get(_called(call), 0)]
        yield from (each.lineno for each in templates if not _is_text(each))
        if _called(call) in _SAYING:
            yield from (
                each.value.lineno
                for each in call.keywords
                if _is_text(each.value) or isinstance(each.value, ast.JoinedStr)
            )
    for outer in _functions(module.tree):
        for call in _calls(outer):
            words = _words(call, module, sinks=sinks)
            if words is not None and not (_called(call) == "Refusal" and _is_text(words)):
                yield from _unsaid(words, outer=outer, module=module)


def _unsaid(words: ast.expr, *, outer: ast.FunctionDef, module: Module) -> Iterator[int]:
    waiting, followed = [words], set[str]()
    while waiting:
        for each in _alternatives(waiting.pop()):
            if isinstance(each, ast.Name) and each.id not in followed:
                followed.add(each.id)
                waiting += _values(outer, each.id)
            elif _is_text(each) or _is_joined(each) or _gives_text(each, module):
                yield each.lineno


def _values(outer: ast.FunctionDef, name: str) -> Iterator[ast.expr]:
    """What a function puts under a name."""
    for each in ast.walk(outer):
        if isinstance(each, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and each.value is not None:
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                yield each.value


def _alternatives(words: ast.expr) -> Iterator[ast.expr]:
    """What an expression may come to."""
    match words:
        case ast.IfExp():
            inner = [words.body, words.orelse]
        case ast.BoolOp():
            inner = words.values
        case _:
            yield words
            return
    for each in inner:
        yield from _alternatives(each)


def _gives_text(words: ast.expr, module: Module) -> bool:
    """A function of the module that promises a plain text, or the English of another refusal."""
    if isinstance(words, ast.Attribute):
        return words.attr == "detail"
    functions = {each.name: each.returns for each in _functions(module.tree)}
    returns = functions.get(_called(words)) if isinstance(words, ast.Call) else None
    return returns is not None and ast.unparse(returns) == "str"


def _is_joined(words: ast.expr) -> bool:
    joins = isinstance(words, ast.Call) and isinstance(words.func, ast.Attribute) and words.func.attr == "format"
    return joins or isinstance(words, _JOINED)


def _is_text(words: ast.expr) -> bool:
    return isinstance(words, ast.Constant) and isinstance(words.value, str)


def _words(call: ast.Call, module: Module, *, sinks: Mapping[tuple[str, str], Sink]) -> ast.expr | None:
    """What a call gives a refusal to say, if it makes one."""
    sink = sinks.get((module.name, _called(call))) or sinks.get(("", _called(call)))
    if sink is None:
        return None
    named = next((each.value for each in call.keywords if each.arg == sink[1]), None)
    return call.args[sink[0]] if len(call.args) > sink[0] else named


def _called(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.Call))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))
