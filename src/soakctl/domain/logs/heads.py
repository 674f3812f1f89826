"""Learns how a file's lines begin up to their level, so that most lines are judged by one look at their first bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.logs.levels import BY_NAME, Level, line_level
from soakctl.domain.logs.records import body_of
from soakctl.domain.logs.shapes import Shapes, says_no_level

if TYPE_CHECKING:
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
_NEVER = re.compile(rb"(?!)")


class Heads:
    """The level of lines, by how they begin. Heads are literal but for digits: what begins alike is judged alike."""

    def __init__(self) -> None:
        """Nothing was learned yet."""
        self._levels: dict[bytes, Level] = {}
        self._known = _NEVER
        self._order: list[Level] = []
        self._below: dict[Level, re.Pattern[bytes]] = {}
        self._shapes = Shapes()

    def level(self, data: Data, start: int, stop: int) -> Level | None:
        """The level that the line `data[start:stop]` is logged at."""
        known = self._known.match(data, start, stop + 1)
        if known is not None and known.lastindex:
            return self._order[known.lastindex - 1]
        end = min(stop, start + _LOOKED_AT)
        level = self._shapes.level(data, start, end)
        if level is not None or says_no_level(data, start, end):
            return level
        level = line_level(body_of(data[start:end].decode("utf-8", "replace")))
        if level is not None and self._shapes.learn(data, start, end, level):
            self._below.clear()
        elif level is not None and len(self._levels) < _MOST:
            self._learn(bytes(data[start : min(stop + 1, start + _WITHIN)]), level)
        return level

    def skip_below(self, level: Level, data: Data, start: int, end: int) -> int:
        """Where the first line begins, from `start` on, that is not known to be below the level."""
        found = self._below.get(level)
        if found is None:
            heads = [*(head for head, each in self._levels.items() if each < level), *self._shapes.below(level)]
            pattern = rb"(?:(?:" + b"|".join(heads) + rb").*+\n)*" if heads else b""
            found = self._below[level] = re.compile(pattern)
        match = found.match(data, start, end)
        return start if match is None else match.end()

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
            self._levels[_generalized(head) + (_NO_ACCESS if level is Level.INFO else b"")] = level
            self._order = list(self._levels.values())
            self._known = re.compile(b"|".join(b"(" + each + b")" for each in self._levels))
            self._below.clear()
            return


def _level_with(head: bytes, digit: bytes) -> Level | None:
    """The level of a line that begins so, with other digits: of syslog and of JSON they may say it."""
    return line_level(body_of(_DIGIT.sub(digit, head).decode("utf-8", "replace") + " some text"))


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
