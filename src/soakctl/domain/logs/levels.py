"""The level of any line, on one scale."""

from __future__ import annotations

import re
from enum import IntEnum

from soakctl.domain.critical import is_critical
from soakctl.domain.stated_level import stated_level

_HEAD = 400


class Level(IntEnum):
    """Python's scale, which the others are put on."""

    TRACE = 5
    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    CRITICAL = 50


_NAMES: dict[Level, str] = {
    Level.TRACE: "trace trce trc verbose finest finer",
    Level.DEBUG: "debug dbug dbg fine",
    Level.INFO: "info information informational inf notice success",
    Level.WARNING: "warning warn wrn",
    Level.ERROR: "error erro eror err severe fail failure",
    Level.CRITICAL: "critical crit fatal fata ftl emerg emergency alert panic",
}
BY_NAME = {name: level for level, names in _NAMES.items() for name in names.split()}
_BY_LETTER = {
    "T": Level.TRACE,
    "D": Level.DEBUG,
    "I": Level.INFO,
    "N": Level.INFO,
    "W": Level.WARNING,
    "E": Level.ERROR,
}
_BY_SIGN = {".": Level.DEBUG, "-": Level.DEBUG, "*": Level.INFO, "#": Level.WARNING}
# Of syslog, downwards from 0; what is above an error is critical, and `is_critical` says so.
_BY_PRIORITY = (Level.ERROR,) * 4 + (Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG)

_LOGURU = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* \| ([A-Z]+) +\|")
_LETTER = re.compile(
    r"([TDIWE])\d{4} \d\d:\d\d:\d\d\.\d+\s"  # glog, klog
    r"|\[([DIWE]) \d[\d :.-]+\S"  # tornado
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d+\S*\s+([DIWE])\s+(?:[A-Z]+\s+\[|\S+:\d+\])"  # older MongoDB, TensorFlow
)
_SIGN = re.compile(r"\d+:[XCSM] \d\d [A-Z][a-z]{2} (?:\d{4} )?\d\d:\d\d:\d\d\.\d+ ([.\-*#]) ")  # redis
_PRIORITY = re.compile(r"<(\d{1,3})>(?:1 |[A-Z][a-z]{2} [ \d]\d \d\d:)")
_ACCESS = re.compile(r'\S+ \S+ \S+ \[[^\]]{10,40}\] "[^"]*" (\d{3}) ')
_CHANNEL = re.compile(r"\[[^\]]*\d[^\]]*\] [\w-]+\.([A-Z]+): ")  # monolog
# Of uvicorn, which logs each access as INFO; `heads` keeps from learning how these begin.
_ACCESS_AS_INFO = re.compile(
    r"(?:\[?\d{2,4}[-/:.]\d\d[\d:.,/TZ+ -]{0,40}\]?[ -]{1,3})?(?:(?:uvi|hyper)corn\.access - )?\[?INFO\]?:?\s+(?:-\s+)?"
    r'(?:(?:uvi|hyper)corn\.access(?::| -)\s+)?[\da-f:.\[\]]* - "[A-Z]{3,10} \S+ HTTP/[\d.]+" (\d{3})\b'
)
# What programs print as they die, and no logger does.
_FATAL = ('Exception in thread "', "Unhandled exception", "Uncaught ", "panic: ", "Fatal Python error:")
# What they print without a logger; some loggers put it behind a line of theirs.
_DYING = (
    "Traceback (most recent call last):",
    "  + Exception Group Traceback (most recent call last):",
    *_FATAL,
)

_RAISED = re.compile(
    r"(?:Uncaught )?(?:(?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)\b"
    r"|(?:[A-Z]\w*)?(?:Error|Exception)(?: \[[^\]]{1,60}\])?: \S)"
)


def level_named(name: str) -> Level | None:
    """The level that people call by this name, in any case."""
    return BY_NAME.get(name.strip().lower())


def line_level(text: str) -> Level | None:
    """The level that a line is logged at, None where it says none. `text` is without what was put before it."""
    access = _ACCESS.match(text) or _ACCESS_AS_INFO.match(text)
    if access is not None:
        return {"4": Level.WARNING, "5": Level.ERROR}.get(access[1][0], Level.INFO)
    if is_critical(text):
        return Level.CRITICAL
    level = _worded(text)
    if level is None:
        level = _short(text)
    return level


def _worded(text: str) -> Level | None:
    head = text[:_HEAD]
    formed = _LOGURU.match(head) or _CHANNEL.match(head)
    if formed is not None:
        return _known(formed[1])
    name = stated_level(text)
    return None if name is None else _known(name)


def _known(name: str) -> Level | None:
    level = BY_NAME.get(name.lower())
    # What only looks critical was found not to be.
    return level if level is None else min(level, Level.ERROR)


def _short(text: str) -> Level | None:
    letter = _LETTER.match(text)
    if letter is not None:
        return _BY_LETTER[letter[1] or letter[2] or letter[3]]
    priority = _PRIORITY.match(text)
    if priority is not None:
        return _BY_PRIORITY[int(priority[1]) % 8]
    sign = _SIGN.match(text)
    if sign is not None:
        return _BY_SIGN[sign[1]]
    return None


def is_dying_word(text: str) -> bool:
    """Whether a line without a level is how an exception is printed where there is no logger."""
    return text.startswith(_DYING) or _RAISED.match(text) is not None


def dies_by_itself(text: str, record: Level | None) -> bool:
    """Whether an exception that is printed right behind a record is none of that record.

    Loggers print tracebacks behind warnings and errors; behind anything milder the program prints it as it dies.
    """
    return is_dying_word(text) and (record is None or record < Level.WARNING or text.startswith(_FATAL))
