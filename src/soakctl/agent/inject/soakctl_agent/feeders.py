"""Who fed a queue: the last few tasks that put something into it, how often, and how they ended."""

from __future__ import annotations

import asyncio
import sys
from weakref import ref

from .current import current_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

_frame = sys._getframe


class Feeder:
    """A task that put something into a queue, how often, and how it ended."""

    __slots__ = ("code", "count", "ended", "instruction", "name", "ref", "where")

    def __init__(self, task: Any, frame: Any) -> None:
        """Follow the task to its end."""
        self.ref = ref(task)
        self.name = getattr(task.get_coro(), "__qualname__", "?")
        self.count = 0
        self.code, self.instruction = frame.f_code, frame.f_lasti
        self.ended = ""
        self.where: tuple[CodeType, int] | None = None
        task.add_done_callback(self._end)

    def _end(self, task: Any) -> None:
        error = getattr(task, "_exception", None)  # exception() would silence "never retrieved"
        self.ended = "cancelled" if task.cancelled() else "finished" if error is None else type(error).__name__
        trace = getattr(error, "__traceback__", None)
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            self.where = (trace.tb_frame.f_code, trace.tb_lasti)


_MOST_FEEDERS = 8


def hook() -> None:
    """The last few tasks that fed each queue. `puts` not made by a task are counted under None."""
    original = asyncio.Queue.put_nowait
    putting = asyncio.Queue.put.__code__

    def put_nowait(self: Any, item: Any) -> None:
        original(self, item)
        try:
            task = current_task()
        except RuntimeError:
            task = None
        try:
            feeders = getattr(self, "_soak", None)  # to touch __dict__ would slow every attribute down until 3.12
            if feeders is None:
                feeders = self._soak = {}
            key = id(task) if task is not None else None
            if key is None:
                feeders[None] = feeders.get(None, 0) + 1
                return
            one = feeders.get(key)
            if one is None or one.ref() is not task:
                frame: Any = _frame(1)
                while len(feeders) >= _MOST_FEEDERS:
                    feeders[None] = feeders.get(None, 0) + getattr(feeders.pop(next(iter(feeders))), "count", 0)
                one = feeders[key] = Feeder(task, frame.f_back if frame.f_code is putting else frame)
            one.count += 1
        except Exception:  # the item is in the queue; that is what matters
            return

    asyncio.Queue.put_nowait = put_nowait  # type: ignore[method-assign]
