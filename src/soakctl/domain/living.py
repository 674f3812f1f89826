"""Living allocations by line at the end of two windows, and what they say about growth between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.domain.attribution import Attribution, grown, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from soakctl.domain.attribution import Key

_TYPES = 2
_TOO_MUCH, _TOO_LITTLE, _SLOWER = 2.0, 0.5, 0.5
_MOST_OF_IT = 0.9


@dataclass(frozen=True, slots=True)
class Living:
    """What a process holds of what it allocated since tracing began.

    Attributes:
        sizes: bytes by line.
        types: how many objects of which type come from a line, as far as that was looked at.
        pause_ms: how long the process was held up.
        notes_bytes: what the notes of the tracer take.
        at_s: by the process's clock.
        cut: of what there was not enough to go on to the end, "" otherwise.
    """

    sizes: Mapping[str, float]
    types: Mapping[str, Mapping[str, int]]
    pause_ms: float = 0.0
    notes_bytes: float = 0.0
    at_s: float = 0.0
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Windows:
    """The same processes at the ends of both windows.

    Attributes:
        first, second: of each process, in one order.
        resident: by how many bytes all of them grew from one to the other, notes of the tracer included.
        slope_per_hour: how fast the whole service grew before anybody looked.
        share: of that growth, how much was of these processes.
    """

    first: Sequence[Living]
    second: Sequence[Living]
    resident: float
    slope_per_hour: float
    share: float = 1.0


def explain(windows: Windows, *, how: str, cost: Mapping[str, float | None]) -> Attribution:
    """The lines that held something after the first window and more after the second.

    How much of the service's growth that is: of the rate before, or, where it grew much more slowly while it was
    looked at, of what it grew by meanwhile.
    """
    pairs = list(zip(windows.first, windows.second, strict=True))
    over_s = max(0.001, *(later.at_s - one.at_s for one, later in pairs))
    rows, total = grown(*_keys(windows))
    told = sum(row.grew for row in rows)
    usual = windows.slope_per_hour * windows.share / 3600 * over_s
    own = windows.resident - sum(later.notes_bytes - one.notes_bytes for one, later in pairs)
    slower = 0 < own < _SLOWER * usual
    expected = own if slower else usual
    return Attribution(
        "rss",
        rows,
        grew=total,
        over_s=round(over_s, 3),
        explained=share(told * windows.share, expected),
        how=how,
        cost=cost,
        reason="; ".join(_doubts(windows, told, expected, slower=slower)),
    )


def _doubts(windows: Windows, told: float, expected: float, *, slower: bool) -> Iterator[str]:
    if slower:
        yield "it grew by less than half of that while it was looked at, and this is a share of the less"
    if told > _TOO_MUCH * expected:
        yield "these lines allocated far more than the memory grew by: some of it takes the place of what was freed"
    elif told < _TOO_LITTLE * expected:
        yield "the rest was not allocated by Python itself (extension modules, fragments), or comes in bursts"
    if windows.share < _MOST_OF_IT:
        yield f"{100 * (1 - windows.share):.0f}% of the growth was of other processes"
    for cut in sorted({look.cut for look in (*windows.first, *windows.second) if look.cut}):
        yield f"it was ended early for want of {cut}"


def _keys(windows: Windows) -> tuple[dict[Key, float], dict[Key, float]]:
    """Bytes before and after, by line and the types there; only of lines that had something in both."""
    before: dict[Key, float] = {}
    after: dict[Key, float] = {}
    for one, later in zip(windows.first, windows.second, strict=True):
        for line in one.sizes.keys() & later.sizes.keys():
            key = (line, _named(later.types.get(line, {})))
            before[key] = before.get(key, 0.0) + one.sizes[line]
            after[key] = after.get(key, 0.0) + later.sizes[line]
    return before, after


def _named(types: Mapping[str, int]) -> str:
    most = sorted(types.items(), key=lambda one: (-one[1], one[0]))[:_TYPES]
    return ", ".join(name for name, _ in most)
