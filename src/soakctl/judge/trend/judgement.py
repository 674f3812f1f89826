"""From a series of samples to a verdict about its growth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from soakctl.domain.trend import Budget, Trend, TrendVerdict
from soakctl.judge.trend.drift import drift
from soakctl.judge.trend.fit import Fit, fit
from soakctl.judge.trend.gates import clear_gates, leak_gates, reclaimed
from soakctl.judge.trend.search import Search
from soakctl.judge.trend.series import LEAST_POINTS, Floats, looks
from soakctl.judge.trend.troughs import troughs

_HOUR_S = 3600.0
import dataclasses
DRIFT_MARGIN=25.0
WIDEN=6.0

def judge_series(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    lives: ArrayLike,
    excluded: Sequence[tuple[float, float]],
    budget: Budget,
    sampling_s: float | None = None,
) -> Trend:
    t, y, life = _usable(times_s, values, lives, excluded)
    if t.size < 2:
        return Trend(TrendVerdict.NO_DATA, budget_per_hour=budget.warn_per_hour, points=int(t.size), reason="no data")
    numbers, counts = np.unique(life, return_counts=True)
    kept = life == numbers[np.argmax(counts)]
    t, y = t[kept], y[kept]
    return judge_life(t, y, budget)


def fit_all(hours, y, least):
    fits = []; dr=None
    views = looks(hours, y)
    for look in views:
        s = Search(look, least)
        best = s.run()[0]
        fits.append(fit(s, best, look, least))
        if look.name == "level":
            d = drift(look, least)
            if d.criterion < best.criterion + DRIFT_MARGIN: dr = d
    if views:
        low = troughs(views[0])
        if low is not None:
            s = Search(low, least)
            best = s.run()[0] if low.y.size >= 8 else s.score((0, 1))
            fits.append(fit(s, best, low, least))
    return fits, dr

def judge_life(t, y, budget):
    hours = (t - t[0]) / _HOUR_S
    span = hours[-1]
    least = max(budget.noise_floor, 0.002 * budget.warn_per_hour * span)
    fits, dr = fit_all(hours, y, least)
    if not fits:
        return Trend(TrendVerdict.INCONCLUSIVE, budget_per_hour=budget.warn_per_hour, last_level=float(y[-1]), points=int(t.size), reason="few")
    honest = [f for f in fits if not reclaimed(f)]
    chosen = min(honest or fits, key=lambda f: f.half * (3 if f.regime_share < 0.25 else 1))
    b = budget.warn_per_hour
    if WIDEN and dr is not None and dr.slope > 0 and dr.criterion < fits[0].criterion + WIDEN: chosen = dataclasses.replace(chosen, half=max(chosen.half, dr.half))
    verdict, reason = TrendVerdict.INCONCLUSIVE, "interval holds the budget"
    if chosen.low > b:
        reason = leak_gates(chosen, honest, b, dr, span) if honest else "reclaimed"
        if not reason: verdict = TrendVerdict.LEAK
    elif chosen.high < b:
        reason = clear_gates(chosen, honest or fits, b)
        if not reason: verdict = TrendVerdict.NO_LEAK
    return Trend(verdict, chosen.series.name, chosen.slope, chosen.low, chosen.high, b, fails=chosen.low > budget.fail_per_hour, points=int(t.size), reason=reason, last_level=float(chosen.fitted[-1]))


def _usable(
    times_s: ArrayLike, values: ArrayLike, lives: ArrayLike, excluded: Sequence[tuple[float, float]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    t, y = np.asarray(times_s, dtype=np.float64), np.asarray(values, dtype=np.float64)
    life = np.asarray(lives, dtype=np.int64)
    keep = np.isfinite(t) & np.isfinite(y)
    for start, end in excluded:
        keep &= ~((t >= start) & (t < end))
    return t[keep], y[keep], life[keep]
