"""Whether a KPI got worse after a change, by more than its own noise."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from soakctl.domain.wording import show_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.config.tuning import Revert
    from soakctl.domain.iteration import Iteration

# From a median absolute deviation to a standard deviation, for what is normally distributed.
_SIGMA = 1.4826
# Fewer differences than this say nothing about the noise; the floor alone counts then.
_LEAST = 3


def worse(
    kpis: Sequence[Kpi], iterations: Sequence[Iteration], changed_after: frozenset[int], revert: Revert, *, mock: bool
) -> Iterator[str]:
    """A line for each KPI that is worse in the last iteration than in the one before it, beyond its noise.

    `changed_after`: the iterations behind which parameters were changed; differences over those are no noise.
    """
    before, after = iterations[-2], iterations[-1]
    for kpi in kpis:
        old, new = before.values.get(kpi.name), after.values.get(kpi.name)
        if kpi.dry_run or old is None or new is None:
            continue
        if before.notes.get(kpi.name) != after.notes.get(kpi.name):
            continue  # from another source, perhaps only a value to fall back on: no change made it worse
        bounds = kpi.fail_bounds(mock=mock)
        # What moves towards a limit, or further beyond it, gets worse.
        sides = ((bounds.max, new - old), (bounds.min, old - new))
        by, limit = max(((loss, limit) for limit, loss in sides if limit is not None), default=(0.0, 0.0))
        if by <= 0:
            continue
        allowed = max(
            float(revert.noise) * _noise(kpi.name, iterations[:-1], changed_after),
            float(revert.floor) / 100.0 * abs(limit),
        )
        if by > allowed:
            moved = f"{show_number(old)} to {show_number(new)}"
            yield f"{kpi.name} went from {moved}, worse by {show_number(by)}; up to {show_number(allowed)} is noise"


def _noise(name: str, iterations: Sequence[Iteration], changed_after: frozenset[int]) -> float:
    """The standard deviation of a value, from the differences of neighbours with no change between; 0 if unknown."""
    steps = [
        abs(later - earlier)
        for one, other in pairwise(iterations)
        if one.index not in changed_after
        and (earlier := one.values.get(name)) is not None
        and (later := other.values.get(name)) is not None
    ]
    return _SIGMA * median(steps) if len(steps) >= _LEAST else 0.0
