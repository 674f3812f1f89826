"""PromQL expressions: whether they parse, and whether the metrics they name are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from soakctl.errors import DependencyError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Prometheus makes them itself, from alerts.
OWN_METRICS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
_SUFFIXES = ("_bucket", "_count", "_sum", "_total", "_created", "_info")
_VARIABLES = re.compile(
    r"\[(?P<range>\$\w+|\$\{\w+(?::\w+)?\})(?P<step>:[^\]]*)?\]|(?P<other>\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\])"
)
_TIMES = ("interval", "range", "rate_interval", "range_s", "range_ms", "interval_ms")
# What stands for a variable; a name that holds it cannot be judged.
_WORD = "a_variable"


def without_variables(expr: str) -> str:
    """The expression with Grafana's variables replaced by what may stand there: a duration or a word."""

    def one(match: re.Match[str]) -> str:
        if match["range"]:
            return f"[5m{match['step'] or ''}]".replace("$__interval", "1m").replace("$__rate_interval", "1m")
        name = match["other"].strip("${}[]").split(":")[0].removeprefix("__")
        return "5m" if name in _TIMES[:3] else "300" if name in _TIMES else _WORD

    return _VARIABLES.sub(one, expr)


def promql_problems(expr: str, known: frozenset[str] | None) -> list[str]:
    """Why an expression does not parse, or which of its metrics are unknown. Raises DependencyError."""
    try:
        import promql_parser  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - an extra
    except ImportError:
        raise DependencyError("promql-parser is not installed", hint="pip install 'soakctl[validate]'") from None
    text = without_variables(expr)
    shown = expr if len(expr) <= 80 else f"{expr[:77]}..."  # noqa: PLR2004 - a line
    try:
        tree = promql_parser.parse(text)
    except ValueError as error:
        why = (str(error).splitlines() or ["no PromQL"])[0]
        return [f"{shown}: does not parse: {why}"]
    if known is None:
        return []
    strange = sorted({name for name in _names(tree) if not _is_known(name, known)})
    return [f"{shown}: the metric {name} is not known" for name in strange]


def _is_known(name: str, known: frozenset[str]) -> bool:
    bare = (name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix))
    return name in known or _WORD in name or any(one in known for one in bare) or f"{name}_total" in known


def _names(tree: Any) -> Iterator[str]:
    """The metrics of a parsed expression."""
    kind = type(tree).__name__
    if kind == "VectorSelector":
        if tree.name:
            yield tree.name
        given = tree.matchers.matchers
        yield from (one.value for one in given if one.name == "__name__" and str(one.op) == "MatchOp.Equal")
        return
    for attribute in ("expr", "lhs", "rhs", "vs", "param", "vector_selector"):
        inner = getattr(tree, attribute, None)
        if inner is not None and not isinstance(inner, str | int | float):
            yield from _names(inner)
    for inner in getattr(tree, "args", None) or ():
        yield from _names(inner)
