"""Notes that asyncio does not keep itself: who made a task and when, who holds a lock, who fed a queue.

Each note costs well under a microsecond or two; nothing is paid for a callback. No note keeps a task alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import warnings
from operator import attrgetter
from time import monotonic
from weakref import ref

from . import feeders, notes
from .current import current_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_frame = sys._getframe
_INSIDE = os.path.dirname(asyncio.__file__) + os.sep
_ASYNCIO = {f"{_INSIDE}{name}.py" for name in ("base_events", "tasks", "taskgroups", "runners", "futures", "locks")}
_ASYNCIO.add(__file__)
_DEEPEST = 12
_PASSED_ON = {*_ASYNCIO, contextlib.__file__}
_STACKS = os.environ.get("SOAKCTL_AGENT_STACKS") == "1"


def caller(frame: FrameType | None) -> FrameType | None:
    """The first frame outside asyncio, going outwards."""
    while frame is not None and frame.f_code.co_filename in _ASYNCIO:
        frame = frame.f_back
    return frame


def _note(frame: FrameType | None) -> tuple[CodeType, int] | None:
    frame = caller(frame)
    return None if frame is None else (frame.f_code, frame.f_lasti)


def _stack(frame: FrameType | None) -> list[tuple[CodeType, int]]:
    found: list[tuple[CodeType, int]] = []
    while frame is not None and len(found) < _DEEPEST:
        found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return found


def _made(task: Any, frame: FrameType | None) -> Any:
    try:
        frame = caller(frame)
        site = (frame.f_code, frame.f_lasti)  # type: ignore[union-attr]  # caught below
        task._soak = (monotonic(), site, _stack(frame) if _STACKS else None)
        _count(id(site[0]), site)
    except Exception:  # a task that takes no attributes is shown without its age
        return task
    return task


def _count(code: int, site: tuple[CodeType, int]) -> None:
    """By the code's address: to hash a code takes longer than all the rest."""
    key = (code, site[1])
    found = notes.MADE.get(key)
    if found is not None:
        found[0] += 1
    elif len(notes.MADE) < notes.MOST_SITES:
        notes.MADE[key] = [1, *site]


def _hook_tasks() -> None:
    original = asyncio.BaseEventLoop.create_task

    def create_task(self: Any, coro: Any, **given: Any) -> Any:
        return _made(original(self, coro, **given), _frame(1))

    asyncio.BaseEventLoop.create_task = create_task  # type: ignore[method-assign]


def _hook_locks() -> None:
    """`_locked` becomes a property, so that whoever takes a lock in whatever way is seen.

    The ways that need not wait are taken here: they are asyncio's own, without the property and one coroutine less.
    """
    lock: Any = asyncio.Lock
    taking, giving = lock.acquire, lock.release

    def take(self: Any, value: bool) -> None:  # noqa: FBT001 - a setter
        self._soak_locked = value
        if value:
            _taken(self, _frame(2))

    async def acquire(self: Any) -> Any:
        if not self._soak_locked and not self._waiters:
            self._soak_locked = True
            _taken(self, _frame(1))
            return True
        return await taking(self)

    def release(self: Any) -> None:
        if self._soak_locked and not self._waiters:
            self._soak_locked = False
        else:
            giving(self)

    lock._locked = property(attrgetter("_soak_locked"), take)
    lock.__aenter__, lock.acquire, lock.release = _entering(lock), acquire, release


def _entering(lock: Any) -> Any:
    entering = lock.__aenter__

    async def enter(self: Any) -> None:
        if self.__class__ is not lock or self._soak_locked or self._waiters:
            await entering(self)
            return
        self._soak_locked = True
        try:  # what _taken() does, without the cost of a call
            frame: Any = _frame(1)
            code = frame.f_code
            if code.co_filename in _PASSED_ON:
                _taken(self, frame)
            else:
                self._soak = (ref(current_task()), code, frame.f_lasti, monotonic())
        except Exception:  # then it is held by nobody we know
            self._soak = None

    return enter


def _taken(lock: Any, frame: Any) -> None:
    try:
        code = frame.f_code
        while code.co_filename in _PASSED_ON:
            frame = frame.f_back
            code = frame.f_code
        lock._soak = (ref(current_task()), code, frame.f_lasti, monotonic())
    except Exception:  # then it is held by nobody we know
        lock._soak = None


