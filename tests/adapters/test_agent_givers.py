"""What the code of a function says of the things in its variables."""

from __future__ import annotations

import asyncio
import inspect
from types import SimpleNamespace
from typing import Any

from soakctl.agent.inject.soakctl_agent import givers


def test_who_puts_back_into_the_very_same_queue() -> None:
    """A worker between two queues takes from one and puts into the other."""
    one, two = asyncio.Queue[int](), asyncio.Queue[int]()
    service = SimpleNamespace(pool=two)
    here: Any = inspect.currentframe()
    assert givers.puts_back(here, two)
    assert not givers.puts_back(here, one)
    service.pool.put_nowait(one.qsize())


def test_what_has_been_made_anew_is_waited_for_in_vain() -> None:
    """The attribute leads to another event than it did."""

    async def waits(service: SimpleNamespace) -> None:
        await service.ready.wait()

    service = SimpleNamespace(ready=asyncio.Event())
    old = service.ready
    coro: Any = waits(service)
    assert not givers.replaced(coro.cr_frame, old)
    service.ready = asyncio.Event()
    assert givers.replaced(coro.cr_frame, old)
    coro.close()


def test_a_future_that_is_set_when_a_task_ends() -> None:
    """By a function that knows it, or by its own method; not by one that only knows it."""

    async def main() -> list[bool]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        callbacks: list[Any] = [lambda _task: future.set_result(1), future.set_result, lambda _task: future.cancelled()]
        told = []
        for callback in callbacks:
            task = loop.create_task(asyncio.sleep(60))
            task.add_done_callback(callback)
            told.append(givers.sets_at_its_end(task, future))
            assert not givers.sets_at_its_end(task, loop.create_future())
            task.remove_done_callback(callback)
            task.cancel()
        return told

    assert asyncio.run(main()) == [True, True, False]


def test_an_attribute_is_read_without_running_code_of_its_class() -> None:
    """From a slot too; a property is none."""

    class Slotted:
        __slots__ = ("_empty", "_owner")

        def __init__(self) -> None:
            self._owner = 1

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

        @property
        def _tasks(self) -> Any:
            raise AssertionError

    assert givers.field(Slotted(), "_owner") == 1
    assert givers.field(SimpleNamespace(_owner=2), "_owner") == 2
    assert [givers.field(Slotted(), name) for name in ("_tasks", "_empty", "_none")] == [None] * 3
