"""KPIs against their limits: in one iteration, and over the window of the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.config.kpi import FirstOfSource
from soakctl.domain.reduce import reduce
from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import show_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from soakctl.domain.config.kpi import Bounds, Kpi
    from soakctl.domain.iteration import Iteration


def judge_iteration(
    kpis: Iterable[Kpi], values: Mapping[str, float | None], *, mock: bool
) -> tuple[str, tuple[str, ...]]:
    """PASS, FAIL or NO_DATA for one iteration, and the KPIs that failed; dry-run KPIs do not count."""
    failed: list[str] = []
    missing = False
    for kpi in kpis:
        if kpi.dry_run:
            continue
        value = values.get(kpi.name)
        bounds = kpi.fail_bounds(mock=mock)
        if value is None:
            missing = missing or not bounds.empty
        elif not bounds.holds(value):
            failed.append(kpi.name)
    if failed:
        return "FAIL", tuple(failed)
    return ("NO_DATA" if missing else "PASS"), ()


def judge_kpi(kpi: Kpi, counted: Sequence[Iteration], *, window: int, mock: bool) -> Check:
    """The check of one KPI over its window of counted iterations."""
    chosen = window_of(kpi, counted, window)
    values = [value for item in chosen if (value := item.values.get(kpi.name)) is not None]
    bounds = kpi.fail_bounds(mock=mock)
    check_id = f"kpi.{kpi.name}"
    over = f"last {len(chosen)}" if len(chosen) != 1 else "1 iteration"
    limit = show_bounds(bounds, kpi.unit)
    if not values:
        reason = _missing_reason(kpi, chosen)
        severity = Severity.INFO if kpi.dry_run else Severity.NO_DATA
        return Check(check_id, severity, kpi.name, limit=limit, window=over, reason=reason)
    aggregate = reduce(values, kpi.aggregate, seconds=1.0)
    if aggregate is None:
        severity = Severity.INFO if kpi.dry_run else Severity.NO_DATA
        return Check(check_id, severity, kpi.name, "", limit, over, len(values), "the values are too large to add up")
    severity, reason = _severity(kpi, counted, values, aggregate, bounds)
    missing = len(chosen) - len(values)
    if missing:
        reason = "; ".join(part for part in (reason, f"{missing} of {len(chosen)} iterations had no value") if part)
        severity = Severity.NO_DATA if severity is Severity.OK else severity
    if kpi.dry_run:
        severity, reason = Severity.INFO, "; ".join(part for part in ("dry run, not counted", reason) if part)
    shown = f"{kpi.aggregate} {show_number(aggregate)}{_unit(kpi.unit)}"
    return Check(check_id, severity, kpi.name, shown, limit, over, len(values), reason)


def source_check(kpi: Kpi, counted: Sequence[Iteration], *, window: int) -> Check | None:
    """A warning where a figure came from a place that is only fallen back on; None where there is none to fear."""
    if not isinstance(kpi.source, FirstOfSource):
        return None
    doubtful = {place.name for place in kpi.source.first_of if place.warn}
    used = [note for item in window_of(kpi, counted, window) if (note := item.notes.get(kpi.name)) in doubtful]
    if not used:
        return None
    reason = f"{len(used)} iterations took it from {', '.join(sorted(set(used)))}, which is only fallen back on"
    places = ", ".join(sorted(set(used)))
    return Check(f"kpi.{kpi.name}.source", Severity.WARN, f"{kpi.name} source", places, "", "", len(used), reason)


def window_of(kpi: Kpi, counted: Sequence[Iteration], window: int) -> Sequence[Iteration]:
    """The iterations that a KPI is judged over; `window` is that of the gate."""
    if not counted:
        return ()
    if kpi.over is None:
        return counted[-window:]
    if isinstance(kpi.over, int):
        return counted[-kpi.over :]
    since = counted[-1].ended_s - float(kpi.over)
    return [item for item in counted if item.ended_s > since]


def _missing_reason(kpi: Kpi, chosen: Sequence[Iteration]) -> str:
    told = next((item.reasons[kpi.name] for item in reversed(chosen) if kpi.name in item.reasons), "")
    return told or "no iteration has a value"


def _severity(
    kpi: Kpi, counted: Sequence[Iteration], values: Sequence[float], aggregate: float, bounds: Bounds
) -> tuple[Severity, str]:
    broken = [not bounds.holds(value) for value in values]
    if kpi.key and any(broken):
        return Severity.FAIL, f"a key figure, and {sum(broken)} of {len(values)} iterations broke its limit"
    if kpi.fail_if is not None:
        recent = counted[-kpi.fail_if.of :]  # it says itself how far back it looks, which may be beyond the window
        lately = sum(not bounds.holds(value) for item in recent if (value := item.values.get(kpi.name)) is not None)
        if lately >= kpi.fail_if.count:
            return Severity.FAIL, f"{lately} of the last {len(recent)} iterations broke the limit"
    elif not bounds.holds(aggregate):
        return Severity.FAIL, _broken(aggregate, bounds)
    if kpi.warn is not None and not kpi.warn.holds(aggregate):
        return Severity.WARN, f"outside the warning level {show_bounds(kpi.warn, kpi.unit)}"
    if bounds.empty and kpi.warn is None:
        return Severity.INFO, "no limit given"
    return Severity.OK, ""


def _broken(value: float, bounds: Bounds) -> str:
    if bounds.max is not None and value > bounds.max:
        return f"above {show_number(bounds.max)}"
    assert bounds.min is not None
    return f"below {show_number(bounds.min)}"


def show_bounds(bounds: Bounds, unit: str = "") -> str:
    """Limits for people: "<= 340 ms", "0 to 1"."""
    if bounds.min is not None and bounds.max is not None:
        return f"{show_number(bounds.min)} to {show_number(bounds.max)}{_unit(unit)}"
    if bounds.max is not None:
        return f"<= {show_number(bounds.max)}{_unit(unit)}"
    if bounds.min is not None:
        return f">= {show_number(bounds.min)}{_unit(unit)}"
    return ""


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""
