"""What a resource grows by: lines, types, kinds of files, commands; from what there was before and after."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The resources whose growth can be looked into, by the resource that is judged.
ATTRIBUTED = ("rss", "fds", "threads", "tasks", "processes")
MOST_ROWS = 6
_LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Grown:
    """Something that there is more of: `where` it comes from, `what` it is, and by how much, in the resource's unit."""

    where: str
    what: str
    grew: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where the growth of a resource comes from.

    Attributes:
        resource: rss, fds, threads, tasks or processes.
        rows: what grew, the most first.
        grew: by how much all of it grew, in the resource's unit, over `over_s`.
        over_s: seconds between the two looks.
        explained: the share of the growth that the rows account for; None where that is not known.
        how: by what it was found, for people.
        cost: what looking cost: cpu_percent_before, cpu_percent_during, memory_bytes, pause_ms.
        reason: why nothing was found, or what to bear in mind; "" for nothing.
    """

    resource: str
    rows: tuple[Grown, ...] = ()
    grew: float = 0.0
    over_s: float = 0.0
    explained: float | None = None
    how: str = ""
    cost: Mapping[str, float | None] = field(default_factory=dict)
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """By name, ready for JSON."""
        return {**asdict(self), "rows": [asdict(row) for row in self.rows], "cost": dict(self.cost)}


Key = tuple[str, str]


def grown(before: Mapping[Key, float], after: Mapping[Key, float]) -> tuple[tuple[Grown, ...], float]:
    """What there is more of, the most first and no crumbs; and by how much all of it grew, losses not taken off."""
    more = {key: value - before.get(key, 0.0) for key, value in after.items() if value > before.get(key, 0.0)}
    total = sum(more.values())
    most = sorted(more.items(), key=lambda one: (-one[1], one[0]))[:MOST_ROWS]
    return tuple(Grown(*key, value) for key, value in most if value >= _LEAST_SHARE * total), total


def share(part: float, whole: float) -> float | None:
    """How much of it, at most all; None where there is nothing to compare with."""
    return None if whole <= 0 else round(min(1.0, max(0.0, part / whole)), 4)
