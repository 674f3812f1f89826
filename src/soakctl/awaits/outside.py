"""A program in which everything waits for somebody outside: information, nothing wrong by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind
from soakctl.awaits.scene import tasks_wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.scene import Scene

_SERVES = {"serving"}
_ACCEPTING = "accept"


def waiting_outside(scene: Scene) -> Iterator[Finding]:
    """When nothing moved in all the looks, nothing is served, and some wait for a peer or a child process."""
    tasks = scene.last.tasks
    if not tasks or len(scene.lasting) < len(tasks):
        return
    if any(task.wait is not None and (task.wait.kind in _SERVES or _ACCEPTING in task.wait.how) for task in tasks):
        return
    outside = [task for task in scene.lasting.values() if task.wait is not None and task.wait.kind == "outside"]
    needed = {*(task.id for task in outside), *(task.id for task in scene.waiting_for(task.id for task in outside))}
    if not outside or len(needed) < len(tasks):
        return
    places = {scene.at(scene.line(task)): task for task in outside}
    yield Finding(
        kind=Kind.WAITING_OUTSIDE,
        confidence=Confidence.INFORMATION,
        summary=f"{tasks_wait(len(outside))} for somebody outside, and nothing else goes on",
        members=scene.titles(outside),
        victims=scene.titles(scene.waiting_for(task.id for task in outside)),
        evidence=tuple(
            scene.evidence(
                scene.line(task), f"{scene.called(task)} waits here for {task.wait.how if task.wait else ''}"
            )
            for task in places.values()
        ),
        hint="Give such calls a time limit: async with asyncio.timeout(...).",
    )
