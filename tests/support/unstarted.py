"""Coroutines that were made and are kept in various ways, in a process of their own: which are told, and where."""

# ruff: noqa: D103
from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from typing import Any

from soakctl.agent.inject.soakctl_agent import unstarted

FORGOTTEN: list[Any] = []
LATER: list[Any] = []
TAKEN_UP: list[Any] = []
TUPLES: list[Any] = []


async def in_a_list() -> None: ...
async def in_a_dict() -> None: ...
async def in_a_list_for_later() -> None: ...
async def in_a_queue() -> None: ...
async def in_a_deque() -> None: ...
async def in_a_tuple() -> None: ...
async def in_a_variable() -> None: ...
async def in_a_list_taken_up() -> None: ...
async def in_a_job() -> None: ...
async def in_a_task() -> None: ...
async def in_turn() -> None: ...


class Service:
    """Keeps some, and one of its own."""

    def __init__(self) -> None:
        """Fill it."""
        self.pending = {"a": in_a_dict()}
        self.todo = deque([in_a_deque()])
        self.reader = self.of_its_own()

    async def of_its_own(self) -> None:
        """Never begun."""


class Job:
    """Made to run it later."""

    def __init__(self, coro: Any) -> None:
        """Keep it."""
        self.coro = coro


def fill() -> None:
    """Forget two, and put one where it is not forgotten."""
    FORGOTTEN.extend([in_a_list(), in_a_list()])
    TUPLES.append((1, in_a_tuple()))
    LATER.append(in_a_list_for_later())


async def at_the_end() -> None:
    """Never reached here."""
    for one in LATER:
        await one


async def main() -> None:
    """Print what keeps each that is told."""
    fill()
    service, queue, job, coro = Service(), asyncio.Queue[Any](), Job(in_a_job()), in_a_variable()
    queue.put_nowait(in_a_queue())
    turns = [in_turn(), in_turn()]
    TAKEN_UP.extend([turns.pop(), in_a_list_taken_up()])

    async def takes_up() -> None:
        for one in TAKEN_UP:
            await asyncio.sleep(0)
            await one

    other = asyncio.create_task(takes_up())
    await asyncio.sleep(0)
    task = asyncio.create_task(in_a_task())
    unstarted.rows(asyncio.all_tasks())
    await turns.pop()
    rows = {row["name"]: row for row in unstarted.rows(asyncio.all_tasks())}
    for _ in range(9):  # a few are explained each time
        rows |= {row["name"]: row for row in unstarted.rows([])}
    json.dump(
        {name: [row["kept"], row["count"], row["taken"], row["at"]] for name, row in rows.items() if "kept" in row},
        sys.stdout,
    )
    del service, job, coro, task, other


unstarted.GROUPS = 100
asyncio.run(main())
