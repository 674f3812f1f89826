"""Tasks that have died of an exception that nobody has asked for yet."""

from __future__ import annotations

from collections import Counter

from . import loops
from .chains import frames, line_of
from .givers import takes_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
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


def consumers(queue: Any) -> list[dict[str, Any]]:
    """The tasks that took from a queue and died so; none where somebody alive takes from it, or is of such a function.

    By the variables and the code of the functions that they are, or were, in.
    """
    dead = [(task, _died_at(task)) for task in loops.ended() if owes(task)]
    took = [(task, at) for task, at in dead if at is not None and any(takes_from(one, queue) for one in _trace(task))]
    if not took:
        return []
    codes = {frame.f_code for task, _ in took for frame in _trace(task)[:1]}
    for task in loops.all_tasks():
        found = frames(task.get_coro())
        if any(frame.f_code in codes or takes_from(frame, queue) for frame in found):
            return []
    return [{"name": _name(task), "error": type(task._exception).__name__, "at": at} for task, at in took[:_MOST]]


def rows() -> list[dict[str, Any]]:
    """Name, exception, number, and the innermost place of each kind. Those that were let go of are on stderr."""
    found: Counter[tuple[str, str, tuple[str, int, str]]] = Counter()
    for task in loops.ended():
        place = _died_at(task) if owes(task) else None
        if place is not None:
            found[(_name(task), type(task._exception).__name__, place)] += 1
    return [
        {"name": name, "error": error, "at": place, "count": count}
        for (name, error, place), count in found.most_common(_MOST)
    ]


def _name(task: Any) -> str:
    return str(getattr(task.get_coro(), "__qualname__", "?"))


def _trace(task: Any) -> list[FrameType]:
    """The functions that an exception came through, outermost first."""
    found = []
    trace = task._exception.__traceback__
    while trace is not None:
        found.append(trace.tb_frame)
        trace = trace.tb_next
    return found


def _died_at(task: Any) -> tuple[str, int, str] | None:
    trace = task._exception.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return None
    code = trace.tb_frame.f_code
    return (code.co_filename, line_of(code, trace.tb_lasti), code.co_qualname)
