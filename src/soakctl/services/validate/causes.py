"""Known causes of failures, by what the output says, each with its cure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_KILLED = (-9, 137)


class Cause(NamedTuple):
    """A cause: how it shows, what it is, and the cure; groups of the pattern may stand in the text."""

    pattern: re.Pattern[str]
    text: str


def _cause(pattern: str, text: str) -> Cause:
    return Cause(re.compile(pattern), text)


CAUSES: tuple[Cause, ...] = (
    _cause(
        r"unrecognized arguments: .*(?:-n\b|--(?:dist|cov|timeout|reruns|asyncio|numprocesses)\S*)|no such option: -n",
        "a pytest plugin is not loaded (PYTEST_DISABLE_PLUGIN_AUTOLOAD=1?): name it with -p, or install it",
    ),
    _cause(
        r"(?:ModuleNotFoundError|ImportError): No module named '?(?P<what>[\w.]+)",
        "the module {what} is missing: install it into the environment that runs the section",
    ),
    _cause(
        r"No module named (?P<what>[\w.]+)",
        "the module {what} is missing: install it for this Python",
    ),
    _cause(
        r"command not found|No such file or directory: '(?P<what>[\w./-]+)'",
        "a command or file is missing: {what}",
    ),
    _cause(
        r"timeout: no end within|Timeout >",
        "it ran out of time: raise its timeout (or FSV_TIMEOUT_SEC), or see what it waits for in the log",
    ),
    _cause(
        r"MemoryError|Cannot allocate memory|Out of memory|OutOfMemory|oom-kill",
        "out of memory: give it more, or run fewer sections at once (validate.parallel)",
    ),
    _cause(
        r"No space left on device|ENOSPC|Disk quota exceeded|disk full",
        "the disk is full: free some space; `soakctl validate --housekeeping only` removes old logs",
    ),
    _cause(
        r"PermissionError|[Pp]ermission denied|EACCES",
        "a permission is missing: see the file or port that is named, and who owns it",
    ),
    _cause(
        r"[Aa]ddress already in use|EADDRINUSE|port is in use",
        "a port is in use: end what holds it (`ss -ltnp`), or use another",
    ),
    _cause(
        r"Too many open files|EMFILE",
        "too many open files: raise `ulimit -n`, or find what keeps them open",
    ),
    _cause(
        r"Connection refused|ECONNREFUSED|Name or service not known|Temporary failure in name resolution",
        "something that it connects to cannot be reached: is it up, and is the network?",
    ),
)


def known_causes(lines: Iterable[str], *, return_code: int | None = None) -> tuple[str, ...]:
    """The causes that the lines speak of, each once."""
    text = "\n".join(lines)
    found = [_told(cause, match) for cause in CAUSES if (match := cause.pattern.search(text))]
    if return_code in _KILLED:
        found.append("killed by the system (SIGKILL): most often out of memory; see the kernel's log")
    return tuple(dict.fromkeys(found))


def _told(cause: Cause, match: re.Match[str]) -> str:
    return cause.text.format(what=match.groupdict().get("what") or "see the log")
