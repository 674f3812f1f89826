"""Adaptive limits, worked out once, before a run begins, from what good runs of the past showed."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soakctl.domain.config.adaptive import Adaptive
    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.config.root import Config
    from soakctl.domain.config.rule import Rule, When


def is_adaptive(config: Config) -> bool:
    """Whether any limit follows the past."""
    return any(kpi.adaptive is not None for kpi in config.kpis) or any(map(_adapts, _whens(config)))


def runs_needed(config: Config) -> int:
    """How many past runs are looked at, at most."""
    asked = [kpi.adaptive.runs for kpi in config.kpis if kpi.adaptive is not None]
    for when in _whens(config):
        asked += [one.adaptive.runs for one in when.conditions.values() if one.adaptive is not None]
    return max(asked, default=0)


def with_history(config: Config, history: Sequence[Mapping[str, float]], *, mock: bool) -> Config:
    """The configuration with its adaptive limits worked out.

    `history` holds the median of each KPI in each good run, the newest first. No limit becomes looser by it.
    """
    kpis = tuple(_tightened(kpi, history, mock=mock) for kpi in config.kpis)
    if config.tuning_ is None:
        return config.model_copy(update={"kpis": kpis})
    rules = tuple(_rule(rule, history) for rule in config.tuning.rules)
    tuning = config.tuning.model_copy(update={"rules": rules})
    return config.model_copy(update={"kpis": kpis, "tuning_": tuning})


def typical(name: str, adaptive: Adaptive, history: Sequence[Mapping[str, float]]) -> tuple[float, float] | None:
    """Median and k times the MAD of a KPI over the good runs; None where they are too few to say."""
    values = [run[name] for run in history[: adaptive.runs] if name in run]
    if len(values) < adaptive.least:
        return None
    centre = median(values)
    return centre, adaptive.k * median(abs(value - centre) for value in values)


def _tightened(kpi: Kpi, history: Sequence[Mapping[str, float]], *, mock: bool) -> Kpi:
    found = None if kpi.adaptive is None else typical(kpi.name, kpi.adaptive, history)
    if found is None:
        return kpi
    centre, spread = found
    hard = kpi.fail_bounds(mock=mock)
    update: dict[str, Any] = {}
    if hard.max is not None:
        update["max"] = min(hard.max, centre + spread)
    if hard.min is not None:
        update["min"] = max(hard.min, centre - spread)
    low, high = update.get("min", hard.min), update.get("max", hard.max)
    if low is not None and high is not None and low > high:
        return kpi  # the past lies outside of what is written, which then stands
    if mock and kpi.mock is not None:
        return kpi.model_copy(update={"mock": kpi.mock.model_copy(update=update)})
    if kpi.fail is not None:
        return kpi.model_copy(update={"fail": kpi.fail.model_copy(update=update)})
    return kpi.model_copy(update=update)


def _rule(rule: Rule, history: Sequence[Mapping[str, float]]) -> Rule:
    return rule.model_copy(update={"when": _when(rule.when, history)}) if _adapts(rule.when) else rule


def _when(when: When, history: Sequence[Mapping[str, float]]) -> When:
    conditions = {}
    for name, condition in when.conditions.items():
        found = None if condition.adaptive is None else typical(name, condition.adaptive, history)
        conditions[name] = condition if found is None else condition.tightened(*found)
    deeper = {key: tuple(_when(part, history) for part in getattr(when, key)) for key in ("all", "any")}
    return type(when).model_validate({**conditions, **deeper})


def _adapts(when: When) -> bool:
    if any(condition.adaptive is not None for condition in when.conditions.values()):
        return True
    return any(map(_adapts, (*when.all, *when.any)))


def _whens(config: Config) -> list[When]:
    """Every level of every rule's conditions."""
    found = [rule.when for rule in config.tuning.rules] if config.tuning_ is not None else []
    for when in found:
        found += [*when.all, *when.any]
    return found
