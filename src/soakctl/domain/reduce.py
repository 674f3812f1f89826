"""From many values to one figure: quantiles, sums, rates, and a bounded collection to make them of."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soakctl.domain.config.kpi import Reduce

KEPT_AT_MOST = 10_000
_QUANTILES = {"median": 0.50, "p50": 0.50, "p95": 0.95, "p99": 0.99}


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie.

    The one definition used everywhere: linear interpolation between the two nearest of the sorted values, the place
    being (n - 1) * share (type 7 of Hyndman and Fan; numpy's default). Raises ValueError without values.
    """
    if not values or not 0.0 <= share <= 1.0:
        raise ValueError(f"no quantile {share:g} of {len(values)} values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    weight = place - below
    # Not low + (high - low) * weight: the difference of two huge values overflows.
    return min(max(low * (1.0 - weight) + high * weight, low), high)


def reduce(values: Sequence[float], how: Reduce, *, seconds: float) -> float | None:
    """One figure of many values, or None where there is none.

    `count` and `rate` (values per second over `seconds`) need no values and say 0 without; everything else is None
    without values, when one of them is not finite, and when the result would be too large for a float.
    """
    if how == "count":
        return float(len(values))
    if how == "rate":
        return _per_second(len(values), seconds)
    if not values or not all(map(math.isfinite, values)):
        return None
    if how in _QUANTILES:
        return quantile(values, _QUANTILES[how])
    return _finite(lambda: _FIGURES[how](values))


_FIGURES: dict[str, Callable[[Sequence[float]], float]] = {
    "last": lambda values: float(values[-1]),
    "mean": lambda values: math.fsum(values) / len(values),
    "max": lambda values: float(max(values)),
    "min": lambda values: float(min(values)),
    "sum": math.fsum,
}


def growth_rate(points: Sequence[tuple[float, float]]) -> float | None:
    """Growth per second of a counter, from (seconds, value) in the order they were read.

    A value below the one before means that the counter began again at 0, so all of it is growth. None for fewer than
    two points, no time between them, time that goes back, and values that no counter has (negative, not finite).
    """
    if len(points) < 2 or not all(math.isfinite(at) and math.isfinite(value) for at, value in points):  # noqa: PLR2004
        return None
    span = points[-1][0] - points[0][0]
    steps = list(pairwise(points))
    if span <= 0 or any(after[0] < before[0] for before, after in steps) or any(value < 0 for _, value in points):
        return None
    grown = (after - before if after >= before else after for (_, before), (_, after) in steps)
    return _finite(lambda: math.fsum(grown) / span)


def _per_second(count: int, seconds: float) -> float | None:
    return _finite(lambda: count / seconds) if seconds > 0 else None


def _finite(figure: Callable[[], float]) -> float | None:
    try:
        result = figure()
    except (OverflowError, ValueError):
        return None
    return result if math.isfinite(result) else None


@dataclass(slots=True)
class Reservoir:
    """The values of an iteration, in bounded memory.

    Exact up to 10,000 values. Above, count, sum, mean, min, max, first and last stay exact, and quantiles come from a
    fair sample of 5,000 to 10,000 of the values: each value's place in the order is hashed and values whose hash begins
    with `level` zero bits are kept, so the choice depends neither on chance nor on a rhythm in the values, and is the
    same after a resume. The true rank of such a p95 lies within 94.4 to 95.6 % nineteen times in twenty.
    """

    count: int = 0
    level: int = 0
    first: float = 0.0
    last: float = 0.0
    least: float = math.inf
    most: float = -math.inf
    finite: bool = True
    partials: list[float] = field(default_factory=list)
    places: array[int] = field(default_factory=lambda: array("Q"))
    kept: array[float] = field(default_factory=lambda: array("d"))

    def add(self, value: float) -> None:
        """Take a value in. One that is not finite, or makes the sum so, leaves no figure but the count and the rate."""
        place = self.count
        self.count += 1
        if not math.isfinite(value):
            self.finite = False
            return
        if not self.partials:
            self.first = value
        self.last = value
        self.least = min(self.least, value)
        self.most = max(self.most, value)
        if not _add_exactly(self.partials, value):
            self.finite = False
            return
        if self.level == 0 or _hash(place) >> (64 - self.level) == 0:
            self.places.append(place)
            self.kept.append(value)
            if len(self.kept) > KEPT_AT_MOST:
                self._thin()

    def _thin(self) -> None:
        self.level += 1
        stay = [at for at, place in enumerate(self.places) if _hash(place) >> (64 - self.level) == 0]
        self.places = array("Q", (self.places[at] for at in stay))
        self.kept = array("d", (self.kept[at] for at in stay))

    @property
    def exact(self) -> bool:
        """Whether every value is still kept."""
        return self.level == 0

    def reduce(self, how: Reduce, *, seconds: float) -> float | None:
        """One figure of the values; what `reduce` says of the same values, but for thinned quantiles."""
        if how == "count":
            return float(self.count)
        if how == "rate":
            return _per_second(self.count, seconds)
        if self.count == 0 or not self.finite:
            return None
        if how in _QUANTILES:
            return quantile(self.kept, _QUANTILES[how])
        if how in {"sum", "mean"}:
            return _finite(lambda: math.fsum(self.partials) / (self.count if how == "mean" else 1))
        return {"last": self.last, "min": self.least, "max": self.most}[how]

    def to_json(self) -> dict[str, Any]:
        """Everything, without NaN or infinity; `places` only where values have been left out."""
        row: dict[str, Any] = {"count": self.count, "finite": self.finite, "kept": list(self.kept)}
        if math.isfinite(self.least):
            row |= {
                "first": self.first,
                "last": self.last,
                "min": self.least,
                "max": self.most,
                "partials": list(self.partials),
            }
        if self.level or len(self.kept) != self.count:
            row |= {"level": self.level, "places": list(self.places)}
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Reservoir:
        """The collection as it was recorded. Raises KeyError, TypeError or ValueError for a row that is none."""
        kept = array("d", row["kept"])
        return cls(
            count=int(row["count"]),
            level=int(row.get("level", 0)),
            first=float(row.get("first", 0.0)),
            last=float(row.get("last", 0.0)),
            least=float(row.get("min", math.inf)),
            most=float(row.get("max", -math.inf)),
            finite=bool(row["finite"]),
            partials=[float(part) for part in row.get("partials", ())],
            places=array("Q", row.get("places", range(len(kept)))),
            kept=kept,
        )


def _add_exactly(partials: list[float], value: float) -> bool:
    """Shewchuk's running sum: `partials` do not overlap, so their fsum is that of all values, exactly rounded.

    False, and nothing left, where the sum is too large for a float.
    """
    used = 0
    for other in partials:
        large, small = (value, other) if abs(value) >= abs(other) else (other, value)
        value = large + small
        rest = small - (value - large)
        if rest:
            partials[used] = rest
            used += 1
    partials[used:] = [value]
    if not math.isfinite(value):
        partials.clear()
        return False
    return True


def _hash(place: int) -> int:
    """64 well mixed bits of a number (splitmix64): the same in every Python, unlike random."""
    mixed = (place + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return mixed ^ mixed >> 31
