"""The dashboards section: Grafana dashboards and Prometheus rule files, down to each PromQL expression."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from soakctl.domain.validation import MissingInputError, Outcome
from soakctl.domain.wording import counted
from soakctl.errors import DependencyError
from soakctl.services.validate.tried import tried

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soakctl.domain.config.validate import Dashboards
    from soakctl.ports import Bench

_METRIC_LINE = re.compile(r"(?:# (?:TYPE|HELP|UNIT) )?(?P<name>[a-zA-Z_:][\w:]*)")
_SUFFIXES = ("_bucket", "_count", "_sum", "_total", "_created", "_info")
_VARIABLES = re.compile(
    r"\[(?P<range>\$\w+|\$\{\w+(?::\w+)?\})(?P<step>:[^\]]*)?\]|(?P<other>\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\])"
)
_TIMES = ("interval", "range", "rate_interval", "range_s", "range_ms", "interval_ms")
_BUILT_IN_SOURCES = frozenset({"-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "default"})


def run_dashboards(asked: Dashboards, bench: Bench) -> Outcome:
    """Every dashboard and rule file; each finding with the panel or rule it is in."""
    files, rules = bench.find(asked.files), bench.find(asked.rules)
    if not files and not rules:
        raise MissingInputError("no dashboard or rule file matches", where="validate.dashboards.files")
    missing = []
    if not files and "files" in asked.model_fields_set:
        missing.append(f"validate.dashboards.files: {', '.join(asked.files)}: no file matches")
    if asked.rules and not rules:
        missing.append(f"validate.dashboards.rules: {', '.join(asked.rules)}: no file matches")
    known: frozenset[str] | None = None
    try:
        known = _known_metrics(bench.text(asked.metrics)) if asked.metrics else None
    except MissingInputError:
        missing.append(f"validate.dashboards.metrics: {asked.metrics}: no such file")
    problems: list[str] = []
    for path in files:
        problems += tried(lambda path=path: dashboard_problems(path, bench.text(path), known, asked.datasources))  # type: ignore[misc]
    for path in rules:
        problems += tried(lambda path=path: rule_problems(path, bench.text(path), known))  # type: ignore[misc]
    notes = (f"{counted(len(files), 'dashboard')}, {counted(len(rules), 'rule file')}",)
    return Outcome(tuple(problems), notes=notes, missing=tuple(missing))


def _known_metrics(text: str) -> frozenset[str]:
    """Names from a list, one a line, or from what a /metrics endpoint says."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(found["name"] for line in lines if (found := _METRIC_LINE.match(line)) is not None)


def dashboard_problems(path: str, text: str, known: frozenset[str] | None, sources: Iterable[str]) -> list[str]:
    """What is wrong with a dashboard."""
    try:
        board = json.loads(text)
    except ValueError as error:
        return [f"{path}: not JSON: {error}"]
    board = board.get("dashboard", board) if isinstance(board, dict) else board
    if not isinstance(board, dict) or not isinstance(board.get("title"), str) or not board["title"]:
        return [f"{path}: no dashboard: it has no title"]
    if not isinstance(board.get("panels", board.get("rows")), list):
        return [f"{path}: no dashboard: it has no list of panels"]
    panels = list(_panels(board))
    ids = [panel["id"] for panel in panels if "id" in panel]
    twins = sorted({str(one) for one in ids if ids.count(one) > 1})
    problems = [f"{path}: the panel id {one} stands twice" for one in twins]
    allowed = {*sources, *_BUILT_IN_SOURCES} if sources else None
    for panel in panels:
        where = f"{path}: panel {str(panel.get('title') or panel.get('id', '?'))[:60]!r}"
        if not isinstance(panel.get("type"), str):
            problems.append(f"{where}: has no type")
        problems += [f"{where}: {text}" for text in _panel_problems(panel, known, allowed)]
    return problems


def _panels(board: Any) -> Iterator[dict[str, Any]]:
    for panel in [*(board.get("panels") or []), *(board.get("rows") or [])]:
        if not isinstance(panel, dict):
            continue
        if "type" in panel or "targets" in panel:
            yield panel
        yield from _panels(panel)


