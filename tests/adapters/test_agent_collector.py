"""What a look does with the garbage collector of the program, and with an error on the program's loop."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.agent.inject.soakctl_agent import collector, loops

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[tuple[int, int, int]]:
    """Small ones, so that a few objects call the collector."""
    before = gc.get_threshold()
    gc.set_threshold(50, 2, 2)
    try:
        yield (50, 2, 2)
    finally:
        gc.set_threshold(*before)


def collections_of(count: int) -> int:
    """How often the collector ran while so many objects were made."""
    seen: list[str] = []

    def note(phase: str, _about: dict[str, Any]) -> None:
        seen.append(phase)

    gc.callbacks.append(note)
    try:
        kept = [[number] for number in range(count)]
    finally:
        gc.callbacks.remove(note)
    assert len(kept) == count
    return seen.count("start")


def test_no_collection_begins_in_a_look(thresholds: tuple[int, int, int]) -> None:
    """And afterwards all is as before."""
    assert collections_of(5000) > 0
    with collector.Rest():
        assert gc.isenabled()
        assert collections_of(5000) == 0
    assert gc.get_threshold() == thresholds
    assert collections_of(5000) > 0


def test_thresholds_that_the_program_sets_meanwhile_stay() -> None:
    """They are its own."""
    with collector.Rest():
        gc.set_threshold(900, 11, 12)
    assert gc.get_threshold() == (900, 11, 12)


def test_a_child_forked_meanwhile_collects(thresholds: tuple[int, int, int]) -> None:
    """There the look never ends."""
    with collector.Rest():
        collector.forked()
        assert gc.get_threshold() == thresholds
    assert gc.get_threshold() == thresholds


def test_what_fails_on_the_loop_is_not_the_programs_trouble() -> None:
    """It is raised where it was asked for; the loop's exception handler hears nothing."""
    loop = asyncio.new_event_loop()
    heard: list[Any] = []

    def fail() -> None:
        raise ZeroDivisionError

    loop.set_exception_handler(lambda _loop, about: heard.append(about))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        with pytest.raises(ZeroDivisionError):
            loops.on_loop(loop, fail, 60.0)
        assert loops.on_loop(loop, lambda: None, 60.0)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    assert heard == []
