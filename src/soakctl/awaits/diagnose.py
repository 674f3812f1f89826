"""The diagnosis: every kind of finding looked for, in the order in which they are told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.awaits.blocked import blocked_loops
from soakctl.awaits.deadlock import deadlocks
from soakctl.awaits.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.awaits.finding import Finding
    from soakctl.awaits.model import Look


def diagnose(looks: Sequence[Look]) -> list[Finding]:
    """What is wrong in one process, by the looks at it in the order of time (at least one)."""
    scene = Scene(looks)
    found: list[Finding] = []
    for finder in (blocked_loops, deadlocks):
        found += finder(scene)
    return [replace(finding, pid=scene.last.pid) for finding in found]
