"""How much of a stream is looked at: all of it up to a rate, and less and less the more comes above it."""

from __future__ import annotations

# A burst of this many seconds' worth is looked at in full.
_BURST_S = 0.5
# The arrival rate is an average over about this long.
_AVERAGE_S = 0.5
# At this many times the rate only the least share is still looked at: dropping costs something as well.
_DROWNED = 25.0
_LEAST_SHARE = 1 / 32
# Below this many bytes it is not worth beginning.
_MORSEL = 4_096


class LineBudget:
    """A bucket of bytes that fills at a rate; when more arrives than that, it fills more slowly."""

    def __init__(self, bytes_per_s: float) -> None:
        """The bucket is full at first."""
        self._rate = bytes_per_s
        self._full = self._bytes = bytes_per_s * _BURST_S
        self._arriving = 0.0  # bytes per second
        self._last: float | None = None

    def take(self, wanted: int, at: float) -> int:
        """How many of the bytes that arrived may be looked at. `at` is in seconds and does not go back."""
        passed = 0.0 if self._last is None else max(0.0, at - self._last)
        self._last = at
        self._arriving = self._arriving * max(0.0, 1 - passed / _AVERAGE_S) + wanted / _AVERAGE_S
        self._bytes = min(self._full, self._bytes + passed * self._rate * self._share())
        granted = min(wanted, int(self._bytes))
        if granted < min(wanted, _MORSEL):
            return 0
        self._bytes -= granted
        return granted

    def _share(self) -> float:
        if self._arriving <= self._rate:
            return 1.0
        return max(_LEAST_SHARE, 1 - self._arriving / (_DROWNED * self._rate))
