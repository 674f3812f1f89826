"""What a task that died still owed."""

from __future__ import annotations

import asyncio

from soakctl.agent.inject.soakctl_agent.failed import died_owing


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
