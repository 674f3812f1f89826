"""From a series of samples to a verdict about its growth."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from soakctl.domain.trend import Budget, Trend, TrendVerdict
from soakctl.judge.trend.doubts import Doubt
from soakctl.judge.trend.horizon import decide_after_h, smallest_detectable
from soakctl.judge.trend.life import Life, judge_life
from soakctl.judge.trend.lives import LEAST_SHARE_OF_LONGEST, MOST_LIVES, Together, together
from soakctl.judge.trend.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from soakctl.judge.trend.series import Floats

_HOUR_S = 3600.0
_LATE_SHARE = 0.25
_USUAL_SWING = 0.9


def judge_series(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    lives: ArrayLike,
    excluded: Sequence[tuple[float, float]],
    budget: Budget,
    sampling_s: float | None = None,
) -> Trend:
    """Judge the growth of one resource over a run.

    Args:
        times_s: elapsed seconds of the samples.
        values: the resource, in its unit; NaN where it could not be read.
        lives: the number of the process life of each sample; no line is drawn across a change.
        excluded: [from, to) windows in elapsed seconds left out: gaps, clock jumps, injected faults.
        budget: how much growth is allowed.
        sampling_s: seconds between samples, where known.

    Raises:
        ValueError: times, values and lives differ in length.
    """
    t, y, life = _usable(times_s, values, lives, excluded)
    if t.size == 0:
        return Trend(TrendVerdict.NO_DATA, budget_per_hour=budget.warn_per_hour, reason="no value could be read")
    run_h = float(t[-1] - t[0]) / _HOUR_S
    limit = _limit(budget, run_h)
    every_h = None if sampling_s is None else sampling_s / _HOUR_S
    judged = [
        judge_life(
            float(t[a]), (t[a:b] - t[a]) / _HOUR_S, y[a:b], limit=limit, floor=budget.noise_floor, every_h=every_h
        )
        for a, b in _spans(t, life)
    ]
    return _trend(together(judged), budget, run_h, every_h, int(t.size))


def _limit(budget: Budget, run_h: float) -> float:
    """The growth tested against: the budget, but never less than the noise floor over the run, which proves nothing."""
    return max(budget.warn_per_hour, budget.noise_floor / run_h if run_h > 0 else 0.0)


def _usable(
    times_s: ArrayLike, values: ArrayLike, lives: ArrayLike, excluded: Sequence[tuple[float, float]]
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    t, y = np.asarray(times_s, dtype=np.float64).ravel(), np.asarray(values, dtype=np.float64).ravel()
    life = np.asarray(lives, dtype=np.int64).ravel()
    if not t.size == y.size == life.size:
        message = f"times, values and lives must have one length, found {t.size}, {y.size} and {life.size}"
        raise ValueError(message)
    keep = np.isfinite(t) & np.isfinite(y)
    for start, end in excluded:
        keep &= ~((t >= start) & (t < end))
    t, y, life = t[keep], y[keep], life[keep]
    if t.size and (np.diff(t) < 0).any():
        order = np.argsort(t, kind="stable")
        t, y, life = t[order], y[order], life[order]
    return t, y, life


def _spans(t: Floats, life: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and past-the-last sample of each life worth judging, in time order: the longest ones, none very short."""
    marks = [0, *(np.flatnonzero(np.diff(life)) + 1).tolist(), t.size]
    spans = list(itertools.pairwise(marks))
    lengths = [float(t[end - 1] - t[start]) for start, end in spans]
    least = LEAST_SHARE_OF_LONGEST * max(lengths)
    longest = sorted(range(len(spans)), key=lambda place: (-lengths[place], -place))[:MOST_LIVES]
    return [spans[place] for place in sorted(longest) if lengths[place] >= least]


def _trend(found: Together, budget: Budget, run_h: float, every_h: float | None, points: int) -> Trend:
    main, known = found.main, bool(np.isfinite(found.high))
    inconclusive = found.verdict is TrendVerdict.INCONCLUSIVE
    leak = found.verdict is TrendVerdict.LEAK
    fails = leak and found.low > budget.fail_per_hour
    decide = decide_after_h(main, run_h, every_h) if inconclusive else None
    return Trend(
        verdict=found.verdict,
        shape=shape_of(main, budget.noise_floor),
        slope_per_hour=found.slope if known else None,
        slope_low=found.low if known else None,
        slope_high=found.high if known else None,
        budget_per_hour=budget.fail_per_hour if fails else budget.warn_per_hour,
        began_s=_began_s(main) if found.low > main.limit else None,
        last_level=_last_level(main),
        smallest_detectable_per_hour=smallest_detectable((found.high - found.low) / 2, main.limit) if known else None,
        decide_after_s=None if decide is None else decide * _HOUR_S,
        fails=fails,
        points=points,
        reason=_reason(found),
    )


def _began_s(life: Life) -> float | None:
    """When the growth that goes on at the end began: the first of the last slopes that are near the last one."""
    if life.fit is None:
        return None
    began = life.fit.regime_from
    for at, slope in reversed(life.fit.slopes):
        if slope < max(life.limit, 0.3 * life.slope):
            break
        began = at
    return life.start_s + (began + float(life.fit.series.x[0]) * (began > 0)) * _HOUR_S


def _last_level(life: Life) -> float:
    """The level at the end, with the usual swing above the fitted line: a sawtooth runs out at its teeth."""
    if life.fit is None:
        return float(life.values[-1])
    late = life.hours >= (1 - _LATE_SHARE) * life.span_h
    line = np.interp(life.hours[late], life.fit.series.x, life.fit.fitted)
    return float(life.fit.fitted[-1]) + float(np.quantile(life.values[late] - line, _USUAL_SWING))


def _reason(found: Together) -> str:
    if found.verdict is TrendVerdict.LEAK:
        look = found.main.fit.series.name if found.main.fit is not None else "level"
        return (
            "it grows steadily" if look == "level" else "its low points grow steadily: what is freed is not all of it"
        )
    return str(found.doubt or (Doubt.LIVES if found.verdict is TrendVerdict.INCONCLUSIVE else ""))
