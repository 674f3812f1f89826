"""Futures that are no tasks and stand for tasks: of gather(), shield() and as_completed(), also inside of each other.

Nothing is asked of an object of the program: getattr() and isinstance() may run its code.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future as ThreadsFuture
from types import FunctionType

from .chains import mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_HOME = os.path.dirname(asyncio.__file__) + os.sep
_FUTURES = (os.path.join(_HOME, "tasks.py"), os.path.join(_HOME, "futures.py"))
_DEEPEST = 8
_Gathering: Any = asyncio.tasks._GatheringFuture  # type: ignore[attr-defined]


def group(futures: Iterable[Any], *, fails: bool = False) -> dict[str, Any]:
    """The tasks that futures stand for. `others`: how many may be done by anybody. `fails`: one that fails ends it."""
    tasks: dict[int, None] = {}
    others = 0
    todo = [(one, 0) for one in list(futures)]
    for one, depth in todo:  # it grows meanwhile
        kind = type(one)
        if not hasattr(kind, "_asyncio_future_blocking") or one.done():
            continue
        if issubclass(kind, asyncio.Task):
            tasks[mark(one)] = None
        elif issubclass(kind, _Gathering) and depth < _DEEPEST:
            fails = fails or not _keeps_failures(one)
            todo += [(child, depth + 1) for child in one._children]
        else:
            inner = shielded(one) if depth < _DEEPEST else None
            if inner is None:
                others += 1
            else:
                todo.append((inner, depth + 1))
    found: dict[str, Any] = {"tasks": list(tasks)}
    return found | ({"others": others} if others else {}) | ({"fails": True} if fails else {})


def shielded(outer: Any) -> Any:
    """What shield() waits for in the name of this future; None for any other."""
    for name, inner in _cells(outer, "_outer_done_callback"):
        if name == "inner":
            return inner
    return None


def threads_future(future: Any) -> Any:
    """The executor's future that gives this one its result; None for any other."""
    for name, inner in _cells(future, "_call_check_cancel"):
        if name == "source" and issubclass(type(inner), ThreadsFuture):
            return inner
    return None


def task_behind(future: Any) -> Any:
    """The task of another loop that gives a thread's future its result."""
    for callback in getattr(future, "_done_callbacks", None) or ():
        for name, one in _variables(callback, "_call_check_cancel"):
            if name == "source" and issubclass(type(one), asyncio.Task) and not one.done():
                return one
    return None


def completions(loop: Any) -> dict[int, tuple[Any, Any]]:
    """What each as_completed() still waits for, and its timer or None, by the id of the queue it waits at; to 3.12."""
    found: dict[int, tuple[Any, Any]] = {}
    for task in asyncio.all_tasks(loop):
        for callback, *_context in getattr(task, "_callbacks", None) or ():
            known = dict(_variables(callback, "_on_completion"))
            if type(known.get("todo")) is set and "done" in known:
                found[id(known["done"])] = (known["todo"], known.get("timeout_handle"))
    return found


def _keeps_failures(gathering: Any) -> bool:
    """Whether a gather() was told to return exceptions: then it waits for all of its tasks, come what may."""
    for child in gathering._children:
        for callback, *_context in getattr(child, "_callbacks", None) or ():
            known = dict(_variables(callback, "_done_callback"))
            if known.get("outer") is gathering:
                return known.get("return_exceptions") is True
    return False


def _cells(future: Any, name: str) -> Iterator[tuple[str, Any]]:
    for callback, *_context in getattr(future, "_callbacks", None) or ():
        yield from _variables(callback, name)


def _variables(callback: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The variables of the function around a callback of asyncio's own with this name."""
    if type(callback) is not FunctionType or callback.__code__.co_name != name:
        return
    if callback.__code__.co_filename not in _FUTURES:
        return
    for variable, cell in zip(callback.__code__.co_freevars, callback.__closure__ or (), strict=False):
        try:
            yield variable, cell.cell_contents
        except ValueError:  # not filled yet
            continue
