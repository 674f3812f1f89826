"""Prometheus rule files: groups of alerts and of recorded metrics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from soakctl.services.validate.promql import promql_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

_DURATION = re.compile(r"0|(?:\d+(?:ms|[smhdwy]))+")
_FIELDS = frozenset("alert record expr for keep_firing_for labels annotations".split())


def recorded(text: str) -> frozenset[str]:
    """The metrics that the rules of a file make; none where it is no rule file."""
    import yaml  # noqa: PLC0415 - few sections need it

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return frozenset()
    if not isinstance(found, dict) or not isinstance(found.get("groups"), list):
        return frozenset()
    return frozenset(rule["record"] for _, rule in _rules(found) if isinstance(rule.get("record"), str))


def rule_problems(path: str, text: str, known: frozenset[str] | None) -> list[str]:
    """What is wrong with a Prometheus rule file."""
    import yaml  # noqa: PLC0415 - few sections need it

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [f"{path}: not YAML: {str(error).splitlines()[0]}"]
    if not isinstance(found, dict) or not isinstance(found.get("groups"), list):
        return [f"{path}: no rule file: it has no list of groups"]
    names = [str(group["name"]) for group in found["groups"] if isinstance(group, dict) and group.get("name")]
    twins = sorted({name for name in names if names.count(name) > 1})
    problems = [f"{path}: the group {name} stands twice" for name in twins]
    if len(names) < len(found["groups"]):
        problems.append(f"{path}: a group has no name")
    for group, rule in _rules(found):
        name = rule.get("alert") or rule.get("record")
        where = f"{path}: group {group}, rule {name or '?'}"
        problems += [f"{where}: {text}" for text in _rule_fields(rule)]
        if bool(rule.get("alert")) is bool(rule.get("record")):
            problems.append(f"{where}: needs exactly one of alert and record")
        if not isinstance(rule.get("expr"), str | int | float):
            problems.append(f"{where}: has no expr")
        else:
            problems += [f"{where}: {text}" for text in promql_problems(str(rule["expr"]), known)]
    return problems


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
