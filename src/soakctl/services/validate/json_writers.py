"""Python source that writes JSON to a file by itself: found in its syntax tree, so that texts and comments are none."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODULES = ("json", "simplejson", "ujson", "orjson", "rapidjson", "msgspec.json")
_MAKE_TEXT = frozenset({"dumps", "encode"})
_WRITE = frozenset({"write", "write_text", "write_bytes", "writelines"})
# What a text is still JSON after.
_STAY = frozenset({"encode", "decode", "strip", "rstrip", "lstrip", "replace"})
_STREAMS = frozenset({"sys.stdout", "sys.stderr", "sys.stdout.buffer", "sys.stderr.buffer"})


def writing_lines(text: str) -> list[tuple[int, int]]:
    """First and last line of each call that writes JSON. Raises SyntaxError and ValueError where it is no Python."""
    tree = ast.parse(text)
    finder = _Finder(dict(_imported(tree)))
    finder.visit(tree)
    return sorted(set(finder.found))


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What names of the source stand for: as `json`, or as `json.dump`."""
    yield from ((name, name) for name in _MODULES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


class _Finder(ast.NodeVisitor):
    """Walks in the order of the source, and keeps in mind which variables hold a text of JSON."""

    def __init__(self, names: dict[str, str]) -> None:
        self.found: list[tuple[int, int]] = []
        self._names = names
        self._texts: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Its variables are its own."""
        outer = self._texts
        given = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
        self._texts = outer - given
        self.generic_visit(node)
        self._texts = outer

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - of ast

    def visit_Assign(self, node: ast.Assign) -> None:
        """A variable takes on what its value is."""
        self.visit(node.value)
        for target in node.targets:
            self._take(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """As above, with a type."""
        if node.value is not None:
            self.visit(node.value)
            self._take(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """As above, within an expression."""
        self.visit(node.value)
        self._take(node.target, node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """Whether it writes JSON."""
        self.generic_visit(node)
        if self._writes(node):
            self.found.append((node.lineno, node.end_lineno or node.lineno))

    def _take(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            (self._texts.add if self._is_json(value) else self._texts.discard)(target.id)

    def _writes(self, call: ast.Call) -> bool:
        called = self._dotted(call.func)
        module, _, name = called.rpartition(".")
        if name == "dump" and module in _MODULES:
            return len(call.args) < 2 or self._dotted(call.args[1]) not in _STREAMS  # noqa: PLR2004 - what, where
        if called == "print":
            to = next((word.value for word in call.keywords if word.arg == "file"), None)
            return to is not None and self._dotted(to) not in _STREAMS and any(map(self._is_json, call.args))
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _WRITE:
            return False
        given = [*call.args, *(word.value for word in call.keywords)]
        return self._dotted(call.func.value) not in _STREAMS and any(map(self._is_json, given))

    def _is_json(self, value: ast.expr) -> bool:
        """Whether a value is a text of JSON, or holds one as it is."""
        if isinstance(value, ast.Name):
            return value.id in self._texts
        if isinstance(value, ast.Call):
            module, _, name = self._dotted(value.func).rpartition(".")
            if name in _MAKE_TEXT and module in _MODULES:
                return True
            if not isinstance(value.func, ast.Attribute):
                return False
            joined = value.func.attr == "join" and any(map(self._is_json, value.args))
            return joined or (value.func.attr in _STAY and self._is_json(value.func.value))
        return any(map(self._is_json, _parts(value)))

    def _dotted(self, node: ast.expr) -> str:
        """`json.dumps` for what the source may call otherwise; "" for what has no name."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            before = self._dotted(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""


def _parts(value: ast.expr) -> list[ast.expr]:
    """What an expression hands on as it is."""
    if isinstance(value, ast.BinOp):
        return [value.left, value.right]
    if isinstance(value, ast.IfExp):
        return [value.body, value.orelse]
    if isinstance(value, ast.JoinedStr):
        return value.values
    if isinstance(value, ast.List | ast.Tuple):
        return value.elts
    if isinstance(value, ast.ListComp | ast.GeneratorExp):
        return [value.elt]
    return [value.value] if isinstance(value, ast.FormattedValue | ast.NamedExpr) else []
