"""Tasks that have died of an exception that nobody has asked for yet."""

from __future__ import annotations

from collections import Counter

from . import loops
from .chains import line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST = 20


def died_owing(task: Any) -> str:
    """The exception of a task that died in code which says release(): what it took was its own to give back.

    "" for none, and for one that may have handed it on. Asking for the exception would count as retrieving it.
    """
    error = getattr(task, "_exception", None)
    trace = getattr(error, "__traceback__", None)
    while trace is not None:
        if "release" in trace.tb_frame.f_code.co_names:
            return type(error).__name__
        trace = trace.tb_next
    return ""


def owes(task: Any) -> bool:
    """Whether it has died of an exception that nobody has asked for."""
    died = task.done() and getattr(task, "_exception", None) is not None
    return bool(died and getattr(task, "_log_traceback", False))


def rows() -> list[dict[str, Any]]:
    """Name, exception, number, and the innermost place of each kind. Those that were let go of are on stderr."""
    found: Counter[tuple[str, str, tuple[str, int, str]]] = Counter()
    for task in loops.ended():
        if not owes(task):
            continue
        error = task._exception
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            code = trace.tb_frame.f_code
            place = (code.co_filename, line_of(code, trace.tb_lasti), code.co_qualname)
            found[(getattr(task.get_coro(), "__qualname__", "?"), type(error).__name__, place)] += 1
    return [
        {"name": name, "error": error, "at": place, "count": count}
        for (name, error, place), count in found.most_common(_MOST)
    ]
