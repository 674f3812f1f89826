"""When the headroom is used up, if growth goes on as it did at the end of the run."""

from __future__ import annotations

import math

from soakctl.domain.trend import Trend, TrendVerdict

_HOUR_S = 3600.0


def exhaustion(trend: Trend, headroom: float) -> tuple[float, float, float] | None:
    """Seconds until `headroom` (in the trend's unit, above its last level) is used up: expected, earliest, latest.

    The latest is infinite when the slope may be zero. None when the verdict is not LEAK or INCONCLUSIVE with growth:
    a forecast from noise would frighten for nothing.
    """
    growing = trend.slope_per_hour is not None and trend.slope_per_hour > 0
    if trend.verdict not in (TrendVerdict.LEAK, TrendVerdict.INCONCLUSIVE) or not growing:
        return None
    slope, low, high = trend.slope_per_hour, trend.slope_low, trend.slope_high
    if slope is None or low is None or high is None:
        return None
    room = max(headroom, 0.0) * _HOUR_S
    latest = room / low if low > 0 else math.inf
    return room / slope, room / high, latest
