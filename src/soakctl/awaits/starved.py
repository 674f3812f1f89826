"""Consumers that wait for what can never come: nobody is left to put it there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Evidence, Finding, Kind
from soakctl.awaits.scene import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.model import Feeder, Task, Thing
    from soakctl.awaits.scene import Scene

# A task that put one item and ended did its work; one that put several was a producer.
_PRODUCER = 2
_ENDED_WELL = {"finished", "cancelled"}
_BY_OTHERS = {"condition", "barrier"}
_PARKED = {"sleep", "serving", "Event", "future"}


def starved(scene: Scene) -> Iterator[Finding]:
    """Queues whose producers have ended; then tasks that nothing in a process standing still can wake."""
    told: set[int] = set()
    for number, getters in _hungry(scene).items():
        queue = scene.last.things[number]
        known = scene.known_to_others(number)
        found = _unnoticed(scene, number, getters) if known else _without_producer(scene, getters, queue)
        if found is not None:
            told |= {task.id for task in getters}
            yield found
    if standing_still(scene):
        yield from _unknown_holders(scene)
        yield from _never_woken(scene, told)
    else:
        yield from _left_alone(scene, told)


def _hungry(scene: Scene) -> dict[int, list[Task]]:
    """Empty queues, with the tasks that waited for an item all the time."""
    found: dict[int, list[Task]] = {}
    for task in scene.lasting.values():
        thing = scene.thing(task)
        wait = task.wait
        if thing is None or wait is None or wait.thing is None or thing.is_ != "queue":
            continue
        if wait.how == "get" and not thing.size and not _limited(task):
            found.setdefault(wait.thing, []).append(task)
    return found


def _limited(task: Task) -> bool:
    return task.timeout or (task.wait is not None and task.wait.timeout)


def _without_producer(scene: Scene, getters: list[Task], queue: Thing) -> Finding | None:
    if queue.other_puts or not queue.feeders or any(not one.ended for one in queue.feeders):
        return None
    # A request that put one item has done its work: known by the server, where the loop shows its connections.
    producers = [
        one for one in queue.feeders if one.puts >= _PRODUCER or (scene.sighted and one.ended not in _ENDED_WELL)
    ]
    failed = [one for one in producers if one.ended not in _ENDED_WELL]
    if failed:
        return _finding(
            scene, getters, queue, failed[-1], Confidence.CERTAIN if _wanted(scene, getters) else Confidence.LIKELY
        )
    # Those that ended well are missed only where somebody waits for the consumer to end too.
    if producers and len(producers) == len(queue.feeders) and _wanted(scene, getters):
        return _finding(scene, getters, queue, producers[-1], Confidence.LIKELY)
    return None


def _unnoticed(scene: Scene, number: int, getters: list[Task]) -> Finding | None:
    """Of a queue that somebody knows who can go on: a producer that has died, and nobody has looked at how it ended.

    Others may still feed it, but nobody has: all feeders have ended, and none of that function ended well, as those do
    that come and go.
    """
    queues = [look.things[number] for look in scene.looks if number in look.things]
    still = len({sum(one.puts for one in queue.feeders) for queue in queues}) == 1 < len(queues)
    feeders = queues[-1].feeders
    if not still or queues[-1].other_puts or any(not one.ended for one in feeders):
        return None
    dead = [one for one in feeders if one.owing and one.puts >= _PRODUCER]
    alike = [one for one in feeders if dead and one.name == dead[-1].name]
    if not dead or not all(one.owing for one in alike):
        return None
    found = _finding(scene, getters, queues[-1], dead[-1], Confidence.LIKELY)
    return replace(found, hint=f"{found.hint} If a supervisor starts another one later on, it has not asked yet.")


def _wanted(scene: Scene, getters: list[Task]) -> list[Task]:
    """The tasks that wait for the consumers to end."""
    return scene.waiting_for(task.id for task in getters)


def _finding(scene: Scene, getters: list[Task], queue: Thing, producer: Feeder, confidence: Confidence) -> Finding:
    how = {"finished": "has finished", "cancelled": "was cancelled"}.get(producer.ended, f"died of {producer.ended}")
    evidence = [
        scene.evidence(
            scene.line(getters[0]), f"{scene.called(getters[0])} waits here for an item of an empty {queue.kind}"
        ),
        scene.evidence(producer.at, f"{short(producer.name)} put its last items here, {producer.puts} in all"),
    ]
    if producer.where is not None:
        evidence.append(scene.evidence(producer.where, f"{short(producer.name)} {how} here"))
    who = scene.called(getters[0]) if len({task.coro for task in getters}) == 1 else "several tasks"
    count = f"{len(getters)} x " if len(getters) > 1 else ""
    return Finding(
        kind=Kind.STARVED_CONSUMER,
        confidence=confidence,
        summary=f"{count}{who} wait for items of a {queue.kind} whose producer {short(producer.name)} {how}"
        if len(getters) > 1
        else f"{who} waits for items of a {queue.kind} whose producer {short(producer.name)} {how}",
        members=scene.titles(getters),
        victims=scene.titles(_wanted(scene, getters)),
        evidence=tuple(evidence),
        hint="Have the producer say that it ends (a last item, or Queue.shutdown() from 3.13), also when it fails.",
    )


def standing_still(scene: Scene) -> bool:
    """Whether nothing can ever happen again by itself: no task can go on, no timer, descriptor, signal or thread."""
    for look in scene.looks:
        if any(task.state != "waiting" for task in look.tasks):
            return False
        for loop in look.loops:
            if not loop.answered or loop.timers is None or loop.timers or loop.descriptors or loop.signals:
                return False
        busy = [one for one in look.threads if one.loop is None and (one.wait is None or one.wait.kind != "idle")]
        if busy or not look.loops:
            return False
    return len(scene.lasting) == len(scene.last.tasks)


def _unknown_holders(scene: Scene) -> Iterator[Finding]:
    """Locks of a program that was not prepared: who holds them is not known, only that nobody can give them back."""
    wanting = [
        task
        for task in scene.lasting.values()
        if (thing := scene.thing(task)) is not None
        and thing.locked
        and task.wait is not None
        and task.wait.thing is not None
        and not scene.holders(task.wait.thing)
    ]
    if not wanting:
        return
    names = ", ".join(dict.fromkeys(scene.called(task) for task in wanting))
    yield Finding(
        kind=Kind.DEADLOCK,
        confidence=Confidence.LIKELY,
        summary=f"nothing can ever happen again in this process, and {names} cannot get a lock that somebody holds",
        members=scene.titles(wanting),
        victims=scene.titles(scene.waiting_for(task.id for task in wanting)),
        evidence=tuple(
            scene.evidence(scene.line(task), f"{scene.called(task)} waits here for a lock") for task in wanting
        ),
        hint="Start the program with `soakctl trace -- COMMAND` to learn where the lock was taken.",
    )


def _never_woken(scene: Scene, told: set[int]) -> Iterator[Finding]:
    """Those that the main task waits for, in a process that stands still. A main task alone may be parked."""
    main = max(scene.last.tasks, key=lambda task: -(task.made_s or 0.0), default=None)
    if main is None:
        return
    ends = [task for task in _needed_by(scene, main) if task.wait is not None and _is_plain(scene, task)]
    ends = [task for task in ends if task.id not in told and (task.id != main.id or task.wait.kind not in _PARKED)]  # type: ignore[union-attr]  # not None
    if not ends:
        return
    names = _names(scene, ends)
    evidence: list[Evidence] = [
        scene.evidence(scene.line(task), f"{scene.called(task)} waits here, and nothing is left that could wake it")
        for task in ends
    ]
    yield Finding(
        kind=Kind.STUCK_QUEUE if all(task.wait and task.wait.how == "put" for task in ends) else Kind.STARVED_CONSUMER,
        confidence=Confidence.LIKELY,
        summary=f"nothing can ever happen again in this process, and its main task waits for {names}",
        members=scene.titles(ends),
        victims=scene.titles(scene.waiting_for(task.id for task in ends)),
        evidence=(*dict.fromkeys(evidence), *scene.failures()),
        hint="The loop has no timer, no connection and no other task left: who should have woken it has ended.",
    )


def _left_alone(scene: Scene, told: set[int]) -> Iterator[Finding]:
    """Those that others wait for, at a condition or barrier that nobody alive knows, or what has been made anew.

    Not at an event or a queue: one that nobody knows may be a way to run for ever.
    """
    ends = [
        task
        for task in scene.lasting.values()
        if task.id not in told and task.wait is not None and task.wait.thing is not None and not _limited(task)
        if scene.last.things[task.wait.thing].is_ in _BY_OTHERS or task.wait.replaced
        if scene.alone(task.wait.thing)
    ]
    victims = scene.waiting_for(task.id for task in ends)
    if not ends or not victims:
        return
    yield Finding(
        kind=Kind.STARVED_CONSUMER,
        confidence=Confidence.LIKELY,
        summary=f"{_names(scene, ends)} waits for what nobody who can still go on knows, and others wait for that",
        members=scene.titles(ends),
        victims=scene.titles(victims),
        evidence=(*dict.fromkeys(_lone(scene, task) for task in ends), *scene.failures()),
        hint="Who should have woken it has ended, forgot to notify, or has another one, made anew.",
    )


def _names(scene: Scene, tasks: list[Task]) -> str:
    waits = [(scene.called(task), task.wait) for task in tasks]
    return ", ".join(dict.fromkeys(f"{name} ({wait.kind}.{wait.how})" for name, wait in waits if wait is not None))


def _lone(scene: Scene, task: Task) -> Evidence:
    thing, name = scene.thing(task), scene.called(task)
    if task.wait is not None and task.wait.replaced:
        return scene.evidence(scene.line(task), f"{name} waits here for the {task.wait.kind} that was there before")
    if thing is not None and thing.is_ == "barrier":
        return scene.evidence(scene.line(task), f"{name} waits here, and {thing.size} of {thing.most} have come")
    return scene.evidence(scene.line(task), f"{name} waits here")


def _needed_by(scene: Scene, main: Task) -> list[Task]:
    found = {main.id: main}
    todo = [main]
    while todo:
        wait = todo.pop().wait
        for key in wait.tasks if wait is not None else ():
            task = scene.tasks.get(key)
            if task is not None and key not in found:
                found[key] = task
                todo.append(task)
    return list(found.values())


def _is_plain(scene: Scene, task: Task) -> bool:
    """Waits for a queue, event, condition or future: for nobody that is known."""
    thing = scene.thing(task)
    if thing is not None:
        return thing.is_ in {"queue", "event", "condition", "barrier"} or (thing.is_ == "" and task.wait is not None)
    return task.wait is not None and task.wait.kind == "future"
