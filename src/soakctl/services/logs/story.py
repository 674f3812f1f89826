"""The story of a boot: which checkpoints were reached, when, and which one is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.services.logs.match import Pattern
from soakctl.services.logs.prepare import prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from soakctl.domain.config.smoke import Checkpoint
    from soakctl.domain.logs.block import Block
    from soakctl.domain.logs.times import Times
    from soakctl.redact import LineRedactor
    from soakctl.services.logs.match import Find
    from soakctl.services.logs.select import Question

_LINE = 2_000
_BACK = 300


@dataclass(frozen=True, slots=True)
class Reached:
    """A checkpoint that was reached.

    Attributes:
        place: counts through the lines of the log, so that two can be put in order.
        unix: when; None where the lines do not say.
        text: its line; what is secret in it is not hidden yet.
    """

    place: tuple[int, int]
    unix: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A checkpoint of the configuration, and what became of it in the newest boot.

    Attributes:
        early: reached before one that stands before it.
        since_previous_s: seconds since the one reached before it.
        since_start_s: seconds since the first one reached.
    """

    checkpoint: Checkpoint
    reached: Reached | None
    early: bool = False
    since_previous_s: float | None = None
    since_start_s: float | None = None


class Story:
    """Follows the boots of one log; the first checkpoint begins a new one.

    Attributes:
        log: the name of the log.
        boots: how often the first checkpoint was reached.
    """

    def __init__(self, log: str, checkpoints: Sequence[Checkpoint], *, question: Question, find: Find) -> None:
        """`checkpoints` are those of the configuration, in order. Of the question, the times count."""
        self.log = log
        self.boots = 0
        self._checkpoints = tuple(checkpoints)
        self._patterns = {each.name: Pattern(each.pattern, find=find) for each in checkpoints}
        self._reached: dict[str, Reached] = {}
        self._blocks = 0
        self._find = find
        self._question = question

    def read(self, block: Block, times: Times, *, keys: Callable[[], LineRedactor]) -> None:
        """The next block."""
        block = prepared(block, keys, self._find)
        self._blocks += 1
        first, *others = self._checkpoints
        begun = list(self._wanted(first, block, times))
        if begun:
            self.boots += len(begun)
            start, reached = begun[-1]
            self._reached = {first.name: reached}
            block = block._replace(start=start)
        for each in others:
            if each.name not in self._reached:
                found = next(self._wanted(each, block, times), None)
                if found is not None:
                    self._reached[each.name] = found[1]

    def _wanted(self, checkpoint: Checkpoint, block: Block, times: Times) -> Iterator[tuple[int, Reached]]:
        """Where it is reached in a block, within the times that are asked for."""
        for start, stop in self._patterns[checkpoint.name].lines(block):
            reached = self._at(block, start, stop, times)
            if self._question.is_in_time(reached.unix):
                yield start, reached

    def steps(self) -> list[Step]:
        """Each checkpoint, in the order of the configuration."""
        steps: list[Step] = []
        start = min((each.unix for each in self._reached.values() if each.unix is not None), default=None)
        latest: Reached | None = None
        for each in self._checkpoints:
            reached = self._reached.get(each.name)
            if reached is None:
                steps.append(Step(each, None))
                continue
            early = latest is not None and reached.place < latest.place
            since = _between(None if early or latest is None else latest.unix, reached.unix)
            steps.append(Step(each, reached, early, since, _between(start, reached.unix)))
            latest = latest if early else reached
        return steps

    @property
    def newest_unix(self) -> float:
        """When the last checkpoint was reached; 0 for never."""
        return max((each.unix or 0.0 for each in self._reached.values()), default=0.0)

    @property
    def count(self) -> int:
        """How many checkpoints were reached."""
        return len(self._reached)

    def _at(self, block: Block, start: int, stop: int, times: Times) -> Reached:
        text = block.text(start, min(stop, start + _LINE))
        place, unix = (self._blocks, start - block.floor), times.unix(text)
        for _ in range(_BACK):
            if unix is not None or start <= block.floor:
                break
            stop = start - 1
            start = block.line_start(stop)
            unix = times.unix(block.text(start, min(stop, start + _LINE)))
        return Reached(place, unix, text)


def first_missing(steps: Sequence[Step]) -> Checkpoint | None:
    """The first checkpoint that has to come and was not reached."""
    return next((step.checkpoint for step in steps if step.reached is None and step.checkpoint.must_come), None)


def _between(earlier: float | None, later: float | None) -> float | None:
    return None if earlier is None or later is None else max(0.0, later - earlier)
