"""Who knows a semaphore, asked in a process of its own: a large one is not searched to its end."""

from __future__ import annotations

import asyncio
import ctypes
import json
import sys
from threading import get_ident
from types import ModuleType
from typing import TYPE_CHECKING, Any

from soakctl.agent.inject.soakctl_agent.chains import mark
from soakctl.agent.inject.soakctl_agent.reach import Parked, Reach

if TYPE_CHECKING:
    from collections.abc import Callable


async def known(prepare: Callable[[asyncio.Semaphore], Any]) -> bool:
    """Whether the semaphore that a task waits for is known to anybody once this was prepared."""
    limit = asyncio.Semaphore(0)
    kept = prepare(limit)
    waits = asyncio.create_task(limit.acquire())
    await asyncio.sleep(0)
    rows: dict[int, dict[str, Any]] = {mark(limit): {"is": "semaphore", "holders": []}}
    parked = Parked(waits, {"kind": "Semaphore", "thing": mark(limit)}, getattr(waits, "_fut_waiter"))  # noqa: B009 - not public
    search = Reach(rows, {mark(limit): limit}, [parked])
    tasks = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
    del limit
    search.begin(tasks, [asyncio.get_running_loop()], {get_ident()})
    while not search.go_on(float("inf")):
        pass
    search.finish()
    waits.cancel()
    if isinstance(kept, asyncio.Task):
        kept.cancel()
    (row,) = rows.values()
    return bool(row["free"])


async def gives_back(limit: asyncio.Semaphore) -> None:
    """A child that was handed the permit."""
    await asyncio.sleep(60)
    limit.release()


def by_callback(limit: asyncio.Semaphore) -> asyncio.Task[None]:
    """A child that knows nothing, and a callback that does."""
    child = asyncio.ensure_future(asyncio.sleep(60))
    child.add_done_callback(lambda _task: limit.release())
    return child


def by_extension(limit: asyncio.Semaphore) -> asyncio.Task[None]:
    """A reference that only C code has, which the collector is not told of; somebody gives back another one."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(limit))
    return asyncio.ensure_future(gives_back(asyncio.Semaphore(0)))


def by_module(limit: asyncio.Semaphore) -> asyncio.Task[None]:
    """A child that imports what has it."""
    package, state = ModuleType("svc"), ModuleType("svc.state")
    package.__dict__["state"], state.__dict__["limit"] = state, limit
    sys.modules.update({"svc": package, "svc.state": state})

    async def gives() -> None:
        from svc import state  # type: ignore[import-not-found]  # noqa: PLC0415 - that it is here is the point

        await asyncio.sleep(60)
        state.limit.release()

    return asyncio.ensure_future(gives())


def in_much(limit: asyncio.Semaphore) -> asyncio.Task[None]:
    """A child that has it among many."""

    async def gives(some: dict[int, object]) -> None:
        await asyncio.sleep(60)
        some[90_000].release()  # type: ignore[attr-defined]

    return asyncio.ensure_future(gives({**dict.fromkeys(range(90_000)), 90_000: limit}))


PREPARED: dict[str, Callable[[asyncio.Semaphore], Any]] = {
    "child": lambda limit: asyncio.ensure_future(gives_back(limit)),
    "done callback": by_callback,
    "timer": lambda limit: asyncio.get_running_loop().call_later(60, limit.release),
    "somebody else": lambda _limit: asyncio.ensure_future(asyncio.sleep(60)),
    "module": by_module,
    "many": in_much,
    "extension": by_extension,
    "of another": lambda _limit: asyncio.ensure_future(gives_back(asyncio.Semaphore(0))),
    "nobody": lambda _limit: None,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: asyncio.run(known(prepare)) for name, prepare in PREPARED.items()}))
