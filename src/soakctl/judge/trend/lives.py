"""Several lives of a process judged together: never a line across a restart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from soakctl.domain.trend import TrendVerdict
from soakctl.judge.trend import noise
from soakctl.judge.trend.doubts import Doubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.judge.trend.life import Life

LEAST_SHARE_OF_LONGEST = 0.25
MOST_LIVES = 8
_HOUR_S = 3600.0
_WORST = (TrendVerdict.NO_LEAK, TrendVerdict.INCONCLUSIVE, TrendVerdict.LEAK)
_MOST_LEAK = 0.6
_LAST_COUNTS_FROM = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """The verdict over all lives, their common slope and its interval, and the life that shows it best."""

    verdict: TrendVerdict
    doubt: Doubt
    slope: float
    low: float
    high: float
    main: Life


def together(lives: Sequence[Life]) -> Together:
    """Join the judgements of lives, in time order; there must be one at least."""
    main = _main(lives)
    if len(lives) == 1:
        return _alone(main)
    if side_by_side(lives):
        return _alone(max(lives, key=lambda life: (_WORST.index(life.verdict), life.slope)))
    slope, half = _mean(lives)
    verdict = _verdict(lives, slope, half)
    doubt = Doubt.NONE
    if verdict is TrendVerdict.INCONCLUSIVE:
        doubt = next((life.doubt for life in sorted(lives, key=lambda life: -life.span_h) if life.doubt), Doubt.LIVES)
    elif verdict is TrendVerdict.LEAK and slope - half <= main.limit:
        return Together(verdict, doubt, main.slope, main.slope - main.half, main.high, main)
    return Together(verdict, doubt, slope, slope - half, slope + half, main)


def side_by_side(lives: Sequence[Life]) -> bool:
    """Whether they ran at the same time, as processes whose samples are interleaved; then the worst one speaks."""
    return any(after.start_s < before.start_s + before.span_h * _HOUR_S for before, after in pairwise(lives))


def _alone(life: Life) -> Together:
    return Together(life.verdict, life.doubt, life.slope, life.slope - life.half, life.high, life)


def _main(lives: Sequence[Life]) -> Life:
    """The longest leaking life, else the longest."""
    leaking = [life for life in lives if life.verdict is TrendVerdict.LEAK]
    return max(leaking or lives, key=lambda life: life.span_h)


def _mean(lives: Sequence[Life]) -> tuple[float, float]:
    """The slopes' mean weighted by their certainty; the interval widens when they differ more than their errors."""
    known = [life for life in lives if np.isfinite(life.half)]
    if not known:
        return 0.0, np.inf
    slopes = np.array([life.slope for life in known])
    least = 1e-6 * (lives[0].limit or 1.0)
    errors = np.array([max(life.half, least) for life in known]) / noise.NORMAL_975
    weights = 1 / errors**2
    mean = float(weights @ slopes / weights.sum())
    error = float(1 / np.sqrt(weights.sum()))
    freedom = len(known) - 1
    apart = float(weights @ (slopes - mean) ** 2) / freedom if freedom else 0.0
    if apart > 1:
        return mean, noise.student_975(freedom) * error * float(np.sqrt(apart))
    return mean, noise.NORMAL_975 * error


def _verdict(lives: Sequence[Life], slope: float, half: float) -> TrendVerdict:
    """A life alone may not clear the others, nor a single one, unless it is the last and long, condemn them."""
    limit, total = lives[0].limit, sum(life.span_h for life in lives)
    leaks = [life for life in lives if life.verdict is TrendVerdict.LEAK]
    clears = [life for life in lives if life.verdict is TrendVerdict.NO_LEAK]
    only_noise = all(life.doubt in (Doubt.NOISE, Doubt.NONE) for life in lives)
    most = len(leaks) >= max(2.0, _MOST_LEAK * len(lives)) and slope > limit
    proven = slope - half > limit and len(leaks) >= len(clears) and (bool(leaks) or only_noise)
    last = lives[-1].verdict is TrendVerdict.LEAK and lives[-1].span_h >= _LAST_COUNTS_FROM * total
    if most or proven or last:
        return TrendVerdict.LEAK
    mostly_clear = sum(life.span_h for life in clears) >= total / 2
    if not leaks and mostly_clear and slope + half < limit:
        return TrendVerdict.NO_LEAK
    return TrendVerdict.INCONCLUSIVE
