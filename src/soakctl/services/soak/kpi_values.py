"""The value of each KPI in an iteration, from what the iteration gathered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.config.kpi import LogSource, ResourceSource
from soakctl.domain.reduce import growth_rate, reduce
from soakctl.domain.wording import show_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.iteration import Window


def is_read(kpi: Kpi) -> bool:
    """Whether the KPI's source must be asked; log and resource KPIs come by themselves."""
    return not isinstance(kpi.source, LogSource | ResourceSource)


def kpi_values(kpis: Sequence[Kpi], window: Window, seconds: float) -> tuple[dict[str, float | None], dict[str, str]]:
    """Value (None for none) and reason for having none, by KPI."""
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    for kpi in kpis:
        value, reason = _value(kpi, window, seconds)
        if value is not None and not kpi.valid.holds(value):
            value, reason = None, f"{value:g} is not a believable value"
        values[kpi.name] = value
        if value is None:
            reasons[kpi.name] = reason
    return values, reasons


def _value(kpi: Kpi, window: Window, seconds: float) -> tuple[float | None, str]:
    source = kpi.source
    if isinstance(source, ResourceSource):
        return _resource(source, window, seconds)
    if isinstance(source, LogSource):
        return _log(kpi.name, source, window, seconds)
    points = window.reads.get(kpi.name)
    if not points:
        return None, window.reasons.get(kpi.name, "it was not read in this iteration")
    if source.reduce == "rate":
        return growth_rate(points), "a rate needs two readings; give the KPI `every`"
    return reduce([value for _, value in points], source.reduce, seconds=seconds), "no finite value"


def _resource(source: ResourceSource, window: Window, seconds: float) -> tuple[float | None, str]:
    kept = window.columns.get(source.resource)
    if kept is None:
        return None, f"no sample of this iteration has {source.resource}"
    if source.reduce == "rate":
        return (kept.last - kept.first) / seconds if seconds > 0 else None, "the iteration is too short"
    return kept.reduce(source.reduce, seconds=seconds), "no finite value"


def _log(name: str, source: LogSource, window: Window, seconds: float) -> tuple[float | None, str]:
    if window.dropped:
        return None, f"{window.dropped} lines came too fast to be read"
    if source.reduce == "count":
        return float(window.counted.get(name, 0)), ""
    if source.reduce == "rate":
        return window.counted.get(name, 0) / seconds if seconds > 0 else None, "the iteration is too short"
    kept = window.logs.get(name)
    if kept is None:
        return None, f"no line matched in {show_seconds(seconds)}"
    return kept.reduce(source.reduce, seconds=seconds), "no finite value"
