"""Whether anybody who can go on knows what others wait for, asked of tasks of this very process."""

from __future__ import annotations

import asyncio
from threading import get_ident
from typing import TYPE_CHECKING, Any

import pytest

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


@pytest.mark.parametrize(
    ("prepare", "free"),
    [
        (lambda limit: asyncio.ensure_future(gives_back(limit)), True),
        (by_callback, True),
        (lambda limit: asyncio.get_running_loop().call_later(60, limit.release), True),
        (lambda _limit: asyncio.ensure_future(asyncio.sleep(60)), False),
        (lambda _limit: None, False),
    ],
    ids=["child", "done callback", "timer", "somebody else", "nobody"],
)
def test_who_goes_on_and_knows_it_can_give_it_back(prepare: Callable[[asyncio.Semaphore], Any], *, free: bool) -> None:
    """Whoever refers to it, in whatever way; a task that only sleeps does not count."""
    assert asyncio.run(known(prepare)) is free
