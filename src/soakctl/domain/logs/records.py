"""Which lines belong together: a logged line, and the traceback or indented text behind it."""

from __future__ import annotations

import re

from soakctl.domain.logs.levels import BY_NAME, is_dying_word

# What soakctl's own log puts before a line, and what syslog, journald and containers do.
# No host and no program is called so: `2026-11-21T12:00:00Z ERROR app: x`.
_NO_LEVEL = rf"(?!(?i:{'|'.join(BY_NAME)})[ :\[])"
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:out|err|file) ")
_PREFIX = re.compile(
    rf"{_STAMP.pattern}|"
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) "
    rf"{_NO_LEVEL}[\w.-]+ {_NO_LEVEL}[\w./@-]+(?:\[\d+\])?: "
    r"|[\w.-]{1,60} +\| (?=\S|  )"
)
_TRACE_BEGINS = re.compile(r"Traceback \(most recent call last\):|  \+ Exception Group Traceback")
_GOES_ON = re.compile(
    r"[ \t]+\S"
    r"|Caused by: |Suppressed: |\.\.\. \d+ more"
    r"|[)\]}]+[,;]?\s*$"
    r"|(?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)\b"
    r"|During handling of the above exception|The above exception was the direct cause"
    r"|Traceback \(most recent call last\):"
)
_RAISED = re.compile(r"[A-Za-z_][\w.$]*(?:: |:?$)")
_THROWN = re.compile(r"(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)(?: \[[^\]]{1,60}\])?: \S")
# Of Python, where what was raised comes behind the frames, and is not indented.
_FRAME = re.compile(r"\s+(?:File \"|\|)")


def body_of(text: str) -> str:
    """The line without what was put before it by whoever collected it."""
    found = _PREFIX.match(text)
    return text[found.end() :] if found else text


def without_stamp(text: str) -> str:
    """The line without what soakctl's own log puts before it."""
    return _STAMP.sub("", text, count=1) if _STAMP.match(text) else text


class Record:
    """Tells, line by line, whether a record goes on."""

    def __init__(self) -> None:
        """No record has begun."""
        self._frames = False
        self._raised = False
        self._fresh = False

    def begin(self, body: str) -> None:
        """A line that begins a record."""
        self._frames = _TRACE_BEGINS.match(body) is not None
        self._raised = False
        self._fresh = not is_dying_word(body)

    def takes(self, body: str) -> bool:
        """Whether the line belongs to the record that was begun."""
        fresh, self._fresh = self._fresh, False
        if fresh and _THROWN.match(body):
            return True  # what was thrown, right behind the line that reports it; frames follow
        if _GOES_ON.match(body):
            self._frames = self._frames or _FRAME.match(body) is not None or _TRACE_BEGINS.match(body) is not None
            self._raised = False
            return True
        if not body.strip():
            return self._frames
        if self._frames and not self._raised and _RAISED.match(body):
            self._raised = True  # the last line of a traceback; another may follow behind an empty line
            return True
        return False
