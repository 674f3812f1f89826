"""Threads that wait for locks of each other, as far as their `with` blocks tell who has which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.finding import Evidence
    from soakctl.awaits.model import Held, Thread
    from soakctl.awaits.scene import Scene


def holder(scene: Scene, thread: Thread) -> tuple[Thread, Held] | None:
    """The thread that has had the lock for which another waits, over all looks, and where it took it."""
    wait = thread.wait
    if wait is None or wait.lock is None:
        return None
    found = [_holder(look.threads, wait.lock) for look in scene.looks]
    waited = [one.wait.lock for look in scene.looks for one in look.threads if one.id == thread.id and one.wait]
    same = len({(one[0].id, one[1].at) for one in found if one is not None}) == 1 and None not in found
    return found[-1] if same and waited == [wait.lock] * len(scene.looks) else None


def _holder(threads: tuple[Thread, ...], lock: int) -> tuple[Thread, Held] | None:
    found = [(thread, held) for thread in threads for held in thread.locks if held.lock == lock]
    return found[0] if len({thread.id for thread, _ in found}) == 1 else None


def circle(scene: Scene, start: Thread) -> list[Thread]:
    """The threads around a circle that one is in; empty where it is in none."""
    walk = [start]
    while len(scene.looks) > 1:
        wait = walk[-1].wait
        found = holder(scene, walk[-1]) if wait is not None and not wait.timeout else None
        if found is None or found[0] in walk[1:]:
            return []
        if found[0].id == start.id:
            return walk
        walk.append(found[0])
    return []


def locked_threads(scene: Scene) -> Iterator[Finding]:
    """One finding for each circle. Names may lead elsewhere than they did when a lock was taken: likely."""
    told: set[int] = set()
    for thread in scene.last.threads:
        threads = circle(scene, thread) if thread.id not in told else []
        told |= {one.id for one in threads}
        if threads:
            yield _finding(scene, threads)


def _finding(scene: Scene, threads: list[Thread]) -> Finding:
    loops = {one.loop for one in threads if one.loop is not None}
    pools = {one.pool for one in threads if one.pool is not None}
    stuck = [
        task
        for task in scene.last.tasks
        if task.loop in loops or (pools and task.wait is not None and task.wait.kind == "executor")
    ]
    names = " and ".join(one.name for one in threads)
    who = (
        f"threads {names} wait for locks of each other"
        if len(threads) > 1
        else f"thread {names} waits for its own lock"
    )
    return Finding(
        kind=Kind.DEADLOCK,
        confidence=Confidence.LIKELY,
        summary=f"{who} and can never go on",
        members=tuple(scene.thread_title(one) for one in threads),
        victims=scene.titles(stuck),
        evidence=tuple(each for one in threads for each in lock_evidence(scene, one)),
        hint="Take the locks in the same order everywhere.",
    )


def lock_evidence(scene: Scene, thread: Thread) -> list[Evidence]:
    """Where a thread waits for a lock, and where another took it."""
    found = holder(scene, thread)
    if found is None or thread.wait is None:
        return []
    here = scene.own_line(scene.last.stack(thread.stack))
    name = thread.wait.how or "a lock"
    return [
        scene.evidence(here, f"thread {thread.name} waits here for {name}"),
        scene.evidence(found[1].at, f"thread {found[0].name} took that lock here"),
    ]
