"""Lines whose level stands behind text that differs from line to line: access logs, and JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.logs.levels import BY_NAME, Level

if TYPE_CHECKING:
    from soakctl.domain.logs.block import Data

_ACCESS_HEAD = rb'\S+ \S+ \S+ \[[^\]\n]{10,40}\] "[^"\n]*" '
# By the first digit of the status.
_STATUSES = {Level.INFO: rb"[0-36-9]\d\d ", Level.WARNING: rb"4\d\d ", Level.ERROR: rb"5\d\d "}

# Of a level under another key, of a number or of an object only a close look tells.
_OTHER_KEYS = rb"lvl|levelno|level_?name|log[._]?level|@l|log|record|priority|short_message|s|severity(?:_?text)?"
_TEXT = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"'
_JSON_HEAD = (
    rb"\{\s?(?:\"(?!(?:(?i:level|" + _OTHER_KEYS + rb'))")[^"\\\n]*+"\s?:\s?'
    rb"(?:" + _TEXT + rb'|[^"{}\[\],\n]+),\s?)*"(?:level|levelname)"\s?:\s?"'
)
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
    """Those that a file was seen to have."""

    def __init__(self) -> None:
        """None yet."""
        self._access = self._json = False

    def learn(self, data: Data, start: int, stop: int, level: Level) -> bool:
        """Take a line that was looked at closely. Whether it has a shape that is new."""
        new = False
        if not self._access and _status(data, start, stop) is level:
            new = self._access = True
        elif not self._json and _word(data, start, stop) is level:
            new = self._json = True
        return new

    def level(self, data: Data, start: int, stop: int) -> Level | None:
        """The level of a line that has a known shape."""
        level = _status(data, start, stop) if self._access else None
        return level if level is not None or not self._json else _word(data, start, stop)

    def below(self, level: Level) -> list[bytes]:
        """How lines begin that are below the level."""
        found: list[bytes] = []
        if self._access:
            statuses = [pattern for each, pattern in _STATUSES.items() if each < level]
            found += [_ACCESS_HEAD + b"(?:" + b"|".join(statuses) + b")"] if statuses else []
        if self._json:
            names = [name for name, each in BY_NAME.items() if each < level and name not in _ODD]
            words = [word for name in names for word in (name, name.upper(), name.capitalize())]
            found += [_JSON_HEAD + b"(?:" + "|".join(words).encode() + b')"'] if words else []
        return found


def _status(data: Data, start: int, stop: int) -> Level | None:
    found = _STATUS.match(data, start, stop)
    return None if found is None else {b"4": Level.WARNING, b"5": Level.ERROR}.get(found[1], Level.INFO)


def _word(data: Data, start: int, stop: int) -> Level | None:
    found = _WORD.match(data, start, stop)
    name = "" if found is None else found[1].lower().decode()
    return None if name in _ODD else BY_NAME.get(name)
