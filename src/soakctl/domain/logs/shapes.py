"""Lines whose level stands behind text that differs from line to line: access logs, and JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.logs.levels import BY_NAME, Level

if TYPE_CHECKING:
    from soakctl.domain.logs.block import Data

_ACCESS_HEAD = rb'\S+ \S+ \S+ \[[^\]\n]{10,40}\] "[^"\n]*" '
# The same in fewer characters, so that most lines are known by a quick look.
_USUAL_ACCESS_HEAD = rb'[!-~]++ [!-~]++ [!-~]++ \[(?=.{26}\] ")[^\]]{26}\] "[ -!#-~]*+" '  # a time has 26 characters
# By the first digit of the status.
_STATUSES = {Level.INFO: b"0-36-9", Level.WARNING: b"4", Level.ERROR: b"5"}

# Of a level under another key, of a number or of an object only a close look tells.
_OTHER_KEYS = rb"lvl|levelno|level_?name|log[._]?level|@l|log|record|priority|short_message|s|severity(?:_?text)?"
_TEXT = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"'
_JSON_HEAD = (
    rb"\{[ \t]?(?:\"(?!(?:(?i:level|" + _OTHER_KEYS + rb'))")[^"\\\n]*+"[ \t]?:[ \t]?'
    rb"(?:" + _TEXT + rb'|[^"{}\[\],\n]+),[ \t]?)*"(?:level|levelname)"[ \t]?:[ \t]?"'
)
_PAIR = re.compile(rb'("[^"\\\n]*+"[ \t]?:[ \t]?)(?:(' + _TEXT + rb')|[^"{}\[\],\n]+)(,[ \t]?)')
_USUAL_TEXT = rb'"[ !#-\[\]-~]*+"'
_USUAL_SCALAR = rb"[!#-+\--Z^-z]++"
# Beginnings of JSON lines that a file is known for; beyond, each line is looked at.
_MOST_ROWS = 16
_NEVER = re.compile(rb"(?!)([A-Za-z])")
_USUAL = frozenset({"info", "debug"})
_ODD = frozenset({"fata", "ftl"})  # short forms of text logs
_STATUS = re.compile(_ACCESS_HEAD + rb"(\d)\d\d ")
_WORD = re.compile(_JSON_HEAD + rb'([A-Za-z]+)"')

# Without any of these in it, in any case, a line says no level.
_STEMS = tuple(
    b"trace trc verbose fine debug dbug dbg info notice success warn wrn err sever fail crit fata ftl emerg alert "
    b'panic level priority lvl @l "s"'.split()
)
# What glog, tornado, syslog, redis and access logs have instead of a word.
_SHORT = re.compile(rb'[TDIWEF][0-9]{4} |\[[CDIWE] [0-9]|<[0-9]|" [0-9]{3} |[ :][TDIWEFMSCX] ')


def says_no_level(data: Data, start: int, stop: int) -> bool:
    """Whether a line is sure to say none; told in a small part of the time that a close look takes."""
    lowered = bytes(data[start:stop]).lower()
    return not any(stem in lowered for stem in _STEMS) and _SHORT.search(data, start, stop) is None


class Shapes:
    """Those that a file was seen to have.

    Attributes:
        changes: how often something new was learned.
    """

    def __init__(self) -> None:
        """None yet."""
        self.changes = 0
        self._access = self._json = False
        self._rows: list[bytes] = []
        self._known = _NEVER

    def learn(self, data: Data, start: int, stop: int, level: Level) -> bool:
        """Take a line that was looked at closely. Whether it has a shape that is new."""
        new = False
        if not self._access and _status(data, start, stop) is level:
            new = self._access = True
        elif not self._json and self._word(data, start, stop) is level:
            new = self._json = True
        self.changes += new
        return new

    def level(self, data: Data, start: int, stop: int) -> Level | None:
        """The level of a line that has a known shape."""
        level = _status(data, start, stop) if self._access else None
        return level if level is not None or not self._json else self._word(data, start, stop)

    def below(self, level: Level) -> list[bytes]:
        """How lines begin that are below the level, what is usual first."""
        found: list[bytes] = []
        if self._access:
            digits = b"".join(digits for each, digits in _STATUSES.items() if each < level)
            found += [_USUAL_ACCESS_HEAD + rb"[" + digits + rb"]\d\d "] if digits else []
        if self._json:
            names = [name for name, each in BY_NAME.items() if each < level and name not in _ODD]
            names.sort(key=lambda name: name not in _USUAL)
            words = b"(?:" + "|".join(word for name in names for word in (name, name.upper(), name.title())).encode()
            # What begins in many ways is looked at without knowing its keys.
            heads = [*self._rows, _JSON_HEAD] if len(self._rows) >= _MOST_ROWS else self._rows
            found += [head + words + b')"' for head in heads] if names else []
        return found

    def _word(self, data: Data, start: int, stop: int) -> Level | None:
        """The level that a JSON line has under its key; how the line begins up to there is remembered."""
        known = self._known.match(data, start, stop)
        found = known or _WORD.match(data, start, stop)
        name = "" if found is None else found[1].lower().decode()
        level = None if name in _ODD else BY_NAME.get(name)
        if known is None and found is not None and level is not None and len(self._rows) < _MOST_ROWS:
            row = _row(bytes(data[start : found.start(1)]))
            if row not in self._rows:
                self._rows.append(row)
                self._known = re.compile(b"(?:" + b"|".join(self._rows) + b')([A-Za-z]+)"')
                self.changes += 1
        return level


def _row(head: bytes) -> bytes:
    """How a JSON line begins, as an expression in which other values may stand."""
    pieces = [re.escape(head[: head.index(b'"')])]
    at = head.index(b'"')
    while (pair := _PAIR.match(head, at)) is not None:
        pieces += (re.escape(pair[1]), _USUAL_TEXT if pair[2] else _USUAL_SCALAR, re.escape(pair[3]))
        at = pair.end()
    return b"".join((*pieces, re.escape(head[at:])))


def _status(data: Data, start: int, stop: int) -> Level | None:
    found = _STATUS.match(data, start, stop)
    return None if found is None else {b"4": Level.WARNING, b"5": Level.ERROR}.get(found[1], Level.INFO)
