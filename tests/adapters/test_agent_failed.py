"""What a task that died still owed."""

from __future__ import annotations

import asyncio

from soakctl.agent.inject.soakctl_agent.failed import consumers, died_owing


async def _told() -> list[str]:
    limit = asyncio.Semaphore(2)

    async def owes() -> None:
        await limit.acquire()
        if limit.locked() is not None:
            raise ValueError
        limit.release()

    async def hands_on() -> None:
        await limit.acquire()
        raise ValueError

    tasks = [asyncio.create_task(owes()), asyncio.create_task(hands_on())]
    await asyncio.wait(tasks)
    told = [died_owing(task) for task in tasks]
    await asyncio.gather(*tasks, return_exceptions=True)
    return told


def test_who_says_release_and_dies_before_it_owes_what_it_took() -> None:
    """Who does not say it may have handed on its permit."""
    assert asyncio.run(_told()) == ["ValueError", ""]


async def _left(others: int) -> list[str]:
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def takes(item: int) -> None:
        if item == await queue.get():
            raise ValueError
        await asyncio.sleep(60)

    tasks = [asyncio.create_task(takes(number)) for number in range(1 + others)]
    for _ in tasks:
        queue.put_nowait(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    found = [one["error"] for one in consumers(queue)]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


def test_a_consumer_that_died_is_missed_where_it_was_the_last() -> None:
    """Another one may be at work with an item."""
    assert asyncio.run(_left(0)) == ["ValueError"]
    assert asyncio.run(_left(1)) == []
