"""What was read of a stream since the last signal: counted, and told often enough without flooding the engine."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.domain.line import HitKind, Line
from soakctl.domain.signal import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soakctl.domain.line import Hit
    from soakctl.domain.signal import Signal
    from soakctl.domain.watch import Found

TAIL_LINES = 20
_HITS_APART_S = 0.02
_COUNTS_APART_S = 0.2
# Matches that are measured: a lost one is missing from a figure. Those that are counted are told as one hit with their
# number, however many they are; of the others the first ones matter.
_FIGURES = frozenset({HitKind.KPI})
_FIGURES_PER_S = 2_000
_FIRST_PER_S = 20


class HitQuota:
    """How many hits are passed on within a second."""

    def __init__(self) -> None:
        """Nothing was passed on yet."""
        self._second = -1
        self._passed = 0
        self._by_key: dict[tuple[HitKind, str], int] = {}

    def admits(self, found: Found, at: float) -> bool:
        """Whether this one is passed on: the first of each pattern always, then as many as a second has room for."""
        if int(at) != self._second:
            self._second, self._passed = int(at), 0
            self._by_key.clear()
        name = (found.kind, found.key)
        seen = self._by_key[name] = self._by_key.get(name, 0) + 1
        if seen > _FIRST_PER_S and (found.kind not in _FIGURES or self._passed >= _FIGURES_PER_S):
            return False
        self._passed += 1
        return True


class LineBatch:
    """Collects for one stream and one thread at a time. All times are those of `now`, in seconds."""

    def __init__(self, stream: str, emit: Callable[[Signal], None]) -> None:
        """`emit` takes the signals, from the thread that reads, and must not block."""
        self._stream = stream
        self._emit = emit
        self._quota = HitQuota()
        self._seq = 0
        self._gap = 0  # lines dropped since the last one that was looked at
        self._told_at = float("-inf")
        self._clear()

    def _clear(self) -> None:
        self._count = self._dropped = self._critical = self._unmeasured = 0
        self._hits: list[Hit] = []
        self._counts: dict[tuple[HitKind, str], list[int]] = {}  # where among the hits, and for how many matches
        self._notes: list[str] = []
        self._tail: deque[tuple[int, float, str, bool, int]] = deque(maxlen=TAIL_LINES)

    def add(self, text: str, at: float, found: Sequence[Found] = (), *, cut: bool = False) -> None:
        """A line that was looked at, and what was found in it."""
        self._seq += 1
        self._count += 1
        self._tail.append((self._seq, at, text, cut, self._gap))
        if found:
            line = Line(self._stream, self._seq, at, text, cut, self._gap)
            self._critical += any(each.kind is HitKind.CRITICAL for each in found)
            refused = self._pass_on(line, found)
            self._dropped += refused
            self._unmeasured += refused
        self._gap = 0

    def peek(self, text: str, at: float, found: Sequence[Found]) -> None:
        """What was found in a line that is not ended yet; it will be added once it is."""
        self._pass_on(Line(self._stream, self._seq + 1, at, text, dropped_before=self._gap), found)

    def _pass_on(self, line: Line, found: Sequence[Found]) -> bool:
        """Keep the hits there is room for; whether one is missing from a figure."""
        refused = False
        for each in found:
            if each.is_counted:
                self._count_on(line, each)
            elif self._quota.admits(each, line.at):
                self._hits.append(each.at(line))
            else:
                refused = refused or each.kind in _FIGURES
        return refused

    def _count_on(self, line: Line, found: Found) -> None:
        known = self._counts.get((found.kind, found.key))
        if known is None:
            self._counts[found.kind, found.key] = [len(self._hits), 1]
            self._hits.append(found.at(line))
        else:
            known[1] += 1

    def drop(self, lines: int, critical: int = 0) -> None:
        """Lines that were not looked at, and how many of them are critical."""
        self._seq += lines
        self._count += lines
        self._dropped += lines
        self._gap += lines
        self._critical += critical

    def note(self, text: str) -> None:
        """Something about the stream that a person should know."""
        self._notes.append(text)

    def due(self) -> float | None:
        """When the next signal is to be emitted; None while there is nothing to tell."""
        if self._hits:
            return self._told_at + _HITS_APART_S
        return self._told_at + _COUNTS_APART_S if self._count or self._notes else None

    def tell(self, at: float, *, now: bool = False) -> bool:
        """Emit what is due, or with `now` whatever there is. Whether something was emitted."""
        due = self.due()
        if due is None or (at < due and not now):
            return False
        if self._unmeasured:
            self._notes.append(f"more than {_FIGURES_PER_S:,} matches a second: {self._unmeasured:,} were not measured")
        for place, count in self._counts.values():
            self._hits[place] = replace(self._hits[place], count=count)
        tail = tuple(Line(self._stream, *each) for each in self._tail)
        signal = Lines(
            self._stream,
            self._count,
            self._dropped,
            self._critical,
            tuple(self._hits),
            tail,
            "; ".join(self._notes),
        )
        self._told_at = at
        self._clear()
        self._emit(signal)
        return True
