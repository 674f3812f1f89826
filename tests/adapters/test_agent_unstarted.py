"""Which of the coroutines that nobody has begun to await are told, and with what keeps them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_what_is_forgotten_is_told_and_what_waits_for_its_turn_is_not() -> None:
    """A list, a dict or an attribute keep it; a queue, a tuple, a job, a variable or a task are about to await it."""
    root = Path(__file__).parents[2]
    asked = [sys.executable, "-W", "ignore", "-m", "tests.support.unstarted"]
    told = json.loads(subprocess.run(asked, cwd=root, check=True, capture_output=True, encoding="utf-8").stdout)
    lines = (root / "tests" / "support" / "unstarted.py").read_text(encoding="utf-8").splitlines()
    assert {name: row[:2] for name, row in told.items()} == {
        "in_a_list": ["the list FORGOTTEN of module __main__", 2],
        "in_a_dict": ["the dict pending of Service", 1],
        "Service.of_its_own": ["the attribute reader of Service", 1],
    }
    for call, (_, _, at) in zip(("in_a_list()", "in_a_dict()", "of_its_own()"), told.values(), strict=True):
        assert call in lines[at[1] - 1], at
