"""`soakctl soak --auto-tune` on a real process that takes its parameters from a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.cli import APPS, PYTHON

if TYPE_CHECKING:
    from tests.support.cli import Cli


def test_a_service_is_tuned_through_its_file(cli: Cli) -> None:
    """Too fast at first; the rule lowers its limit step by step, keeps other keys, and every change is verified."""
    cli.configure(
        {
            "service": {"command": [PYTHON, "-u", str(APPS / "tuned.py")]},
            "kpis": [{"name": "speed", "source": {"json": "speed.json", "pointer": "/speed"}, "max": 110}],
            "tuning": {
                "file": "overrides.json",
                "parameters": {"limit": {"path": "engine.limit", "initial": 10, "min": 1, "max": 20}},
                "rules": [{"name": "FAST", "when": {"speed": {"gt": 110}}, "change": {"limit": {"add": -1}}}],
            },
        }
    )
    overrides = cli.cwd / "overrides.json"
    overrides.write_text('{"engine": {"limit": 10}, "mine": [1, 2]}', encoding="utf-8")
    done = cli.run("soak", "--auto-tune", "--duration", "5s", "--iteration", "1s", "--sample-every", "0.25s")
    assert "changed limit 10 -> 9" in done.err, str(done)
    assert json.loads(overrides.read_text(encoding="utf-8")) == {"engine": {"limit": 8}, "mine": [1, 2]}
    assert '+{"engine": {"limit": 8}, "mine": [1, 2]}' in done.out
    gate = cli.run("gate", "--deltas", "--strict", "--json")
    assert gate.code == 0, str(gate)
    assert gate.document()["tuning"]["full_apply_ratio"] == 1.0
