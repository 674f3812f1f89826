"""Tasks that are made faster than they end, and coroutines that were made and never run."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Evidence, Finding, Kind
from soakctl.awaits.scene import short
from soakctl.domain.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.model import Look, Place, Task, Unstarted
    from soakctl.awaits.scene import Scene

_FEWEST = 10
_MOST_ENDED = 0.02
_NEARLY_ALL = 0.9
# A task that sleeps for less is on its way: so many a second of such tasks is a steady number of them.
_LONG_SLEEP_S = 120.0
_ON_ITS_WAY = {"outside", "executor", "serving"}


def task_leaks(scene: Scene) -> Iterator[Finding]:
    """Lines whose tasks grow in number from look to look while none of them ends.

    Clients that come and workers that are started grow too: information, unless nobody can wake these tasks any more.
    """
    if len(scene.looks) < 3:  # noqa: PLR2004 - two points are no trend
        return
    sites = [_by_site(look) for look in scene.looks]
    made = {(file, line, name): count for file, line, name, count in scene.last.made}
    for site, now in sites[-1].items():
        counts = [len(each.get(site, {})) for each in sites]
        growing = all(later > earlier for earlier, later in pairwise(counts))
        stays = all(set(each.get(site, {})) <= set(now) for each in sites)
        ended = made.get(site, 0) - len(now)
        if not growing or not stays or len(now) < _FEWEST:
            continue
        parked = [task for task in now.values() if _is_parked(task)]
        if len(parked) >= len(now) * _NEARLY_ALL:  # the last few may still be on their way to where they stay
            lost = [task for task in parked if task.id in scene.last.lost]
            sure = len(lost) >= len(parked) * _NEARLY_ALL
            if sure or ended <= _MOST_ENDED * len(now):
                yield _leak(scene, site, list(now.values()), counts, sure=sure)


def _by_site(look: Look) -> dict[Place, dict[int, Task]]:
    found: dict[Place, dict[int, Task]] = {}
    for task in look.tasks:
        stack = look.stack(task.made)
        if stack:
            found.setdefault(stack[-1], {})[task.id] = task
    return found


def _is_parked(task: Task) -> bool:
    """Waits for something that will not come by itself, or not soon."""
    wait = task.wait
    if task.state != "waiting" or wait is None or task.timeout or wait.timeout or wait.kind in _ON_ITS_WAY:
        return False
    return wait.kind != "sleep" or wait.delay_s is None or wait.delay_s >= _LONG_SLEEP_S


def _leak(scene: Scene, site: Place, tasks: list[Task], counts: list[int], *, sure: bool) -> Finding:
    rate = (counts[-1] - counts[0]) / scene.window_s if scene.window_s > 0 else 0.0
    coro = max({task.coro for task in tasks}, key=lambda name: sum(task.coro == name for task in tasks))
    example = next(task for task in tasks if (task.coro == coro and _is_parked(task)) or task is tasks[-1])
    why = ": nobody is left that could wake them" if sure else "; clients that come or workers that start look alike"
    return Finding(
        kind=Kind.TASK_LEAK,
        confidence=Confidence.LIKELY if sure else Confidence.INFORMATION,
        summary=f"{len(tasks)} tasks of {short(coro)} are alive, {rate:.3g} more every second, "
        f"and none of these has ended{why}",
        members=(f"{short(coro)} ({len(tasks)} tasks)",),
        evidence=(
            scene.evidence(site, f"they are created here: {', '.join(map(str, counts))} of them at the looks"),
            scene.evidence(scene.line(example), f"{short(coro)} waits here"),
        ),
        hint="Await them or keep them in a TaskGroup, and see that what they wait for comes, or has a time limit.",
    )


def never_awaited(scene: Scene) -> Iterator[Finding]:
    """Coroutines that were called and thrown away."""
    for one in scene.last.dropped:
        evidence = [Evidence(scene.at(one.at), f"{short(one.name)}() is called here and its coroutine is thrown away")]
        if one.of is not None:
            evidence.append(Evidence(f"{one.of[0]}:{one.of[1]}", f"{short(one.name)} is defined here"))
        yield Finding(
            kind=Kind.NEVER_AWAITED,
            confidence=Confidence.CERTAIN,
            summary=f"{short(one.name)} was called {counted(one.count, 'time')} without await: it never ran",
            members=(short(one.name),),
            evidence=tuple(evidence),
            hint=f"Write `await {short(one.name)}(...)`, or give it to a task.",
        )


def never_begun(scene: Scene) -> Iterator[Finding]:
    """Coroutines that were made and kept, and that stay as they were over all looks."""
    for one in scene.last.unstarted:
        before = [each for look in scene.looks for each in look.unstarted if (each.name, each.of) == (one.name, one.of)]
        waits = len(before) == len(scene.looks) > 1 and not any(each.active for each in before)
        if not one.kept or not waits or {(each.count, each.gone) for each in before} != {(one.count, one.gone)}:
            continue  # some are begun: others wait for their turn
        name = short(one.name)
        evidence = [] if one.at is None else [scene.evidence(one.at, f"{name}() is called here")]
        yield _kept(one, (*evidence, Evidence(f"{one.of[0]}:{one.of[1]}", f"{name} is defined here")))


def _kept(one: Unstarted, evidence: tuple[Evidence, ...]) -> Finding:
    """Wrong only where nothing that is written does more than put them away."""
    name, many = short(one.name), counted(one.count, "coroutine")
    return Finding(
        kind=Kind.NEVER_AWAITED,
        confidence=Confidence.INFORMATION if one.taken else Confidence.LIKELY,
        summary=f"{many} of {name} made and not begun, kept in {one.kept}; somebody may still begin them"
        if one.taken
        else f"{many} of {name} made and never awaited, kept in {one.kept}, and no code takes anything from there",
        members=(name,),
        evidence=evidence,
        hint=f"Write `await {name}(...)`, or give it to a task, and keep that.",
    )
