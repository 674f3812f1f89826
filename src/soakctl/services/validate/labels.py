"""Labels of metrics against an allow-list: in the Prometheus text format, and in Python source that sets them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.validate import MetricLabels
    from soakctl.ports import Bench

_LABELS = re.compile(r"[A-Za-z_:][\w:]*\{(?P<labels>.*)\}\s")
_LABEL = re.compile(r'(?P<name>[A-Za-z_]\w*)\s*=\s*"(?:[^"\\]|\\.)*"')
_METRICS = frozenset("Counter Gauge Histogram Summary Info Enum".split())
# Made by the formats of histograms and summaries, not by the project.
_OF_THE_FORMAT = frozenset({"le", "quantile"})
_NAMES_AT = 2  # Counter(name, documentation, labelnames)


def strange_labels(asked: MetricLabels, path: str, bench: Bench) -> list[str]:
    """Labels that the allow-list does not have, each once."""
    text = bench.text(path)
    found: dict[str, int] = {}
    for name, number in _in_python(text) if path.endswith(".py") else _in_metrics(text):
        if name not in asked.allow and name not in _OF_THE_FORMAT:
            found.setdefault(name, number)
    return [f"{path}:{number}: the label {name} is not allowed" for name, number in found.items()]


def _in_metrics(text: str) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text.splitlines(), 1):
        labels = _LABELS.match(line)
        for label in _LABEL.finditer(labels["labels"]) if labels else ():
            yield label["name"], number


def _in_python(text: str) -> Iterator[tuple[str, int]]:
    """`Counter("x", "…", ["symbol"])` and `x.labels(symbol=…)`. Source that cannot be parsed is preflight's matter."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "labels" and isinstance(node.func, ast.Attribute):
            yield from ((word.arg, node.lineno) for word in node.keywords if word.arg is not None)
        elif called in _METRICS:
            yield from _declared(node)


def _declared(call: ast.Call) -> Iterator[tuple[str, int]]:
    given = [*call.args[_NAMES_AT : _NAMES_AT + 1], *(word.value for word in call.keywords if word.arg == "labelnames")]
    for names in given:
        if isinstance(names, ast.List | ast.Tuple | ast.Set):
            for item in names.elts:
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield item.value, item.lineno
