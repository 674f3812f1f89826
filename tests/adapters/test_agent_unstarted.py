"""Which of the coroutines that nobody has begun to await are told, and with what keeps them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from soakctl.agent.inject.soakctl_agent import takers


def test_what_is_forgotten_is_told_and_what_waits_for_its_turn_is_not() -> None:
    """A list, a dict or an attribute keep it; a queue, a tuple, a job, a variable or a task are about to await it."""
    root = Path(__file__).parents[2]
    asked = [sys.executable, "-W", "ignore", "-m", "tests.support.unstarted"]
    told = json.loads(subprocess.run(asked, cwd=root, check=True, capture_output=True, encoding="utf-8").stdout)
    lines = (root / "tests" / "support" / "unstarted.py").read_text(encoding="utf-8").splitlines()
    assert {name: row[:3] for name, row in told.items()} == {
        "in_a_list": ["the list FORGOTTEN of module __main__", 2, False],
        "in_a_list_for_later": ["the list LATER of module __main__", 1, True],
        "in_a_dict": ["the dict pending of Service", 1, False],
        "Service.of_its_own": ["the attribute reader of Service", 1, False],
    }
    for name, (*_, at) in told.items():
        assert f"{name.rpartition('.')[2]}()" in lines[at[1] - 1], at


def test_code_that_only_fills_takes_nothing() -> None:
    """Nor does one that counts; a loop over it, an item of it, or giving it to somebody may."""

    def fills(service: Any) -> int:
        service.jobs = []
        service.jobs.append(1)
        service.jobs[0] = 2
        return len(service.jobs)

    takes: list[Any] = [
        lambda service: service.jobs.pop(),
        lambda service: service.jobs[0],
        lambda service: list(service.jobs),
        lambda service: getattr(service, "jobs"),  # noqa: B009 - that it is found so is the point
    ]
    assert not takers.takes(fills.__code__, "jobs")
    assert all(takers.takes(each.__code__, "jobs") for each in takes)
    assert not takers.taken("a name that nobody" + " has")
