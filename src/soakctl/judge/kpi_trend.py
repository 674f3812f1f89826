"""KPIs marked `trend`: whether a figure gets worse with time, judged as growth of a resource is."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from soakctl.domain.trend import TrendVerdict
from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import show_number
from soakctl.judge.budgets import kpi_budget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.iteration import Iteration

_FEWEST_ITERATIONS = 8


def kpi_trend_check(kpi: Kpi, counted: Sequence[Iteration], *, run_s: float, mock: bool) -> Check:
    """The check of a KPI's trend over all counted iterations; worse is up for a KPI with a `max`, down for a `min`."""
    points = [(item.ended_s, value) for item in counted if (value := item.values.get(kpi.name)) is not None]
    check_id, what = f"kpi.{kpi.name}.trend", f"{kpi.name} trend"
    if len(points) < _FEWEST_ITERATIONS:
        reason = f"a trend needs {_FEWEST_ITERATIONS} iterations with a value"
        return Check(check_id, Severity.NO_DATA, what, window="run", points=len(points), reason=reason)
    from soakctl.judge.trend import judge_series  # numpy comes with it  # noqa: PLC0415

    bounds = kpi.fail_bounds(mock=mock)
    sign = -1.0 if bounds.max is None and bounds.min is not None else 1.0
    typical = statistics.median(abs(value) for _, value in points) or 1.0
    trend = judge_series(
        [at for at, _ in points],
        [sign * value for _, value in points],
        lives=[1] * len(points),
        excluded=(),
        budget=kpi_budget(typical, run_s),
    )
    severity = {
        TrendVerdict.LEAK: Severity.FAIL if trend.fails else Severity.WARN,
        TrendVerdict.NO_LEAK: Severity.OK,
        TrendVerdict.INCONCLUSIVE: Severity.WARN,
        TrendVerdict.NO_DATA: Severity.NO_DATA,
    }[trend.verdict]
    slope = "" if trend.slope_per_hour is None else f"{_signed(sign * trend.slope_per_hour)}/h"
    limit = (
        ""
        if trend.budget_per_hour is None
        else f"{'>=' if sign < 0 else '<='} {_signed(sign * trend.budget_per_hour)}/h"
    )
    since = "".join(trend.reason.rpartition(", since ")[1:]) if ", since " in trend.reason else ""
    reason = {TrendVerdict.NO_LEAK: trend.shape, TrendVerdict.LEAK: f"it gets worse with time{since}"}.get(
        trend.verdict, trend.reason
    )
    strict = trend.verdict is TrendVerdict.INCONCLUSIVE
    return Check(check_id, severity, what, slope, limit, "run", len(points), reason, strict=strict)


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else ''}{show_number(value)}"
