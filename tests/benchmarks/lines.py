"""How many lines of code a message takes: `python -m tests.benchmarks.lines`.

Of X12 and EDIFACT: the lines of a message's table, and the lines of its bridge that no other message uses; of modules
that two messages share, such as orders and their answers, each function counts for the message that is its own.
Blank lines, comments and docstrings count as nothing.
"""
# ruff: noqa: T201

from __future__ import annotations

import ast
import inspect
import io
import sys
import tokenize
from collections.abc import Callable
from types import ModuleType
from typing import Any

from mappings.codecs.edifact import tables as edifact_tables
from mappings.codecs.edifact.bridge.registry import BRIDGES as EDIFACT
from mappings.codecs.x12 import tables as x12_tables
from mappings.codecs.x12.bridge.registry import BRIDGES as X12


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code."""
    documented = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    silent = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for t in tokens if t.type not in silent for line in range(t.start[0], t.end[0] + 1)}
    return lines - documented


def reached(module: ModuleType, entries: list[str]) -> set[str]:
    """The names at the top of `module` that `entries` use, directly or through others."""
    used = {
        name: {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        for node in ast.parse(inspect.getsource(module)).body
        for name in _defines(node)
    }
    found: set[str] = set()
    waiting = [name for name in entries if name in used]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in used[name] if other in used]
    return found


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def bridge_lines(bridge: Any, others: list[Any]) -> tuple[int, int]:
    """Lines of a bridge's module that only this message uses, and those that it shares with a message beside it."""
    write, read = bridge.write, getattr(bridge.read, "func", bridge.read)
    module = sys.modules[write.__module__]
    own = reached(module, [write.__name__, read.__name__])
    theirs: set[str] = set()
    for other in others:
        if other.write.__module__ == write.__module__ and other.write is not write:
            theirs |= reached(
                module, [other.write.__name__, getattr(other.read, "func", other.read).__name__]
            )
    return _size(module, own - theirs), _size(module, own & theirs)


def _size(module: ModuleType, names: set[str]) -> int:
    source = inspect.getsource(module)
    spans: set[int] = set()
    for node in ast.parse(source).body:
        if set(_defines(node)) & names:
            spans |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(spans & code_lines(source))


def table_lines(text: str) -> int:
    """The lines of a message's table."""
    return sum(bool(line.strip()) for line in text.splitlines())


def main() -> None:
    """Print a line for every message."""
    standards: tuple[tuple[str, dict[str, Any], Callable[[str], str]], ...] = (
        ("X12", X12, lambda type_: x12_tables.MESSAGES[type_][2]),
        ("EDIFACT", EDIFACT, lambda type_: edifact_tables.MESSAGES[type_][1]),
    )
    print(f"{'message':<18}{'table':>8}{'bridge':>8}{'shared with the message beside it':>36}")
    for standard, bridges, table in standards:
        for type_, bridge in bridges.items():
            own, shared = bridge_lines(bridge, list(bridges.values()))
            print(f"{standard + ' ' + type_:<18}{table_lines(table(type_)):>8}{own:>8}{shared or '':>36}")


if __name__ == "__main__":
    main()
