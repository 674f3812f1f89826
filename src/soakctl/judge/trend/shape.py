"""The name of a shape: what a person would call the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soakctl.domain.trend import TrendVerdict
from soakctl.judge.trend.design import Kind
from soakctl.judge.trend.doubts import Doubt
from soakctl.judge.trend.series import BINS, Floats, cut

if TYPE_CHECKING:
    from soakctl.judge.trend.life import Life

_NOISES = 3.0
_SEEN = 0.1
_FALLS = 3
_BOOT = 0.1
_STEP_SHARE = 0.1
_FALL_NOISES = 6.0
_FALL_SHARE = 0.25
_JUMP_SHARE = 0.7
_JUMP_BINS = 0.3


def shape_of(life: Life, floor: float) -> str:
    """flat, plateau, sawtooth, climbing, stairs, step, daily or unknown; `floor` is the least noise."""
    if life.fit is None:
        return "flat" if life.verdict is TrendVerdict.NO_LEAK else "unknown"
    if life.doubt is Doubt.SETTLING:
        return "climbing"
    if life.doubt is Doubt.STAIRS:
        return "stairs"
    if life.slope - life.half > life.limit:
        return "stairs" if _jumps(life, floor) else "climbing"
    if _teeth(life.values):
        return "sawtooth"
    seen = max(_NOISES * life.fit.noise_sd, _SEEN * life.limit * life.span_h, _NOISES * floor)
    waves = [beta for _, beta in life.fit.parts(Kind.DAILY)]
    if waves and max(map(abs, waves)) > seen / _NOISES:
        return "daily"
    line = life.fit.fitted
    # What is small beside the whole is a ripple of a warm-up, not what the series looks like.
    step = max(seen, _STEP_SHARE * float(np.ptp(line)))
    heights = [height for at, height in life.fit.steps if abs(height) > step and at > _BOOT * life.span_h]
    if heights:
        rising = len(heights) >= _FALLS and min(heights) > 0
        ended = "plateau" if life.verdict is TrendVerdict.NO_LEAK else "stairs"
        return ended if rising else "step"
    if float(line[-1] - line[0]) > seen and _settled(life, seen):
        return "plateau"
    return "flat" if life.verdict is TrendVerdict.NO_LEAK else "unknown"


def _settled(life: Life, seen: float) -> bool:
    """Whether the growth came early: the last quarter adds little."""
    if life.fit is None:
        return False
    line = life.fit.fitted
    late = float(line[-1] - line[3 * line.size // 4])
    return late < max(seen / _NOISES, 0.15 * float(line[-1] - line[0]))


def _teeth(values: Floats) -> bool:
    """Whether the series falls at once, again and again, and rises slowly between."""
    change = np.diff(values)
    spread = float(np.subtract(*np.quantile(values, (0.98, 0.02))))
    least = max(_FALL_NOISES * float(np.median(np.abs(change))), _FALL_SHARE * spread)
    falls, rises = int((change < -least).sum()), int((change > least).sum())
    return spread > 0 and falls >= _FALLS and rises <= 0.3 * falls


def _jumps(life: Life, floor: float) -> bool:
    """Whether a few moments made most of the last slope's growth and nothing happened between."""
    level = cut(life.hours, life.values, min(BINS, life.hours.size // 2), 0.5)
    if level is None or life.fit is None:
        return False
    change = np.diff(level.y[level.x >= life.fit.regime_from])
    if not change.size:
        return False
    grown = float(change.sum())
    big = np.sort(change)[::-1][: max(1, int(_JUMP_BINS * change.size))]
    steady = abs(float(np.median(change))) > 0.2 * grown / change.size
    return not steady and float(big.sum()) > _JUMP_SHARE * grown and float(big[0]) > 10 * floor
