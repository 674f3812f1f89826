"""What a forked child says of the tasks that it has from its parent."""

from __future__ import annotations

import asyncio

import pytest

from soakctl.agent.inject.soakctl_agent import loops, notes


@pytest.fixture
def loop_at_rest() -> asyncio.AbstractEventLoop:
    """A loop that does not run, as the parent's in a child."""
    return asyncio.new_event_loop()


def test_a_child_leaves_its_parents_tasks_out(
    loop_at_rest: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can never go on there. Those of a loop of its own are told, also between two runs of it."""
    task = loop_at_rest.create_task(asyncio.sleep(60))
    try:
        assert task in loops.all_tasks()
        monkeypatch.setattr(notes, "FORKED_S", [10.0])
        assert task not in loops.all_tasks()
        task.__setattr__("_soak", (9.0, None, None))
        assert task not in loops.all_tasks()
        task.__setattr__("_soak", (11.0, None, None))
        assert task in loops.all_tasks()
    finally:
        task.cancel()
        loop_at_rest.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop_at_rest.close()
