"""How often something costly may be read."""

from __future__ import annotations

_PERIOD_S = 60.0
_COST_FACTOR = 100.0  # at most a hundredth of the time is spent on it
_EARLY_S = 1.0  # ticks of 60 s come some milliseconds early; without this every other one would be left out


class Throttle:
    """Lets a reading through once in max(60 s, 100 x its last cost). The first is let through at once."""

    def __init__(self) -> None:
        """Due at any time, until something was spent."""
        self._next_s = float("-inf")

    def due(self, elapsed_s: float) -> bool:
        """Whether the reading may be taken at this second of the run."""
        return elapsed_s >= self._next_s

    def spent(self, elapsed_s: float, cost_s: float) -> None:
        """The reading was taken and cost this many seconds."""
        self._next_s = elapsed_s + max(_PERIOD_S - _EARLY_S, _COST_FACTOR * cost_s)

    def reset(self) -> None:
        """Let the next one through at once."""
        self._next_s = float("-inf")
