"""The dashboards section: Grafana dashboards and Prometheus rule files, down to each PromQL expression."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from soakctl.domain.validation import MissingInputError, Outcome, OutOfTimeError
from soakctl.domain.wording import counted
from soakctl.errors import SoakctlError
from soakctl.services.validate.promql import OWN_METRICS, promql_problems
from soakctl.services.validate.rule_files import recorded, rule_problems
from soakctl.services.validate.tried import tried

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from soakctl.domain.config.validate import Dashboards
    from soakctl.ports import Bench

_METRIC_LINE = re.compile(r"(?:# (?:TYPE|HELP|UNIT) )?(?P<name>[a-zA-Z_:][\w:]*)")
_BUILT_IN_SOURCES = frozenset({"-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "default", "__expr__"})
_PROMETHEUS = ("prometheus", "mimir", "cortex", "thanos", "victoriametrics")
_OTHERS = ("loki", "tempo", "elastic", "influx", "graphite", "cloudwatch", "postgres", "mysql", "jaeger", "zipkin")
_LABEL_VALUES = re.compile(r"\s*label_values\(\s*(?P<expr>.+?)\s*,\s*[^,(){}\s]+\s*\)\s*", re.DOTALL)
_QUERY_RESULT = re.compile(r"\s*query_result\(\s*(?P<expr>.+)\)\s*", re.DOTALL)


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
    if known is not None:
        known = known.union(OWN_METRICS, *(_recorded(path, bench) for path in rules))
    for path in files:
        problems += tried(lambda path=path: dashboard_problems(path, bench.text(path), known, asked.datasources))  # type: ignore[misc]
    for path in rules:
        problems += tried(lambda path=path: rule_problems(path, bench.text(path), known))  # type: ignore[misc]
    notes = (f"{counted(len(files), 'dashboard')}, {counted(len(rules), 'rule file')}",)
    return Outcome(tuple(problems), notes=notes, missing=tuple(missing))


def _recorded(path: str, bench: Bench) -> frozenset[str]:
    try:
        return recorded(bench.text(path))
    except OutOfTimeError:
        raise
    except SoakctlError:
        return frozenset()  # told where the file is looked at


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
    kinds = _kinds(board)
    for panel in panels:
        where = f"{path}: panel {str(panel.get('title') or panel.get('id', '?'))[:60]!r}"
        if not isinstance(panel.get("type"), str):
            problems.append(f"{where}: has no type")
        problems += [f"{where}: {text}" for text in _panel_problems(panel, known, allowed, kinds)]
    for variable in _variables(board):
        where = f"{path}: variable {str(variable.get('name', '?'))[:60]!r}"
        problems += [f"{where}: {text}" for text in _variable_problems(variable, known, allowed, kinds)]
    return problems


def _panels(board: Any) -> Iterator[dict[str, Any]]:
    for panel in [*(board.get("panels") or []), *(board.get("rows") or [])]:
        if not isinstance(panel, dict):
            continue
        if "type" in panel or "targets" in panel:
            yield panel
        yield from _panels(panel)


def _panel_problems(
    panel: dict[str, Any], known: frozenset[str] | None, allowed: set[str] | None, kinds: Mapping[str, str]
) -> Iterator[str]:
    targets = [target for target in panel.get("targets") or [] if isinstance(target, dict)]
    for holder in (panel, *targets):
        yield from _source_problems(holder.get("datasource"), allowed)
    for target in targets:
        of_prometheus = _is_prometheus(target.get("datasource") or panel.get("datasource"), kinds)
        if of_prometheus and isinstance(target.get("expr"), str):
            yield from promql_problems(target["expr"], known)


def _variable_problems(
    variable: dict[str, Any], known: frozenset[str] | None, allowed: set[str] | None, kinds: Mapping[str, str]
) -> Iterator[str]:
    if variable.get("type") not in {"query", "adhoc"}:
        return
    yield from _source_problems(variable.get("datasource"), allowed)
    given = variable.get("query")
    query = given.get("query") if isinstance(given, dict) else given
    if not isinstance(query, str) or not _is_prometheus(variable.get("datasource"), kinds):
        return
    values = _LABEL_VALUES.fullmatch(query) or _QUERY_RESULT.fullmatch(query)
    if values is not None:
        yield from promql_problems(values["expr"], known)


def _source_problems(given: Any, allowed: set[str] | None) -> Iterator[str]:
    source = _source(given)
    if allowed is not None and source and not source.startswith("$") and source not in allowed:
        yield f"the data source {source} is not among validate.dashboards.datasources"


def _is_prometheus(given: Any, kinds: Mapping[str, str]) -> bool:
    """Whether what is asked there is PromQL; a data source whose kind nobody tells is taken for Prometheus."""
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(kind, str) or kind == "datasource":
        source = _source(given)
        kind = kinds.get(source.strip("${}[]").split(":")[0], "") if source.startswith(("$", "[[")) else source
        return not any(word in kind.lower() for word in _OTHERS)
    return any(word in kind.lower() for word in _PROMETHEUS)


def _kinds(board: dict[str, Any]) -> dict[str, str]:
    """The kinds of those data sources that are variables or inputs of the dashboard, by name."""
    inputs = [one for one in board.get("__inputs") or [] if isinstance(one, dict)]
    found = {str(one.get("name")): str(one.get("pluginId") or "") for one in inputs}
    sources = (one for one in _variables(board) if one.get("type") == "datasource")
    return {**found, **{str(one.get("name")): str(one.get("query") or "") for one in sources}}


def _variables(board: dict[str, Any]) -> list[dict[str, Any]]:
    templating = board.get("templating")
    listed = templating.get("list") if isinstance(templating, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _source(found: Any) -> str:
    if isinstance(found, dict):
        return str(found.get("uid") or found.get("type") or "")
    return found if isinstance(found, str) else ""