def _panel_problems(panel: dict[str, Any], known: frozenset[str] | None, allowed: set[str] | None) -> Iterator[str]:
    targets = [target for target in panel.get("targets") or [] if isinstance(target, dict)]
    for holder in (panel, *targets):
        source = _source(holder.get("datasource"))
        if allowed is not None and source and not source.startswith("$") and source not in allowed:
            yield f"the data source {source} is not among validate.dashboards.datasources"
    for target in targets:
        kind = (target.get("datasource") or panel.get("datasource") or {}) if allowed is None else {}
        if isinstance(kind, dict) and kind.get("type", "prometheus") != "prometheus":
            continue
        if isinstance(target.get("expr"), str):
            yield from promql_problems(target["expr"], known)


def _source(found: Any) -> str:
    if isinstance(found, dict):
        return str(found.get("uid") or found.get("type") or "")
    return found if isinstance(found, str) else ""


def rule_problems(path: str, text: str, known: frozenset[str] | None) -> list[str]:
    """What is wrong with a Prometheus rule file."""
    import yaml  # noqa: PLC0415 - few sections need it

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [f"{path}: not YAML: {str(error).splitlines()[0]}"]
    if not isinstance(found, dict) or not isinstance(found.get("groups"), list):
        return [f"{path}: no rule file: it has no list of groups"]
    problems: list[str] = []
    recorded = {rule["record"] for _, rule in _rules(found) if isinstance(rule.get("record"), str)}
    for group, rule in _rules(found):
        name = rule.get("alert") or rule.get("record")
        where = f"{path}: group {group}, rule {name or '?'}"
        problems += [f"{where}: {text}" for text in _rule_fields(rule)]
        if bool(rule.get("alert")) is bool(rule.get("record")):
            problems.append(f"{where}: needs exactly one of alert and record")
        if not isinstance(rule.get("expr"), str | int | float):
            problems.append(f"{where}: has no expr")
        else:
            names = known | recorded if known is not None else None
            problems += [f"{where}: {text}" for text in promql_problems(str(rule["expr"]), names)]
    return problems


_DURATION = re.compile(r"0|(?:\d+(?:ms|[smhdwy]))+")
_FIELDS = frozenset("alert record expr for keep_firing_for labels annotations".split())


def _rule_fields(rule: dict[str, Any]) -> list[str]:
    """What Prometheus would refuse to load a rule for, beside its expression."""
    found = [f"the field {name} is unknown" for name in rule if name not in _FIELDS]
    for name in ("for", "keep_firing_for"):
        given = rule.get(name)
        if given is not None and not _DURATION.fullmatch(str(given)):
            found.append(f"{name}: {given} is no duration")
        if given is not None and not rule.get("alert"):
            found.append(f"{name} is for alerts")
    maps = (name for name in ("labels", "annotations") if not isinstance(rule.get(name) or {}, dict))
    return [*found, *(f"{name} is no mapping" for name in maps)]


def _rules(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for group in found["groups"]:
        for rule in (group.get("rules") or []) if isinstance(group, dict) else []:
            if isinstance(rule, dict):
                yield str(group.get("name", "?")), rule


def without_variables(expr: str) -> str:
    """The expression with Grafana's variables replaced by what may stand there: a duration or a word."""

    def one(match: re.Match[str]) -> str:
        if match["range"]:
            return f"[5m{match['step'] or ''}]".replace("$__interval", "1m").replace("$__rate_interval", "1m")
        name = match["other"].strip("${}[]").split(":")[0].removeprefix("__")
        return "5m" if name in _TIMES[:3] else "300" if name in _TIMES else "a_variable"

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
    return name in known or name == "a_variable" or any(one in known for one in bare) or f"{name}_total" in known


def _names(tree: Any) -> Iterator[str]:
    """The metrics of a parsed expression."""
    kind = type(tree).__name__
    if kind == "VectorSelector":
        if tree.name:
            yield tree.name
        return
    for attribute in ("expr", "lhs", "rhs", "vs", "param", "vector_selector"):
        inner = getattr(tree, attribute, None)
        if inner is not None and not isinstance(inner, str | int | float):
            yield from _names(inner)
    for inner in getattr(tree, "args", None) or ():
        yield from _names(inner)
