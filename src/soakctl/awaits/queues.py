"""Queues that nobody will go on with: joined in vain, or a pool whose items do not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind
from soakctl.awaits.scene import short
from soakctl.domain.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.finding import Evidence
    from soakctl.awaits.model import Task, Thing
    from soakctl.awaits.scene import Scene


def stuck_joins(scene: Scene) -> Iterator[Finding]:
    """Queue.join() for items that nobody who can still go on will mark as done."""
    for number, tasks in _waiting(scene, "join").items() if scene.sighted else ():
        seen = [look.things[number] for look in scene.looks if number in look.things]
        same = {(one.unfinished, one.size) for one in seen}
        if len(seen) == len(scene.looks) and len(same) == 1 and all(one.marked is False for one in seen):
            yield _stuck_join(scene, tasks, seen[-1], _waiting(scene, "get").get(number, []))


def _waiting(scene: Scene, how: str) -> dict[int, list[Task]]:
    """The queues at which tasks have waited in this way all the time, without a time limit."""
    found: dict[int, list[Task]] = {}
    for task in scene.lasting.values():
        wait = task.wait
        if wait is None or wait.thing is None or wait.how != how or wait.timeout or task.timeout:
            continue
        if wait.thing in scene.last.things and scene.last.things[wait.thing].is_ == "queue":
            found.setdefault(wait.thing, []).append(task)
    return found


def _stuck_join(scene: Scene, tasks: list[Task], queue: Thing, getters: list[Task]) -> Finding:
    taken = queue.unfinished - queue.size
    why = [f"{counted(taken, 'item')} taken and never marked as done"] if taken > 0 else []
    why += [f"{counted(queue.size, 'item')} that nobody takes"] if queue.size else []
    evidence = [
        scene.evidence(scene.line(one), f"{scene.called(one)} waits here for all items to be done") for one in tasks
    ]
    evidence += [
        scene.evidence(scene.line(one), f"{scene.called(one)} has done with its last item: it waits here for the next")
        for one in getters
    ]
    return Finding(
        kind=Kind.STUCK_QUEUE,
        confidence=Confidence.LIKELY,
        summary=f"{_wait(scene, tasks)} in {queue.kind}.join() for {' and '.join(why)}, "
        "and nobody is left who would do that",
        members=scene.titles(tasks),
        victims=scene.titles(scene.waiting_for(one.id for one in tasks)),
        evidence=(*_few(evidence), *scene.failures()),
        hint="Call task_done() once for each item taken, in a `finally`; and see that the workers live.",
    )


def full_queues(scene: Scene) -> Iterator[Finding]:
    """Queues that stay full because their consumers have died, and nobody has looked at how they ended."""
    for number, tasks in _waiting(scene, "put").items():
        seen = [look.things[number] for look in scene.looks if number in look.things]
        left = seen[-1].left
        if len(seen) < len(scene.looks) or len(seen) == 1 or not all(one.left and not one.getters for one in seen):
            continue
        evidence = [scene.evidence(scene.line(one), f"{scene.called(one)} waits here for room") for one in tasks]
        evidence += [scene.evidence(one.at, f"{short(one.name)} died of {one.error} here") for one in left]
        yield Finding(
            kind=Kind.STUCK_QUEUE,
            confidence=Confidence.LIKELY,
            summary=f"{_wait(scene, tasks)} for room in a full {seen[-1].kind} whose consumer {short(left[-1].name)} "
            f"died of {left[-1].error}",
            members=scene.titles(tasks),
            victims=scene.titles(scene.waiting_for(one.id for one in tasks)),
            evidence=_few(evidence),
            hint="Let a consumer catch what one item does to it, and see that somebody awaits it. If a supervisor "
            "starts another one later on, it has not asked yet.",
        )


def empty_pools(scene: Scene) -> Iterator[Finding]:
    """Queues that lend their items, with nobody left who could bring one back."""
    for number, tasks in _waiting(scene, "get").items():
        queue = scene.last.things[number]
        if not queue.pool or queue.size or not scene.sighted or scene.known_to_others(number):
            continue
        evidence = [
            scene.evidence(scene.line(one), f"{scene.called(one)} waits here for one to come back") for one in tasks
        ]
        evidence += [
            scene.evidence(one.at, f"{short(one.name)} put {counted(one.puts, 'item')} there{_end(one.ended)}")
            for one in queue.feeders[:3]
        ]
        yield Finding(
            kind=Kind.EXHAUSTED_POOL,
            confidence=Confidence.LIKELY,
            summary=f"{_wait(scene, tasks)} for an item that is lent from a {queue.kind}, and whoever "
            "has one waits too, or has ended with it",
            members=scene.titles(tasks),
            victims=scene.titles(scene.waiting_for(one.id for one in tasks)),
            evidence=(*_few(evidence), *scene.failures()),
            hint="Put back what was taken in a `finally`, and do not wait for another item while you have one.",
        )


def _end(ended: str) -> str:
    return f", and has ended ({ended})" if ended else ""


def _wait(scene: Scene, tasks: list[Task]) -> str:
    """The beginning of a sentence: who waits."""
    return f"{_names(scene, tasks)} wait{'' if len(tasks) > 1 else 's'}"


def _names(scene: Scene, tasks: list[Task]) -> str:
    names = list(dict.fromkeys(scene.called(one) for one in tasks))
    count = f"{len(tasks)} x " if len(tasks) > 1 and len(names) == 1 else ""
    return count + ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004


def _few(evidence: list[Evidence]) -> tuple[Evidence, ...]:
    return tuple(list(dict.fromkeys(evidence))[:6])
