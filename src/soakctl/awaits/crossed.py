"""Tasks that await threads which wait for coroutines that need those tasks: the loop goes on, they never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind
from soakctl.awaits.scene import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.model import Task, Thread
    from soakctl.awaits.scene import Scene


def crossed(scene: Scene) -> Iterator[Finding]:
    """One finding for each pool all of whose threads that work wait for coroutines held up by tasks that await them."""
    awaiting = [one for one in scene.lasting.values() if one.wait is not None and one.wait.kind == "executor"]
    if not awaiting:
        return
    held_up = {task.id: task for task in scene.waiting_for(task.id for task in awaiting)}
    for pool in scene.last.pools:
        at_work = [one for one in scene.last.threads if one.pool == pool and not _idle(one)]
        wanted = {one.id: _wanted(scene, one) for one in at_work}
        if not at_work or not all(tasks and all(task.id in held_up for task in tasks) for tasks in wanted.values()):
            continue
        needed = list({task.id: task for tasks in wanted.values() for task in tasks}.values())
        yield _finding(scene, awaiting, at_work, needed)


def _idle(thread: Thread) -> bool:
    return thread.wait is not None and thread.wait.kind == "idle"


def _wanted(scene: Scene, thread: Thread) -> list[Task]:
    """The tasks of which one gives the thread its result; none where something else may, or it came in between."""
    wait = thread.wait
    if wait is None or wait.kind != "result" or wait.loop is None or wait.timeout or not wait.coro:
        return []
    for look in scene.looks:
        before = next((one.wait for one in look.threads if one.id == thread.id), None)
        if before is None or (before.kind, before.loop, before.coro) != (wait.kind, wait.loop, wait.coro):
            return []
    named = [task for task in scene.last.tasks if task.loop == wait.loop and task.coro == wait.coro]
    return named if all(task.id in scene.lasting for task in named) else []


def _finding(scene: Scene, awaiting: list[Task], threads: list[Thread], needed: list[Task]) -> Finding:
    evidence = [scene.evidence(scene.line(one), f"{scene.called(one)} waits here for a thread") for one in awaiting]
    evidence += [
        scene.evidence(
            scene.own_line(scene.last.stack(one.stack)),
            f"thread {one.name} waits here for {short(one.wait.coro or '') if one.wait else ''}",
        )
        for one in threads
    ]
    evidence += [scene.evidence(scene.line(one), f"{scene.called(one)} cannot go on here") for one in needed]
    names = ", ".join(dict.fromkeys(scene.called(one) for one in awaiting))
    return Finding(
        kind=Kind.THREAD_LOOP_DEADLOCK,
        confidence=Confidence.LIKELY,
        summary=f"{names} and {', '.join(dict.fromkeys(one.name for one in threads))} wait for each other through "
        f"{', '.join(dict.fromkeys(scene.called(one) for one in needed))} and can never go on",
        members=(*scene.titles(awaiting), *(scene.thread_title(one) for one in threads)),
        victims=scene.titles(scene.waiting_for(one.id for one in awaiting)),
        evidence=tuple(dict.fromkeys(evidence)),
        hint="Do not hold a lock while you await a thread that needs it on the loop.",
    )
