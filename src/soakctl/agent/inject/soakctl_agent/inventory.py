"""What there is of threads and tasks, by the line that started or created each."""

from __future__ import annotations

import _thread
import os
import sys
from collections import Counter

from . import aside
from .chains import line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

_LIBRARY = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(os.path.abspath(__file__)) + os.sep, "<")
_MOST = 10_000
_STARTS = ("start_new_thread", "start_joinable_thread")
_started: dict[int, tuple[CodeType, int]] = {}


def watch_threads() -> None:
    """Note the line that starts each thread; `threading` takes these functions when it is imported."""
    threading = sys.modules.get("threading")
    for name in _STARTS:
        start = getattr(_thread, name, None)
        if start is None or getattr(start, "__module__", "") == __name__:  # a forked child has them already
            continue
        noted = _noting(start)
        setattr(_thread, name, noted)
        if hasattr(threading, f"_{name}"):
            setattr(threading, f"_{name}", noted)


def _noting(start: Any) -> Any:
    def noted(*given: Any, **named: Any) -> Any:
        began = start(*given, **named)
        try:
            ident = began if isinstance(began, int) else named["handle"].ident if "handle" in named else began.ident
            if len(_started) < _MOST:
                frame: Any = sys._getframe(1)
                while frame.f_back is not None and frame.f_code.co_filename.startswith(_LIBRARY):
                    frame = frame.f_back
                _started[ident] = (frame.f_code, frame.f_lasti)
        except Exception:  # the thread runs; that is what matters
            return began
        return began

    return noted


def answer() -> dict[str, Any]:
    """Rows of file, line, name and number."""
    return {"threads": _threads(), "tasks": _tasks()}


def _rows(counts: Counter[tuple[CodeType, int, str]]) -> list[list[Any]]:
    return [[code.co_filename, line_of(code, at), name, count] for (code, at, name), count in counts.items()]


def _threads() -> list[list[Any]]:
    frames = aside.frames_of_others()
    for ident in list(_started):
        if ident not in frames:
            _started.pop(ident, None)
    known = dict(getattr(sys.modules.get("threading"), "_active", {}))
    counts: Counter[tuple[CodeType, int, str]] = Counter()
    for ident, inner in frames.items():
        if ident in aside.IDENTS:
            continue
        site = _started.get(ident) or _outermost(inner)
        counts[(*site, _plain(str(getattr(known.get(ident), "name", "thread"))))] += 1
    return _rows(counts)


def _outermost(frame: Any) -> tuple[CodeType, int]:
    """The function that an unknown thread began with: the outermost that is not Python's own."""
    found = frame
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_LIBRARY):
            found = frame
        frame = frame.f_back
    return found.f_code, 0


def _plain(name: str) -> str:
    """Names that differ in numbers alone are one."""
    return "".join("#" if part.isdecimal() else part for part in _split(name))


def _split(name: str) -> list[str]:
    parts: list[str] = []
    for letter in name[:80]:
        if parts and parts[-1][-1].isdecimal() and letter.isdecimal():
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts


def _tasks() -> list[list[Any]]:
    if "asyncio" not in sys.modules:
        return []
    from . import loops

    counts: Counter[tuple[CodeType, int, str]] = Counter()
    for task in loops.all_tasks():
        coro = task.get_coro()
        made = getattr(task, "_soak", None)
        code = getattr(coro, "cr_code", None)
        site = made[1] if made is not None else (code, 0) if code is not None else None
        if site is not None:
            counts[(*site, getattr(coro, "__qualname__", "?"))] += 1
    return _rows(counts)
