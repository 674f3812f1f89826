"""The diagnosis: every kind of finding looked for, in the order in which they are told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.awaits.blocked import blocked_loops
from soakctl.awaits.crossed import crossed
from soakctl.awaits.deadlock import deadlocks
from soakctl.awaits.finding import Kind
from soakctl.awaits.growth import never_awaited, never_begun, task_leaks
from soakctl.awaits.ignored import ignored_cancels
from soakctl.awaits.locks import locked_threads
from soakctl.awaits.outside import waiting_outside
from soakctl.awaits.permits import abandoned, full_pools
from soakctl.awaits.queues import empty_pools, full_queues, stuck_joins
from soakctl.awaits.scene import Scene
from soakctl.awaits.starved import starved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.awaits.finding import Finding
    from soakctl.awaits.model import Look


_FINDERS = (
    *(
        blocked_loops,
        locked_threads,
        crossed,
        deadlocks,
        abandoned,
        full_pools,
        stuck_joins,
        full_queues,
        empty_pools,
        ignored_cancels,
    ),
    *(task_leaks, never_awaited, never_begun),
)


def diagnose(looks: Sequence[Look]) -> list[Finding]:
    """What is wrong in one process, by the looks at it in the order of time (at least one)."""
    scene = Scene(looks)
    found: list[Finding] = []
    for finder in _FINDERS:
        found += finder(scene)
    # What already has an explanation needs no second one.
    told = {name for finding in found if finding.counts for name in (*finding.members, *finding.victims)}
    found += [one for one in starved(scene) if not told & set(one.members)]
    if not any(one.counts for one in found):
        found += waiting_outside(scene)
    found.sort(key=lambda one: (not one.counts, list(Kind).index(one.kind)))
    return [replace(finding, pid=scene.last.pid) for finding in found]