def _hook_semaphores() -> None:
    taking, giving = asyncio.Semaphore.acquire, asyncio.Semaphore.release

    async def acquire(self: Any) -> Any:
        taken = await taking(self)
        try:
            frame: Any = _frame(1)
            while frame.f_code.co_filename in _PASSED_ON:
                frame = frame.f_back
            task = current_task()
            holders = getattr(self, "_soak", None)
            if holders is None:
                holders = self._soak = []
            holders.append((task and ref(task), frame.f_code, frame.f_lasti, monotonic()))
        except Exception:  # as for locks
            return taken
        return taken

    def release(self: Any) -> None:
        giving(self)
        holders = getattr(self, "_soak", None) or []
        try:
            if holders:
                task = current_task()
                mine = (place for place, one in enumerate(holders) if one[0] and one[0]() is task)
                del holders[next(mine, 0)]
        except Exception:  # released outside any loop: then the oldest holder is as good a guess
            del holders[:1]

    asyncio.Semaphore.acquire = acquire  # type: ignore[method-assign,assignment]
    asyncio.Semaphore.release = release  # type: ignore[method-assign]


def _hook_threads() -> None:
    """Which loop a future belongs to that another thread waits for."""
    original = asyncio.run_coroutine_threadsafe

    def run_coroutine_threadsafe(coro: Any, loop: Any) -> Any:
        future: Any = original(coro, loop)
        future._soak_loop = id(loop)
        future._soak_coro = getattr(coro, "__qualname__", "?")
        return future

    asyncio.run_coroutine_threadsafe = asyncio.tasks.run_coroutine_threadsafe = run_coroutine_threadsafe


def _hook_dropped() -> None:
    original = warnings._warn_unawaited_coroutine  # type: ignore[attr-defined]

    def _warn_unawaited_coroutine(coro: Any) -> None:
        try:
            frame: Any = _frame(1)
            key = (coro.__qualname__, frame.f_code, frame.f_lasti)
            if key in notes.DROPPED or len(notes.DROPPED) < notes.MOST_SITES:
                notes.DROPPED[key] = notes.DROPPED.get(key, 0) + 1
                notes.NEVER_MADE[coro.__qualname__] = (coro.cr_code.co_filename, coro.cr_code.co_firstlineno)
        except Exception:  # at the end of the interpreter there may be no frame
            pass
        original(coro)

    warnings._warn_unawaited_coroutine = _warn_unawaited_coroutine  # type: ignore[attr-defined]


def _hook_loops() -> None:
    """Called once for each run of a loop, uvloop's too: the thread that answers questions begins here."""
    original = asyncio._set_running_loop  # type: ignore[attr-defined]

    def _set_running_loop(loop: Any) -> None:
        original(loop)
        try:
            _runs(loop)
        except Exception:  # the loop runs all the same
            return

    asyncio._set_running_loop = asyncio.events._set_running_loop = _set_running_loop  # type: ignore[attr-defined]


def _runs(loop: Any) -> None:
    from _thread import get_ident  # at a loop's start only

    if loop is None:
        notes.RUNNING.pop(get_ident(), None)
        return
    notes.RUNNING[get_ident()] = ref(loop)
    if not isinstance(loop, asyncio.BaseEventLoop) and loop.get_task_factory() is None:
        loop.set_task_factory(_task_factory)  # uvloop's class takes no patch
    from . import server  # as above

    server.start()


def _task_factory(loop: Any, coro: Any, **given: Any) -> Any:
    return _made(asyncio.Task(coro, loop=loop, **given), _frame(1))


def install() -> None:
    """Put in every hook that this Python has a place for."""
    for name, hook in (
        ("tasks", _hook_tasks),
        ("locks", _hook_locks),
        ("semaphores", _hook_semaphores),
        ("queues", feeders.hook),
        ("threads", _hook_threads),
        ("dropped", _hook_dropped),
        ("loops", _hook_loops),
    ):
        try:
            hook()
        except Exception:  # noqa: S112 - what is missing is said by notes.HELD
            continue
        notes.HELD.append(name)
