"""The low points of a slow, irregular sawtooth: what is left after each collection."""

from __future__ import annotations

import numpy as np

from soakctl.judge.trend.series import Floats, Series

_LEAST_LEVEL_POINTS = 24
_LEAST, _MOST = 5, 24
_SHARE_OF_LARGEST_FALL = 0.4
_FALL_POINTS = 3
# White noise falls by 5 standard deviations now and then; bends of the series tell the noise, slopes do not hide it.
_FALL_NOISES = 8.0
_BEND_NOISE = 0.6745 * 6**0.5
_LATEST_FIRST, _EARLIEST_LAST = 0.4, 0.7


def troughs(level: Series) -> Series | None:
    """The low points between falls; None unless there are 5 to 24 of them (floors see through more)."""
    if level.y.size < _LEAST_LEVEL_POINTS:
        return None
    y = level.y
    lows = np.min(np.stack([y[step : y.size - _FALL_POINTS + step] for step in range(1, _FALL_POINTS + 1)]), axis=0)
    largest = float((y[: lows.size] - lows).max())
    if largest <= _FALL_NOISES * float(np.median(np.abs(np.diff(y, 2)))) / _BEND_NOISE:
        return None
    places = _turning_points(y, _SHARE_OF_LARGEST_FALL * largest)
    if not _LEAST <= len(places) <= _MOST:
        return None
    x = level.x[places]
    first, last = (x[[0, -1]] - level.x[0]) / (level.x[-1] - level.x[0])
    if first > _LATEST_FIRST or last < _EARLIEST_LAST:
        return None
    return Series("troughs", x, y[places], float(np.median(np.diff(x))))


def _turning_points(y: Floats, swing: float) -> list[int]:
    """Indices of the minima between a fall and a rise of at least `swing` each."""
    found: list[int] = []
    falling, extreme = False, 0
    for place in range(1, y.size):
        if falling:
            if y[place] < y[extreme]:
                extreme = place
            elif y[place] >= y[extreme] + swing:
                found.append(extreme)
                falling, extreme = False, place
        elif y[place] > y[extreme]:
            extreme = place
        elif y[place] <= y[extreme] - swing:
            falling, extreme = True, place
    return found
