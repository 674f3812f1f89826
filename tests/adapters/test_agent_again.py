"""Who has caught a cancellation and is back in its loop, and who is on the way to its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.agent.inject.soakctl_agent.again import again
from soakctl.agent.inject.soakctl_agent.chains import links

if TYPE_CHECKING:
    from collections.abc import Callable


FAILURES: list[str] = []


async def catches() -> None:
    """Whatever it is."""
    while True:
        try:
            await asyncio.sleep(60)
        except (OSError, asyncio.CancelledError):
            FAILURES.append("later")


async def suppresses() -> None:
    """As some do it."""
    for _ in range(9):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)


async def catches_around() -> None:
    """One function further out."""
    while True:
        try:
            await asyncio.shield(asyncio.sleep(60))
        except (asyncio.CancelledError, OSError):
            continue


async def drains() -> None:
    """It has left the loop in which it was cancelled."""
    try:
        while True:  # noqa: ASYNC110 - as programs do it
            await asyncio.sleep(60)
    except asyncio.CancelledError:
        FAILURES.clear()
    for _ in range(3):
        try:
            await asyncio.sleep(60)
        except OSError:
            FAILURES.append("at the end")


async def raises() -> None:
    """It would end the next time."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            FAILURES.append("never")
            raise
        finally:
            FAILURES.clear()


async def begins_anew() -> None:
    """The loop is around the time limit; what the limit is for is at its end."""
    while True:
        try:
            async with asyncio.timeout(0):
                await drains()
        except (TimeoutError, asyncio.CancelledError):
            FAILURES.append("again")


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (catches, True),
        (suppresses, True),
        (catches_around, True),
        (drains, False),
        (raises, False),
        (begins_anew, False),
    ],
)
def test_who_goes_on_as_before(function: Callable[[], Any], found: bool) -> None:
    """Asked after the first cancellation."""

    async def main() -> bool:
        task = asyncio.ensure_future(function())
        await asyncio.sleep(0)
        if function is not begins_anew:
            task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not task.done()
        return again(links(task.get_coro()))

    loop = asyncio.new_event_loop()  # one that does not wait for those who do not end
    try:
        assert loop.run_until_complete(main()) is found
    finally:
        for task in asyncio.all_tasks(loop):
            setattr(task, "_log_destroy_pending", False)  # noqa: B010 - not public
            task.get_coro().close()
        loop.close()
