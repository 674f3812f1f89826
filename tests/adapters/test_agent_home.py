"""The directories in which agents and soakctl meet: none is left behind for good."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from soakctl.adapters.agent_home import AgentHome

pytestmark = pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="owners are known by /proc")
MAKE = "from soakctl.adapters.agent_home import AgentHome; print(AgentHome().path)"


def test_what_a_killed_soakctl_left_is_removed_by_the_next() -> None:
    """Once its agents are gone, too."""
    made = subprocess.run([sys.executable, "-c", MAKE], capture_output=True, text=True, check=True).stdout.strip()
    left = Path(made)
    listening = left / "1.hello"  # process 1 lives
    listening.touch()
    AgentHome().close()
    assert left.exists()
    listening.unlink()
    AgentHome().close()
    assert not left.exists()


def test_what_is_used_stays() -> None:
    """And whatever has no owner, or one that is not known."""
    mine = AgentHome()
    other = AgentHome()
    odd = AgentHome()
    try:
        (odd.path / "owner").write_text("nobody knows", encoding="ascii")
        AgentHome().close()
        assert (mine.path.exists(), other.path.exists(), odd.path.exists()) == (True, True, True)
    finally:
        for each in (mine, other, odd):
            each.close()
