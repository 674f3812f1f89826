"""Futures that stand for tasks: which tasks are behind them, and what else may end such a wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.agent.inject.soakctl_agent.chains import frames, mark
from soakctl.agent.inject.soakctl_agent.things import Things

if TYPE_CHECKING:
    from collections.abc import Callable


async def waits_of(wait: Callable[[Any, Any], Any]) -> tuple[dict[str, Any], set[int]]:
    """What a task is said to wait for, and the marks of the two tasks that it is given."""
    one, two = (asyncio.ensure_future(asyncio.sleep(60)) for _ in range(2))

    async def waits() -> None:
        await wait(one, two)

    task = asyncio.ensure_future(waits())
    for _ in range(4):
        await asyncio.sleep(0)
    found = Things().wait_of(getattr(task, "_fut_waiter"), frames(task.get_coro()))  # noqa: B009 - not public
    marks = {mark(one), mark(two)}
    for each in (task, one, two):
        each.cancel()
    await asyncio.gather(task, one, two, return_exceptions=True)
    return found, marks


async def in_turn(one: Any, two: Any) -> None:
    """As many programs do it."""
    for each in asyncio.as_completed([one, two]):
        await each


@pytest.mark.parametrize(
    ("wait", "how", "more"),
    [
        (asyncio.gather, "gather", {"fails": True}),
        (lambda one, two: asyncio.gather(one, two, return_exceptions=True), "gather", {}),
        (lambda one, two: asyncio.gather(one, asyncio.gather(two)), "gather", {"fails": True}),
        (lambda one, two: asyncio.gather(one, asyncio.shield(two), return_exceptions=True), "gather", {}),
        (lambda one, two: asyncio.shield(asyncio.gather(one, two)), "shield", {"fails": True}),
        (in_turn, "as_completed", {"any": True}),
        (lambda one, two: asyncio.wait([one, two], return_when="FIRST_EXCEPTION"), "wait", {"fails": True}),
    ],
)
def test_the_tasks_behind_a_future_are_found(wait: Any, how: str, more: dict[str, Any]) -> None:
    """Through gather(), shield() and as_completed(), one inside of the other."""
    found, marks = asyncio.run(waits_of(wait))
    assert (found["kind"], found["how"], set(found["tasks"])) == ("task", how, marks)
    assert {key: found[key] for key in ("fails", "any") if found.get(key)} == more


def test_a_future_of_the_programs_own_stands_for_nothing() -> None:
    """Whatever task its callbacks know."""

    async def waits(one: Any, _two: Any) -> None:
        future = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda _done: one.cancel())
        await future

    assert asyncio.run(waits_of(waits))[0] == {"kind": "future"}


def test_a_supervisor_that_sleeps_may_cancel_what_it_knows() -> None:
    """It says cancel(), and has the tasks in a list."""

    async def sleeps(one: Any, two: Any) -> None:
        tasks = [one, two]
        await asyncio.sleep(60)
        for task in tasks:
            task.cancel()

    async def only_sleeps(one: Any, two: Any) -> None:
        await asyncio.sleep(60 + (one is two))

    found, marks = asyncio.run(waits_of(sleeps))
    assert (found["kind"], set(found["cancels"])) == ("sleep", marks)
    assert asyncio.run(waits_of(only_sleeps))[0].get("cancels", []) == []
