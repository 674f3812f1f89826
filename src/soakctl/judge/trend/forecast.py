"""When the headroom is used up, if growth goes on as it did at the end of the run."""

from __future__ import annotations

from soakctl.domain.trend import Trend, TrendVerdict

_HOUR_S = 3600.0
# Three hundred years: no larger figure says more.
_NEVER_S = 1e10


def exhaustion(trend: Trend, headroom: float) -> tuple[float, float, float] | None:
    """Seconds until `headroom` (above the trend's last level, in its unit) is used up: expected, earliest, latest.

    None unless growth is proven (the interval lies above 0) and not cleared: otherwise the end is not in sight.
    """
    slope, low, high = trend.slope_per_hour, trend.slope_low, trend.slope_high
    if slope is None or low is None or high is None or low <= 0:
        return None
    if trend.verdict not in (TrendVerdict.LEAK, TrendVerdict.INCONCLUSIVE):
        return None
    room = max(headroom, 0.0) * _HOUR_S
    expected, earliest, latest = (min(room / rate, _NEVER_S) for rate in (slope, high, low))
    return expected, earliest, latest
