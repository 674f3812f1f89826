"""Lines, warnings and errors over time."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.domain.logs.levels import Level
from soakctl.services.logs.at_level import AtLeast
from soakctl.services.logs.prepare import prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.logs.block import Block
    from soakctl.domain.logs.times import Times
    from soakctl.redact import LineRedactor
    from soakctl.services.logs.select import Question

# Buckets are of a length that people count in (seconds).
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
_LINE = 4_000
# More rows than a person looks at; wider ones are made of them. Where only a few clocks went wrong, those do not count.
_MOST_ROWS = 60
_ODD_SHARE, _ODD_TIMES = 100, 10
_MOST_KEPT = 150
_SCANNED = 50


def wider(width_s: int) -> int:
    """The next length that whole buckets of the one given fit into."""
    return next((width for width in _WIDTHS if width > width_s and width % width_s == 0), width_s * 2)


@dataclass(slots=True)
class Bucket:
    """What came within a bucket of time."""

    lines: int = 0
    warnings: int = 0
    errors: int = 0

    def take(self, other: Bucket) -> None:
        """Count what another one counted, too."""
        self.lines += other.lines
        self.warnings += other.warnings
        self.errors += other.errors


class Rate:
    """Counts of all logs together.

    Attributes:
        width_s: the length of a bucket; it grows with the time that lines come from.
        untimed: lines that came before the first that says when it was logged.
    """

    def __init__(self, question: Question) -> None:
        """Of the question, the pattern and the times count."""
        self.question = question
        self.width_s = 1
        self.untimed = 0
        self._buckets: dict[int, Bucket] = {}

    def buckets(self) -> list[tuple[float, Bucket]]:
        """Each with its beginning in unix seconds, empty ones between others too."""
        if not self._buckets:
            return []
        self._widen(self._readable_width())
        first, last = min(self._buckets), max(self._buckets)
        numbers = range(first, last + 1) if last - first < 2 * _MOST_ROWS else sorted(self._buckets)
        return [(float(number * self.width_s), self._buckets.get(number, Bucket())) for number in numbers]

    def reader(self, times: Times, *, keys: Callable[[], LineRedactor]) -> RateReader:
        """What reads one log, in order."""
        return RateReader(self, times, keys)

    def bucket(self, unix: float) -> int | None:
        """The number of the bucket for a time; None for a time that is not asked for."""
        since, until = self.question.since, self.question.until
        if (since is not None and unix < since) or (until is not None and unix > until):
            return None
        return int(unix // self.width_s)

    def add(self, number: int, lines: int, warnings: int, errors: int) -> None:
        """Count."""
        self._buckets.setdefault(number, Bucket()).take(Bucket(lines, warnings, errors))
        while len(self._buckets) > _MOST_KEPT:
            self._widen(wider(self.width_s))

    def _readable_width(self) -> int:
        """What all of it needs; where a few lines alone would make that much more, what the others need."""
        numbers = sorted(self._buckets)
        odd = max(1, sum(bucket.lines for bucket in self._buckets.values()) // _ODD_SHARE)
        first, last = sorted(self._behind(odd, ordered) for ordered in (numbers, numbers[::-1]))
        widths = self._width_for(numbers[0], numbers[-1]), self._width_for(first, last)
        return widths[1] if widths[0] > _ODD_TIMES * widths[1] else widths[0]

    def _width_for(self, first: int, last: int) -> int:
        width = self.width_s
        fitting = [each for each in _WIDTHS if each % width == 0]
        while (last * self.width_s // width) - (first * self.width_s // width) >= _MOST_ROWS:
            width = next((each for each in fitting if each > width), width * 2)
        return width

    def _behind(self, lines: int, numbers: list[int]) -> int:
        for number in numbers:
            lines -= self._buckets[number].lines
            if lines < 0:
                return number
        return numbers[-1]

    def _widen(self, width_s: int) -> None:
        merged: dict[int, Bucket] = {}
        for number, bucket in self._buckets.items():
            merged.setdefault(number * self.width_s // width_s, Bucket()).take(bucket)
        self._buckets, self.width_s = merged, width_s


class RateReader:
    """Counts the lines of one log. Its times are taken to be in order: what lies between two alike is like them."""

    def __init__(self, rate: Rate, times: Times, keys: Callable[[], LineRedactor]) -> None:
        """Nothing was read yet."""
        self._rate = rate
        self._times = times
        self._keys = keys
        self._match = AtLeast(Level.WARNING)
        self._unix: float | None = None
        self._lines: list[int] | None = None
        self._warnings: list[int] = []
        self._errors: list[int] = []

    def read(self, block: Block) -> None:
        """The next block."""
        block = prepared(block, self._keys)
        self._warnings, self._errors = [], []
        pattern = self._rate.question.pattern
        self._lines = None if pattern is None else [start for start, _ in pattern.lines(block)]
        wanted = None if self._lines is None else set(self._lines)
        for start, _ in self._match.lines(block):
            if self._match.begins and (wanted is None or start in wanted):
                (self._warnings if self._match.said is Level.WARNING else self._errors).append(start)
        self._split(block, block.start, block.end)

    def _split(self, block: Block, start: int, end: int) -> None:
        """Count the lines of a part: at once where it begins and ends in the same bucket, else by halves."""
        # With the times that were already found where each begins and ends.
        stack: list[tuple[int, int, float | None, float | None]] = [(start, end, None, None)]
        while stack:
            start, end, first_told, last_told = stack.pop()
            last = block.line_start(end - 1)
            first_told = self._told(block, start) if first_told is None else first_told
            first_unix = last_unix = first_told if first_told is not None else self._unix
            if last > start:
                last_told = self._told(block, last) if last_told is None else last_told
                last_unix = last_told if last_told is not None else self._unix
            if self._number(first_unix) == self._number(last_unix) or last <= start:
                self._count(block, start, end, first_unix)
                continue
            middle = block.line_end(start + (end - start) // 2) + 1
            middle = middle if start < middle < end else block.line_start(start + (end - start) // 2)
            middle = middle if start < middle < end else block.line_end(start) + 1
            stack += ((middle, end, None, last_told), (start, middle, first_told, None))

    def _number(self, unix: float | None) -> int | None:
        return None if unix is None else self._rate.bucket(unix)

    def _told(self, block: Block, at: int) -> float | None:
        """The time of a line; of one that says none, as in a traceback, that of the last before it that does."""
        unix = self._times.unix(block.text(at, min(block.line_end(at), at + _LINE)))
        return unix if unix is not None else self._unix_back(block, at, block.floor)

    def _unix_back(self, block: Block, at: int, start: int) -> float | None:
        for _ in range(_SCANNED):
            if at <= start:
                break
            stop = at - 1
            at = block.line_start(stop)
            unix = self._times.unix(block.text(at, min(stop, at + _LINE)))
            if unix is not None:
                return unix
        return None

    def _count(self, block: Block, start: int, end: int, unix: float | None) -> None:
        lines = block.data.count(b"\n", start, end) if self._lines is None else _within(self._lines, start, end)
        self._unix = unix if unix is not None else self._unix
        if self._unix is None:
            self._rate.untimed += lines
            return
        number = self._rate.bucket(self._unix)
        if number is not None:
            self._rate.add(number, lines, _within(self._warnings, start, end), _within(self._errors, start, end))


def _within(places: list[int], start: int, end: int) -> int:
    return bisect_left(places, end) - bisect_left(places, start)
