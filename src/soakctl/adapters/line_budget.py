"""How much of a stream is looked at: all of it up to a rate, and less and less the more comes above it."""

from __future__ import annotations

# A burst of this many seconds' worth is looked at in full, and room for one line that is cut there always is.
_BURST_S = 0.25
_LEAST_BURST = 250_000.0
# How fast it comes is measured over this long, and a peak is remembered for about the other.
_MEASURE_S = 0.05
_REMEMBER_S = 1.0
# At this many times the rate only the least share is still looked at: dropping costs something as well.
_DROWNED = 25.0
_LEAST_SHARE = 1 / 40
# Each time that the writer is about to be held up this much of what was saved is left.
_LEFT_BEHIND = 0.25
# Below this many bytes it is not worth beginning.
_MORSEL = 4_096


class LineBudget:
    """A bucket of bytes that fills at a rate; while more arrives than that, it fills more slowly."""

    def __init__(self, bytes_per_s: float) -> None:
        """The bucket is full at first."""
        self._rate = bytes_per_s
        self._full = self._bytes = max(_LEAST_BURST, bytes_per_s * _BURST_S)
        self._peak = 0.0  # bytes per second
        self._arrived = 0
        self._measured_at: float | None = None
        self._last = 0.0

    def take(self, wanted: int, at: float, *, behind: bool = False) -> int:
        """How many of the bytes that arrived may be looked at. `at` is in seconds and does not go back.

        `behind`: so much more waits that the writer is about to be held up. Most of what was saved is lost then: a
        flood that has to wait until lines are looked at comes no faster, and would not be known for one.
        """
        self._measure(wanted, at)
        if behind:
            self._bytes *= _LEFT_BEHIND
        else:
            self._bytes = min(self._full, self._bytes + (at - self._last) * self._rate * self._share())
        self._last = at
        granted = int(min(wanted, self._bytes))
        if granted < min(wanted, _MORSEL):
            return 0
        self._bytes -= granted
        return granted

    def _measure(self, arrived: int, at: float) -> None:
        if self._measured_at is None:
            self._measured_at = self._last = at
        self._arrived += arrived
        passed = at - self._measured_at
        if passed >= _MEASURE_S:
            self._peak = max(self._arrived / passed, self._peak * max(0.0, 1 - passed / _REMEMBER_S))
            self._arrived, self._measured_at = 0, at

    def _share(self) -> float:
        if self._peak <= self._rate:
            return 1.0
        return max(_LEAST_SHARE, 1 - self._peak / (_DROWNED * self._rate))
