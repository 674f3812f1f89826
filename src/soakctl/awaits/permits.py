"""Locks and permits that nobody will give back, and pools whose threads wait for work queued behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind
from soakctl.awaits.scene import short, tasks_wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.finding import Evidence
    from soakctl.awaits.model import Holder, Task, Thing
    from soakctl.awaits.scene import Scene


def abandoned(scene: Scene) -> Iterator[Finding]:
    """Locks and semaphores whose holders have ended, while others wait."""
    for number, waiters in _wanted(scene).items():
        thing = scene.last.things[number]
        gone = [one for one in thing.holders if one.ended]
        if not gone or len(gone) < max(thing.held, len(thing.holders)):
            continue  # who is left may give back what is missing
        if scene.known_to_others(number) and not all(one.died for one in gone):
            continue  # a callback, a worker, whoever holds the session: it may be theirs to give back
        if thing.is_ == "lock":
            yield _lock(scene, waiters, thing, gone[0])
        elif thing.is_ == "semaphore" and thing.value == 0:
            yield _semaphore(scene, waiters, thing, gone)


def _wanted(scene: Scene) -> dict[int, list[Task]]:
    """The locks and semaphores that tasks have waited for all the time."""
    found: dict[int, list[Task]] = {}
    for task in scene.lasting.values():
        if task.wait is not None and task.wait.thing is not None and task.wait.how == "acquire":
            found.setdefault(task.wait.thing, []).append(task)
    return {number: tasks for number, tasks in found.items() if number in scene.last.things}


def _lock(scene: Scene, waiters: list[Task], thing: Thing, holder: Holder) -> Finding:
    evidence = [
        scene.evidence(holder.at, f"{short(holder.at[2])} took the {thing.kind} here, {scene.held_s(holder):.1f} s ago")
    ]
    evidence += _waits(scene, waiters, thing)
    return Finding(
        kind=Kind.LOCK_ABANDONED,
        confidence=Confidence.LIKELY,
        summary=f"a {thing.kind} is held by a task that has ended: {tasks_wait(len(waiters))} for it in vain",
        members=(f"{short(holder.at[2])} (ended)",),
        victims=scene.titles([*waiters, *scene.waiting_for(task.id for task in waiters)]),
        evidence=tuple(dict.fromkeys(evidence)),
        hint="Take it with `async with`, which gives it back whatever happens.",
    )


def _semaphore(scene: Scene, waiters: list[Task], thing: Thing, gone: list[Holder]) -> Finding:
    evidence = [
        scene.evidence(
            one.at, f"{short(one.at[2])} took a permit here, {scene.held_s(one):.1f} s ago, and ended with it"
        )
        for one in gone[:3]
    ]
    evidence += _waits(scene, waiters, thing)
    return Finding(
        kind=Kind.EXHAUSTED_POOL,
        confidence=Confidence.LIKELY,
        summary=f"all {len(gone)} permits of a {thing.kind} were taken by tasks that have ended: "
        f"{tasks_wait(len(waiters))} in vain",
        members=tuple(dict.fromkeys(f"{short(one.at[2])} (ended)" for one in gone)),
        victims=scene.titles([*waiters, *scene.waiting_for(task.id for task in waiters)]),
        evidence=tuple(dict.fromkeys(evidence)),
        hint="Take permits with `async with`, which gives them back whatever happens.",
    )


def _waits(scene: Scene, waiters: list[Task], thing: Thing) -> list[Evidence]:
    found = [
        scene.evidence(scene.line(task), f"{scene.called(task)} waits here for that {thing.kind}") for task in waiters
    ]
    return list(dict.fromkeys(found))[:3]


def full_pools(scene: Scene) -> Iterator[Finding]:
    """Executors all of whose threads wait for the result of work that is queued behind them."""
    for number, pool in scene.last.pools.items():
        workers = [one for one in scene.last.threads if one.pool == number]
        stuck = [one for one in workers if one.wait is not None and one.wait.kind == "result" and not one.wait.timeout]
        behind = [one for one in stuck if one.wait is not None and one.wait.state == "pending"]
        if not workers or len(behind) < len(workers) or not pool.backlog or (pool.most or 0) > len(workers):
            continue
        if any(look.pools.get(number, pool).backlog != pool.backlog for look in scene.looks):
            continue
        places = [scene.own_line(scene.last.stack(one.stack)) for one in behind]
        yield Finding(
            kind=Kind.EXHAUSTED_POOL,
            confidence=Confidence.CERTAIN,
            summary=f"all {len(workers)} threads of an executor wait for work that is queued behind them "
            f"({pool.backlog} in the queue)",
            members=tuple(scene.thread_title(one) for one in workers),
            victims=scene.titles(
                task for task in scene.last.tasks if task.wait is not None and task.wait.kind == "executor"
            ),
            evidence=tuple(
                dict.fromkeys(scene.evidence(place, "a worker waits here for a result") for place in places)
            ),
            hint="Work that runs in an executor must not wait for more work of the same executor.",
        )
