"""Tasks that wait for each other in a circle: no one of them can ever go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind
from soakctl.awaits.model import Holder
from soakctl.awaits.scene import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.finding import Evidence
    from soakctl.awaits.model import Task
    from soakctl.awaits.scene import Need, Scene


def deadlocks(scene: Scene) -> Iterator[Finding]:
    """A finding for each circle; one that a time limit will break is told as likely."""
    told: set[int] = set()
    for with_limits in (False, True):
        needs = _stuck(scene, with_limits=with_limits)
        for members in _circles(needs):
            if not told & set(members):
                told |= set(members)
                yield _finding(scene, needs, members, limited=with_limits)


def _stuck(scene: Scene, *, with_limits: bool) -> dict[int, Need]:
    """The largest set of tasks of which each waits for nothing but others in the set."""
    needs = {}
    for task in scene.lasting.values():
        need = scene.need(task, with_limits=with_limits)
        if need is not None:
            needs[task.id] = need
    while True:
        free = [key for key, need in needs.items() if not _is_stuck(need, needs)]
        if not free:
            return needs
        for key in free:
            del needs[key]


def _is_stuck(need: Need, stuck: dict[int, Need]) -> bool:
    return need.tasks <= stuck.keys() if need.any else bool(need.tasks & stuck.keys())


def _circles(needs: dict[int, Need]) -> Iterator[list[int]]:
    """Groups of tasks that can all be reached from each other, each in the order of a walk around it."""
    edges = {key: sorted(need.tasks & needs.keys()) for key, need in needs.items()}
    reach = {key: _reached(edges, key) for key in edges}
    done: set[int] = set()
    for key in sorted(edges):
        if key in done or key not in reach[key]:
            continue
        group = {other for other in reach[key] if key in reach[other]}
        done |= group
        yield _around(edges, key, group)


def _reached(edges: dict[int, list[int]], start: int) -> set[int]:
    found: set[int] = set()
    todo = list(edges[start])
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += edges[here]
    return found


def _around(edges: dict[int, list[int]], start: int, group: set[int]) -> list[int]:
    walk = [start]
    while True:
        ahead = [key for key in edges[walk[-1]] if key in group and key not in walk]
        if not ahead:
            break
        walk.append(ahead[0])
    return walk + sorted(group - set(walk))


def _finding(scene: Scene, needs: dict[int, Need], members: list[int], *, limited: bool) -> Finding:
    tasks = [scene.tasks[key] for key in members]
    kinds = {task.wait.kind for task in tasks if task.wait is not None}
    permits = all((thing := scene.thing(task)) is not None and thing.is_ == "semaphore" for task in tasks)
    evidence: list[Evidence] = []
    for task in tasks:
        evidence += _steps(scene, task, needs[task.id])
    guessed = any(task.wait is not None and task.wait.kind == "future" for task in tasks)
    by_hand = guessed or any(
        task.wait and task.wait.thing is not None and scene.by_hand(task.wait.thing) for task in tasks
    )
    what = "take more permits than there are" if permits else "wait for each other"
    if len(tasks) == 1:
        what = "waits for a permit while it holds them all" if permits else "waits for a lock that it holds itself"
    end = "; a time limit will break it, and it can come back" if limited else " and can never go on"
    return Finding(
        kind=Kind.EXHAUSTED_POOL if permits else Kind.DEADLOCK,
        confidence=Confidence.LIKELY if limited or by_hand else Confidence.CERTAIN,
        summary=f"{_listed([scene.called(task) for task in tasks])} {what}{end}",
        members=scene.titles(tasks),
        victims=scene.titles(scene.waiting_for(members)),
        evidence=tuple(dict.fromkeys(evidence)),
        hint=_hint(
            permits=permits,
            answer=guessed,
            alone=len(tasks) == 1,
            locks="Lock" in kinds or any(task.wait is not None and task.wait.lock for task in tasks),
        ),
    )


def _hint(*, permits: bool, answer: bool, alone: bool, locks: bool) -> str:
    if answer:
        return "Do not wait for an answer while you hold what the one who gives it needs."
    if permits:
        return "Do not ask for another permit while you hold one, or ask for all of them at once."
    if alone and locks:
        return "asyncio.Lock cannot be taken twice by one task: pass on that it is held, or take it in one place."
    return "Take the locks in the same order everywhere." if locks else "Let one of them finish without the other."


def _listed(names: list[str]) -> str:
    """Names for a sentence; the same ones counted, many cut."""
    counted = {name: names.count(name) for name in names}
    words = [name if times == 1 else f"{times} x {name}" for name, times in counted.items()]
    if len(words) > 4:  # noqa: PLR2004 - a sentence, not a list
        words = [*words[:3], f"{len(words) - 3} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _steps(scene: Scene, task: Task, need: Need) -> Iterator[Evidence]:
    """Where a member waits, and where what it waits for was taken."""
    wait = task.wait
    assert wait is not None
    wanted = [scene.tasks[key] for key in sorted(need.tasks) if key in scene.tasks]
    names = _listed([scene.called(one) for one in wanted])
    here = scene.line(task)
    if wait.thing is None:
        if wait.kind == "future":
            yield scene.evidence(here, f"{scene.called(task)} waits here for a future that {names} alone would set")
            return
        if wait.lock:
            yield scene.evidence(here, f"{scene.called(task)} waits here for a {wait.how} held by {names}")
            return
        how = f" ({wait.how})" if wait.how else ""
        yield scene.evidence(here, f"{scene.called(task)} waits here for {names} to end{how}")
        return
    thing = scene.last.things[wait.thing]
    yield scene.evidence(here, f"{scene.called(task)} waits here for a {thing.kind} held by {names}")
    for holder in scene.holders(wait.thing):
        if isinstance(holder, Holder):
            owner = scene.tasks.get(holder.task or 0)
            who = short(owner.coro if owner is not None else holder.at[2])
            yield scene.evidence(holder.at, f"{who} took that {thing.kind} here, {scene.held_s(holder):.1f} s ago")
