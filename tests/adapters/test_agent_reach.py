"""Whether anybody who can go on knows what others wait for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_who_goes_on_and_knows_it_can_give_it_back() -> None:
    """Whoever refers to it, in whatever way, in C too; a task that only sleeps does not count."""
    root = Path(__file__).parents[2]
    asked = [sys.executable, "-m", "tests.support.reach"]
    told = subprocess.run(asked, cwd=root, check=True, capture_output=True, encoding="utf-8").stdout
    assert json.loads(told) == {
        "child": True,
        "done callback": True,
        "timer": True,
        "somebody else": False,
        "module": True,
        "many": True,
        "extension": True,
        "of another": False,
        "nobody": False,
    }
