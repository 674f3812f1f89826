"""Errors, alike ones together: counted, with when they came first and last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soakctl.domain.logs.levels import Level
from soakctl.domain.logs.records import body_of
from soakctl.domain.logs.traces import Trace, trace_of
from soakctl.services.logs.at_level import AtLeast
from soakctl.services.logs.prepare import prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.logs.block import Block
    from soakctl.domain.logs.times import Times
    from soakctl.redact import LineRedactor
    from soakctl.services.logs.select import Question

_MOST_GROUPS = 1_000
_MOST_LINES = 200
_LINE = 2_000


@dataclass(slots=True)
class Group:
    """Errors that are alike.

    Attributes:
        trace: of the newest; what is secret in it is not hidden yet.
        level: the highest.
        count: how many.
        first_unix: when the first came; None where lines do not say.
        last_unix: when the last came.
        logs: the names of the logs that they are in.
        example: the lines of the newest, as they were written.
    """

    trace: Trace
    level: Level | None
    count: int = 0
    first_unix: float | None = None
    last_unix: float | None = None
    logs: list[str] = field(default_factory=list)
    example: list[str] = field(default_factory=list)

    def add(self, log: str, trace: Trace, unix: float | None, lines: list[str]) -> None:
        """One more."""
        self.count += 1
        if log not in self.logs:
            self.logs.append(log)
        if unix is not None:
            self.first_unix = unix if self.first_unix is None else min(self.first_unix, unix)
        if unix is None or self.last_unix is None or unix >= self.last_unix:
            self.last_unix = unix if unix is not None else self.last_unix
            self.trace, self.example = trace, lines


class Errors:
    """Groups of all logs.

    Attributes:
        total: how many errors there were.
        left_out: how many of them are in no group, because there are too many kinds.
    """

    def __init__(self, question: Question) -> None:
        """Of the question, the level (ERROR, unless it says another), the pattern and the times count."""
        self.total = self.left_out = 0
        self.question = question
        self.level = question.level or Level.ERROR
        self._groups: dict[str, Group] = {}

    def groups(self) -> list[Group]:
        """The commonest first."""
        return sorted(self._groups.values(), key=lambda group: -group.count)

    def reader(self, log: str, times: Times, *, keys: Callable[[], LineRedactor]) -> ErrorReader:
        """What reads one log, in order."""
        return ErrorReader(self, log, times, keys)

    def add(self, log: str, level: Level | None, unix: float | None, lines: list[str]) -> None:
        """One error."""
        if not self._is_wanted(unix, lines):
            return
        trace = trace_of([body_of(line) for line in lines])
        group = self._groups.get(trace.alike)
        self.total += 1
        if group is None:
            if len(self._groups) >= _MOST_GROUPS:
                self.left_out += 1
                return
            group = self._groups[trace.alike] = Group(trace, level)
        if level is not None and (group.level is None or level > group.level):
            group.level = level
        group.add(log, trace, unix, lines)

    def _is_wanted(self, unix: float | None, lines: list[str]) -> bool:
        question = self.question
        if question.pattern is not None and not any(map(question.pattern.holds, lines)):
            return False
        return question.is_in_time(unix)


class ErrorReader:
    """Reads the errors of one log."""

    def __init__(self, errors: Errors, log: str, times: Times, keys: Callable[[], LineRedactor]) -> None:
        """Nothing was read yet."""
        self._errors = errors
        self._log = log
        self._times = times
        self._keys = keys
        self._match = AtLeast(errors.level)
        self._lines: list[str] = []
        self._level: Level | None = None
        self._unix: float | None = None

    def read(self, block: Block) -> None:
        """The next block."""
        block = prepared(block, self._keys)
        for start, stop in self._match.lines(block):
            text = block.text(start, min(stop, start + _LINE))
            if self._match.begins:
                self.finish()
                self._level = self._match.said
                self._unix = self._time(block, start, text)
            if len(self._lines) < _MOST_LINES:
                self._lines.append(text)

    def finish(self) -> None:
        """The record that was begun has ended."""
        if self._lines:
            self._errors.add(self._log, self._level, self._unix, self._lines)
            self._lines = []

    def _time(self, block: Block, start: int, text: str) -> float | None:
        """When it was logged; of a traceback that was only printed, when the line before it was."""
        unix = self._times.unix(text)
        for _ in range(_MOST_LINES):
            if unix is not None or start <= block.floor:
                break
            end = start - 1
            start = block.line_start(end)
            unix = self._times.unix(block.text(start, min(end, start + _LINE)))
        return unix
