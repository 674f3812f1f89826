"""Tasks that wait for each other in a circle: no one of them can ever go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soakctl.awaits.finding import Confidence, Finding, Kind
from soakctl.awaits.model import Holder
from soakctl.awaits.scene import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.finding import Evidence
    from soakctl.awaits.model import Task
    from soakctl.awaits.scene import Need, Scene


def deadlocks(scene: Scene) -> Iterator[Finding]:
    """A finding for each circle. One that a time limit will break is told as likely; one that may end as information.

    A group that waits for a stuck task is ended by any other task of it that fails.
    """
    told: set[int] = set()
    for with_limits, with_failures in ((False, False), (True, False), (True, True)):
        needs = _stuck(scene, with_limits=with_limits, with_failures=with_failures)
        for members in _circles(needs):
            if not told & set(members):
                told |= set(members)
                yield _finding(scene, needs, members, _end(scene, needs, members, limited=with_limits))


def _stuck(scene: Scene, *, with_limits: bool, with_failures: bool) -> dict[int, Need]:
    """The largest set of tasks of which each waits for nothing but others in the set."""
    needs = {}
    for task in scene.lasting.values():
        need = scene.need(task, with_limits=with_limits, with_failures=with_failures)
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


class _End(NamedTuple):
    """What may still end a circle, in words after the sentence that tells it, and how sure that leaves it."""

    words: str
    confidence: Confidence


def _end(scene: Scene, needs: dict[int, Need], members: list[int], *, limited: bool) -> _End:
    tasks = [scene.tasks[key] for key in members]
    free = _others(scene, tasks, needs)
    if free is not None:
        return _End(f", and go on only if {free} fails: that ends the group", Confidence.INFORMATION)
    around = _around_them(scene, members)
    concerned = {*members, *(one.id for one in around)}
    supervisors = [one for one in scene.last.tasks if one.wait is not None and concerned.intersection(one.wait.cancels)]
    for one in supervisors:
        if one.wait is not None and one.wait.timeout:
            words = f", until {scene.called(one)} gives up on them: it waits with a time limit and says cancel()"
            return _End(words, Confidence.INFORMATION)
    if limited or any(one.timeout or _gives_up(one) for one in around):
        return _End("; a time limit will break it, and it can come back", Confidence.LIKELY)
    free = _others(scene, [one for one in around if one.wait is not None and one.wait.how == "TaskGroup"], needs)
    if free is not None:
        return _End(f"; only if {free} fails are they cancelled, with their group", Confidence.LIKELY)
    if supervisors:
        return _End(f"; only {scene.called(supervisors[0])} may still cancel them", Confidence.LIKELY)
    return _End(" and can never go on", Confidence.CERTAIN)


def _others(scene: Scene, waiting: list[Task], needs: dict[int, Need]) -> str | None:
    """Those who can go on in a group that waits for somebody who is stuck, and that ends when one of them fails."""
    for task in waiting:
        if task.wait is not None and task.wait.fails:
            free = [scene.tasks[key] for key in task.wait.tasks if key not in needs and key in scene.tasks]
            if free:
                return _listed([scene.called(one) for one in free], last="or")
            if task.wait.others:
                return "a future in it"
    return None


def _around_them(scene: Scene, members: list[int]) -> list[Task]:
    """The tasks that wait for members, or for others that do."""
    reached = set(members)
    found: list[Task] = []
    grew = True
    while grew:
        new = [
            task
            for task in scene.last.tasks
            if task.id not in reached and task.wait is not None and reached.intersection(task.wait.tasks)
        ]
        found += new
        reached.update(task.id for task in new)
        grew = bool(new)
    return found


def _gives_up(task: Task) -> bool:
    """Whether a time limit of the wait itself cancels what is waited for: those of wait() and as_completed() do not."""
    return task.wait is not None and task.wait.timeout and task.wait.how not in {"wait", "as_completed"}


def _finding(scene: Scene, needs: dict[int, Need], members: list[int], end: _End) -> Finding:
    tasks = [scene.tasks[key] for key in members]
    kinds = {task.wait.kind for task in tasks if task.wait is not None}
    permits = all((thing := scene.thing(task)) is not None and thing.is_ == "semaphore" for task in tasks)
    names = scene.apart(tasks)
    evidence: list[Evidence] = []
    for task in tasks:
        evidence += _steps(scene, task, needs[task.id], names)
    guessed = any(task.wait is not None and task.wait.kind == "future" for task in tasks)
    by_hand = guessed or any(
        task.wait and task.wait.thing is not None and scene.by_hand(task.wait.thing) for task in tasks
    )
    what = "take more permits than there are" if permits else "wait for each other"
    if len(tasks) == 1:
        what = "waits for a permit while it holds them all" if permits else "waits for a lock that it holds itself"
    sure = end.confidence is Confidence.CERTAIN and not by_hand
    return Finding(
        kind=Kind.EXHAUSTED_POOL if permits else Kind.DEADLOCK,
        confidence=end.confidence if sure or end.confidence is not Confidence.CERTAIN else Confidence.LIKELY,
        summary=f"{_listed([names[task.id] for task in tasks])} {what}{end.words}",
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


def _listed(names: list[str], last: str = "and") -> str:
    """Names for a sentence; the same ones counted, many cut."""
    counted = {name: names.count(name) for name in names}
    words = [name if times == 1 else f"{times} x {name}" for name, times in counted.items()]
    if len(words) > 4:  # noqa: PLR2004 - a sentence, not a list
        words = [*words[:3], f"{len(words) - 3} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _steps(scene: Scene, task: Task, need: Need, called: dict[int, str]) -> Iterator[Evidence]:
    """Where a member waits, and where what it waits for was taken."""
    wait = task.wait
    assert wait is not None
    wanted = [scene.tasks[key] for key in sorted(need.tasks) if key in scene.tasks]
    names = _listed([called.get(one.id, scene.called(one)) for one in wanted])
    name = called[task.id]
    here = scene.line(task)
    if wait.thing is None:
        if wait.kind == "future":
            yield scene.evidence(here, f"{name} waits here for a future that {names} alone would set")
            return
        if wait.lock:
            yield scene.evidence(here, f"{name} waits here for a {wait.how} held by {names}")
            return
        how = f" ({wait.how})" if wait.how else ""
        yield scene.evidence(here, f"{name} waits here for {names} to end{how}")
        return
    thing = scene.last.things[wait.thing]
    yield scene.evidence(here, f"{name} waits here for a {thing.kind} held by {names}")
    for holder in scene.holders(wait.thing):
        if isinstance(holder, Holder):
            owner = scene.tasks.get(holder.task or 0)
            who = short(owner.coro if owner is not None else holder.at[2])
            who = called.get(holder.task or 0, who)
            yield scene.evidence(holder.at, f"{who} took that {thing.kind} here, {scene.held_s(holder):.1f} s ago")
