"""Chooses the lines that are asked for: those that match, and their neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from soakctl.services.logs.match import Everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.logs.block import Block
    from soakctl.domain.logs.levels import Level
    from soakctl.domain.logs.times import Times
    from soakctl.services.logs.at_level import AtLeast
    from soakctl.services.logs.match import Match, Span

_BACK = 300
_HEAD = 4_000


class Chosen(NamedTuple):
    """Lines to be shown, one behind the other in their block.

    Attributes:
        start: where the first one begins.
        stop: behind the newline of the last one.
        matches: whether they were asked for, or only stand beside.
        apart: lines that are not shown lie between these and those shown before.
        missing: how many neighbours belong before them that the block does not hold any more.
    """

    start: int
    stop: int
    matches: bool
    apart: bool
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for.

    Attributes:
        pattern: lines that match it; None for any.
        level: records at it or above; None for any.
        since: not before this (unix seconds).
        until: not after this.
        before: neighbours shown before a line that matches.
        after: neighbours shown after it.
        sets_apart: whether it matters where lines are left out, though there may be no neighbours.
    """

    pattern: Match | None = None
    level: Level | None = None
    since: float | None = None
    until: float | None = None
    before: int = 0
    after: int = 0
    sets_apart: bool = False

    @property
    def is_for_all(self) -> bool:
        """Whether every line is wanted."""
        return self.pattern is None and self.level is None and self.since is None and self.until is None

    @property
    def has_neighbours(self) -> bool:
        """Whether lines are shown beside others, or could be."""
        return bool(self.before or self.after or self.sets_apart)

    def is_in_time(self, unix: float | None) -> bool:
        """Whether a line of that time is wanted."""
        if self.since is None and self.until is None:
            return True
        if unix is None:
            return False
        return (self.since is None or unix >= self.since) and (self.until is None or unix <= self.until)


def _at_least(level: Level) -> AtLeast:
    # What knows the levels takes longer to import than a few lines to show.
    from soakctl.services.logs.at_level import AtLeast  # noqa: PLC0415

    return AtLeast(level)


class Chooser:
    """Chooses from the blocks of one file, in order.

    Attributes:
        begun: whether a line has matched.
    """

    def __init__(self, question: Question, times: Times) -> None:
        """Nothing was read yet."""
        self._question = question
        self._times = times
        self._level = None if question.level is None else _at_least(question.level)
        self._match: Match = question.pattern or self._level or Everything()
        self._after = 0  # neighbours still wanted
        self._gap = 0  # lines not shown right before the block
        self.begun = False
        self._clock: float | None = None  # the time of the last line that said one

    def choose(self, block: Block) -> Iterator[Chosen]:
        """The lines of the block to be shown, in order."""
        if self._question.is_for_all:
            yield Chosen(block.start, block.end, matches=True, apart=False)
            return
        if not self._question.has_neighbours:
            yield from self._alone(block)
            return
        done = block.start
        for start, stop in self._matching(block):
            upto = self._forward(block, done, start)
            if upto > done:
                yield Chosen(done, upto, matches=False, apart=False)
            first, apart, missing = self._back(block, start, upto)
            if first < start:
                yield Chosen(first, start, matches=False, apart=apart, missing=missing)
                apart, missing = False, 0
            yield Chosen(start, stop + 1, matches=True, apart=apart, missing=missing)
            self.begun, self._after, self._gap, done = True, self._question.after, 0, stop + 1
        upto = self._forward(block, done, block.end)
        if upto > done:
            yield Chosen(done, upto, matches=False, apart=False)
            self._gap = 0
        if upto < block.end:
            self._gap += block.data.count(b"\n", upto, block.end) if self._question.before else 1

    def _alone(self, block: Block) -> Iterator[Chosen]:
        """The lines that match, without neighbours; those that touch are given together."""
        begun = done = block.start
        for start, stop in self._matching(block):
            if start != done:
                if done > begun:
                    yield Chosen(begun, done, matches=True, apart=False)
                begun = start
            done = stop + 1
        if done > begun:
            yield Chosen(begun, done, matches=True, apart=False)

    def _forward(self, block: Block, start: int, end: int) -> int:
        """Behind the neighbours still wanted, from `start` on."""
        while self._after and start < end:
            start = block.line_end(start) + 1
            self._after -= 1
        return start

    def _back(self, block: Block, start: int, done: int) -> tuple[int, bool, int]:
        """Where the first wanted neighbour begins, whether lines before it are left out, and how many are missing."""
        gap, wanted = 0 if done > block.start else self._gap, self._question.before
        while wanted:
            if start > done:
                start = block.line_start(start - 1)
            elif gap and start > block.floor:
                start, gap = block.line_start(start - 1), gap - 1
            else:
                break
            wanted -= 1
        missing = min(wanted, gap)
        apart = self._question.has_neighbours and self.begun and (start > done or gap > missing)
        return start, apart, missing

    def _matching(self, block: Block) -> Iterator[Span]:
        question = self._question
        level = None if question.pattern is None else self._level
        lines = self._match.lines(block)
        if level is None and question.since is None and question.until is None:
            return lines
        return (
            (start, stop)
            for start, stop in lines
            if (level is None or level.record_holds(block, start, stop)) and self._in_time(block, start, stop)
        )

    def _in_time(self, block: Block, start: int, stop: int) -> bool:
        question = self._question
        if question.since is None and question.until is None:
            return True
        return question.is_in_time(self._unix(block, start, stop))

    def _unix(self, block: Block, start: int, stop: int) -> float | None:
        """When the line was logged, or the last one before it that says so."""
        for _ in range(_BACK):
            unix = self._times.unix(block.text(start, min(stop, start + _HEAD)))
            if unix is not None:
                self._clock = unix
                return unix
            if start <= block.floor:
                break
            start, stop = block.line_start(start - 1), start - 1
        return self._clock
