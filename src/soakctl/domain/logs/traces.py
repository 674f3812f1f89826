"""Tracebacks of Python, Java and Node: what was raised, and the frame that raised it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PYTHON = re.compile(r"[\s|+]*File \"(?P<file>[^\"]+)\", line (?P<line>\d+)(?:, in (?P<name>.+))?")
_JAVA = re.compile(r"\s*at (?P<name>[\w.$/<>@-]+)\((?P<file>[\w$-]+\.\w+)(?::(?P<line>\d+))?\)")
_NODE = re.compile(r"\s*at (?:(?:async )?(?P<name>[^\s(][^(]*?) \()?(?P<file>[^\s()]+):(?P<line>\d+):\d+\)?$")
_RAISED = re.compile(r"(?:Caused by: |Exception in thread \"[^\"]*\" |Uncaught )?(?P<what>[A-Za-z_][\w.$]*(?:: .*)?)$")
_STACK_KEYS = ("exc_info", "exception", "traceback", "stack", "stack_trace", "stacktrace", "error.stack", "err")
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}\b|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\d+")
_TIME = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d")
_MESSAGE_KEYS = ("message", "msg", "event", "text")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Trace:
    """What a record says of an error.

    Attributes:
        kind: whose traceback it is: python, java, node; `line` for none.
        what: what was raised, or the line.
        frame: the frame that raised it, as `file:line in name`; "" for none.
        alike: errors with the same one are alike.
    """

    kind: str
    what: str
    frame: str
    alike: str


def trace_of(lines: Sequence[str]) -> Trace:
    """Read a record. `lines` are without what a collector put before them; the first one is what was logged."""
    stack = _stack_in(lines[0])
    kind, frame, what = _read(stack or lines)
    if not kind:
        text = _message(lines[0])
        return Trace("line", text, "", _NUMBER.sub("#", _TIME.sub("", text)))
    what = what or _message(lines[0])
    raised = what.partition(":")[0].rpartition(" ")[2]
    return Trace(kind, what[:_LONGEST], frame, f"{kind} {raised} {frame}")


def _read(lines: Sequence[str]) -> tuple[str, str, str]:
    """The language, the frame that raised, and what; "" where there is no frame."""
    kind = frame = what = candidate = ""
    fresh = True  # the next frame of Java or Node is the one that raised
    for line in lines:
        python = _PYTHON.match(line)
        at = None if python is not None else (_JAVA.match(line) or _NODE.match(line))
        if python is not None:
            kind, frame, candidate = "python", _frame(python), ""
        elif at is not None:
            if fresh:
                kind = "java" if at.re is _JAVA else "node"
                frame, what, fresh = _frame(at), candidate or what, False
        else:
            raised = _RAISED.match(line.strip(" |+"))
            if raised is not None and not (kind == "python" and line[:1].isspace() and "|" not in line):
                candidate = raised["what"]
                fresh = True
                what = candidate if kind == "python" and not what else what
    return kind, frame, (what if kind != "python" else _last_raised(lines) or what)


def _last_raised(lines: Sequence[str]) -> str:
    """What a traceback of Python ends with: the line behind its last frame that is not indented."""
    behind, found = False, ""
    for line in lines:
        bare = line.lstrip(" |")
        if _PYTHON.match(line):
            behind = True
        elif behind and (line[:1] not in {" ", "\t"} or "|" in line[:8]):
            raised = _RAISED.match(bare)
            if raised is not None:
                found, behind = raised["what"], False
    return found


def _frame(match: re.Match[str]) -> str:
    name = (match["name"] or "").strip()
    place = match["file"] + (f":{match['line']}" if match["line"] else "")
    return f"{place} in {name}" if name else place


def _stack_in(line: str) -> list[str]:
    """The traceback that a JSON line carries."""
    row = _row(line)
    for key in _STACK_KEYS:
        value = row.get(key)
        if isinstance(value, dict):
            value = value.get("stack")
        if isinstance(value, str) and "\n" in value:
            return value.split("\n")
    return []


def _message(line: str) -> str:
    row = _row(line)
    text = next((row[key] for key in _MESSAGE_KEYS if isinstance(row.get(key), str)), line)
    return str(text).strip()[:_LONGEST]


def _row(line: str) -> dict[str, object]:
    if not line.startswith("{"):
        return {}
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}
