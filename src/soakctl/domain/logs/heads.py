"""Learns how a file's lines begin up to their level, so that most lines are judged by one look at their first bytes."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from soakctl.domain.logs.levels import BY_NAME, Level, line_level
from soakctl.domain.logs.records import body_of
from soakctl.domain.logs.shapes import Shapes, says_no_level

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.logs.block import Data

# A file whose lines begin in more ways than this is judged line by line.
_MOST = 64
_WITHIN = 160
_LOOKED_AT = 8_192
_TIME = re.compile(rb"[12]\d\d\d([-/])\d\d\1\d\d([T ])\d\d:\d\d:\d\d")
_WORD = re.compile(
    rb"(?<![A-Za-z0-9_])("
    + b"|".join(name.encode() for name in sorted(BY_NAME, key=len, reverse=True))
    + rb")(?=[^A-Za-z0-9_])",
    re.IGNORECASE,
)
_DIGIT = re.compile(rb"[0-9]")
_DIGITS = re.compile(rb"[0-9]+")
# Of what uvicorn logs as INFO only the status says the level.
_NO_ACCESS = rb'(?!\s*+(?:-\s++)?(?:(?:uvi|hyper)corn\.access(?::| -)\s++)?[\da-f:.\[\]]*+ - "[A-Z])'
# Behind the level, by the last character that is taken for its head; like `_ACCESS_AS_INFO` of `levels`.
_ACCESS_GAPS = {b"]": rb":?[ ]+", b":": rb"[ ]+", b" ": rb"[ ]*"}
_ACCESS_TAIL = (
    rb"(?:-[ ]+)?(?:(?:uvi|hyper)corn\.access(?::| -)[ ]+)?"
    rb'[\da-f:.\[\]]* - "[A-Z]{3,10} [!-~]+ HTTP/[\d.]+" (\d)\d\d(?![\w\x80-\xff])'
)
_ACCESS_SAMPLE = b' 127.0.0.1:80 - "GET / HTTP/1.1" '
_ACCESS_LEVELS = {b"4": Level.WARNING, b"5": Level.ERROR}
# Without this an access is logged below the level.
_FAILED = {Level.WARNING: re.compile(rb'" [45]'), Level.ERROR: re.compile(rb'" 5')}
_NEVER = re.compile(rb"(?!)")


class _Below:
    """How lines begin that are below a level: finds the newline before one that does not begin so.

    Attributes:
        logs_accesses: whether lines that begin as one of these are above where they tell of an access that failed.
    """

    def __init__(self, heads: list[bytes], shapes: list[bytes], changes: int) -> None:
        """`changes` says of which state of the shapes it is."""
        self.changes = changes
        self._heads = heads
        self._shapes = shapes
        self.logs_accesses = any(head.endswith(_NO_ACCESS) for head in heads)

    @cached_property
    def odd(self) -> re.Pattern[bytes]:
        """Finds any line that may not be below, among those none of which tells of an access that failed."""
        known = (*(head.removesuffix(_NO_ACCESS) for head in self._heads), *self._shapes)
        return re.compile(rb"\n(?!" + b"|".join(known) + b")" if known else rb"\n")


class Heads:
    """The level of lines, by how they begin. Heads are literal but for digits: what begins alike is judged alike."""

    def __init__(self) -> None:
        """Nothing was learned yet."""
        self._levels: dict[bytes, Level] = {}
        self._known = _NEVER
        self._order: list[Level] = []
        self._access: list[bytes] = []
        self._accesses = _NEVER
        self._below: dict[Level, _Below] = {}
        self._shapes = Shapes()

    def level(self, data: Data, start: int, stop: int) -> Level | None:
        """The level that the line `data[start:stop]` is logged at."""
        known = self._known.match(data, start, stop + 1)
        if known is not None and known.lastindex:
            return self._order[known.lastindex - 1]
        access = self._accesses.match(data, start, stop)
        if access is not None:
            return _ACCESS_LEVELS.get(access[1], Level.INFO)
        end = min(stop, start + _LOOKED_AT)
        level = self._shapes.level(data, start, end)
        if level is not None or says_no_level(data, start, end):
            return level
        level = line_level(body_of(data[start:end].decode("utf-8", "replace")))
        learned = level is not None and self._shapes.learn(data, start, end, level)
        if level is not None and not learned and len(self._levels) < _MOST:
            self._learn(bytes(data[start : min(stop + 1, start + _WITHIN)]), level)
        return level

    def skipping(self, level: Level, data: Data, end: int) -> Callable[[int], int]:
        """What tells, of a place, where from there on the first line begins that is not known to be below the level.

        It is to be asked of places in order, of lines that end before `end`.
        """
        failed = _FAILED.get(level)
        failure = -1  # where the next access may have failed

        def skip(start: int) -> int:
            nonlocal failure
            below = self._known_below(level)
            if not below.logs_accesses:
                return _next(below.odd, data, start, end) if start < end else end
            if failure < start:
                found = None if failed is None else failed.search(data, start, end)
                failure = end if found is None else found.start()
            # A line with a failure is looked at closely, whatever else it is.
            line = end if failure >= end else data.rfind(b"\n", start, failure) + 1 or start
            return _next(below.odd, data, start, line) if start < line else line

        return skip

    def _known_below(self, level: Level) -> _Below:
        found = self._below.get(level)
        if found is None or found.changes != self._shapes.changes:
            heads = [head for head, each in self._levels.items() if each < level]
            found = _Below(heads, self._shapes.below(level), self._shapes.changes)
            self._below[level] = found
        return found

    def _learn(self, line: bytes, level: Level) -> None:
        for word in _WORD.finditer(line):
            if BY_NAME[word[1].lower().decode()] != level:
                return  # another word decided, or none
            head = line[: word.end() + 1]
            if head.endswith(b"\n"):
                return
            # Whatever follows must not matter, nor which digits: the head with a message is at that level too.
            if any(_level_with(head, digit) is not level for digit in (rb"\g<0>", b"1", b"7")):
                return
            known = _generalized(head)
            if level is Level.INFO and _begins_access(head):
                self._access.append(known + _ACCESS_GAPS[head[-1:]])
                self._accesses = re.compile(b"(?:" + b"|".join(self._access) + b")" + _ACCESS_TAIL)
            self._levels[known + (_NO_ACCESS if level is Level.INFO else b"")] = level
            self._order = list(self._levels.values())
            self._known = re.compile(b"|".join(b"(" + each + b")" for each in self._levels))
            self._below.clear()
            return


def _level_with(head: bytes, digit: bytes) -> Level | None:
    """The level of a line that begins so, with other digits: of syslog and of JSON they may say it."""
    return line_level(body_of(_DIGIT.sub(digit, head).decode("utf-8", "replace") + " some text"))


def _next(odd: re.Pattern[bytes], data: Data, start: int, end: int) -> int:
    """Where the first line begins that is not known; `end` for none."""
    if not start:
        # There is no newline before it that could be looked for.
        first = odd.match(b"\n" + data[: min(end, _LOOKED_AT)])
        if first is not None:
            return 0
        start = data.find(b"\n", 0, end) + 1
    found = odd.search(data, start - 1, end - 1)
    return end if found is None else found.end()


def _begins_access(head: bytes) -> bool:
    """Whether the level of an access that is logged so is said by its status, whatever digits are in the head."""
    if head[-1:] not in _ACCESS_GAPS:
        return False
    samples = [(_DIGIT.sub(digit, head), status) for digit in (rb"\g<0>", b"1", b"7") for status in (b"4", b"5")]
    return all(
        line_level(body_of((each + _ACCESS_SAMPLE + status + b"04 x").decode("utf-8", "replace")))
        is _ACCESS_LEVELS[status]
        for each, status in samples
    )


def _generalized(head: bytes) -> bytes:
    """The head as an expression in which digits stand for any digits."""
    pieces, at = [], 0
    for time in _TIME.finditer(head):
        pieces.append(_numbers(head[at : time.start()]))
        between = re.escape(time[1])
        pieces.append(
            head[time.start() : time.start() + 1] + b"..." + between + b".." + between + b".." + time[2] + b"..:..:.."
        )
        at = time.end()
    return b"".join((*pieces, _numbers(head[at:])))


def _numbers(text: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    for digits in _DIGITS.finditer(text):
        pieces += (re.escape(text[at : digits.start()]), rb"[0-9]++")
        at = digits.end()
    return b"".join((*pieces, re.escape(text[at:])))
