"""An event loop that does not come round: something runs, or waits, on its thread without giving way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Evidence, Finding, Kind
from soakctl.awaits.locks import circle, lock_evidence
from soakctl.awaits.scene import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.model import Loop, Thread, ThreadWait
    from soakctl.awaits.scene import Scene

BLOCKED_MS = 1000.0
_LOOKS = 2
_ON_THREADS = {"result", "join", "lock"}


def blocked_loops(scene: Scene) -> Iterator[Finding]:
    """A finding for each loop that took over a second to answer, at least twice."""
    for loop in scene.last.loops:
        slow = [each for look in scene.looks for each in look.loops if each.id == loop.id and each.lag_ms >= BLOCKED_MS]
        thread = next((one for one in scene.last.threads if one.id == loop.thread), None)
        if len(slow) < min(_LOOKS, len(scene.looks)) or loop.lag_ms < BLOCKED_MS or thread is None:
            continue
        if thread.wait is not None and thread.wait.kind == "select":
            continue  # it came round in this very moment
        if circle(scene, thread):
            continue  # told as a deadlock of threads
        yield _for_each_other(scene, loop, thread) or _blocked(scene, loop, thread)


def _for_each_other(scene: Scene, loop: Loop, thread: Thread) -> Finding | None:
    """The loop's thread waits for a thread that waits for the loop, or for a result that only the loop can give."""
    wait = thread.wait
    if wait is None or wait.kind not in _ON_THREADS or wait.timeout:
        return None
    here = scene.own_line(scene.last.stack(thread.stack))
    if wait.loop == loop.id:
        return _for_itself(scene, loop, thread, wait)
    others = [one for one in scene.last.threads if one.wait is not None and _waits_for(one, loop)]
    if not others:
        return None
    joined = wait.kind == "join" and any(one.id == wait.thread for one in others)
    other = next((one for one in others if one.id == wait.thread), others[0])
    assert other.wait is not None
    what = f"thread {other.name}" if joined else f"{wait.how or 'a lock'}"
    there = scene.own_line(scene.last.stack(other.stack))
    return Finding(
        kind=Kind.THREAD_LOOP_DEADLOCK,
        confidence=Confidence.CERTAIN if joined else Confidence.LIKELY,
        summary=f"the event loop and thread {other.name} wait for each other and can never go on",
        members=(scene.thread_title(thread), scene.thread_title(other)),
        victims=_tasks_of(scene, loop),
        evidence=(
            scene.evidence(here, f"the loop's thread waits here for {what}"),
            *lock_evidence(scene, thread)[1:],
            scene.evidence(
                there, f"thread {other.name} waits here for {short(other.wait.coro or 'a coroutine')} of the loop"
            ),
        ),
        hint="Never wait for a thread on the loop's own thread: use await asyncio.to_thread() or an asyncio lock.",
    )


def _for_itself(scene: Scene, loop: Loop, thread: Thread, wait: ThreadWait) -> Finding:
    """The loop's thread waits for what only a coroutine or a callback of that loop gives."""
    here = scene.own_line(scene.last.stack(thread.stack))
    if wait.kind == "result":
        what = f"the result of {short(wait.coro)}" if wait.coro else "a result"
        said, proof = f"{what}, which only that loop can give", "waits here for a coroutine of its own loop"
        hint = "Await the coroutine instead of calling .result(); run_coroutine_threadsafe is for other threads."
    else:
        said = f"{wait.how}, which a callback of that loop would end"
        proof, hint = "waits here, and the callback is queued behind it", "Await an asyncio.Event or a future instead."
    return Finding(
        kind=Kind.THREAD_LOOP_DEADLOCK,
        confidence=Confidence.CERTAIN if wait.kind == "result" else Confidence.LIKELY,
        summary=f"the event loop waits on its own thread for {said}",
        members=(scene.thread_title(thread),),
        victims=_tasks_of(scene, loop),
        evidence=(scene.evidence(here, f"the loop's thread {proof}"),),
        hint=hint,
    )


def _waits_for(thread: Thread, loop: Loop) -> bool:
    wait = thread.wait
    return wait is not None and wait.kind == "result" and wait.loop == loop.id and not wait.timeout


def _blocked(scene: Scene, loop: Loop, thread: Thread) -> Finding:
    stack = scene.last.stack(thread.stack)
    here, inner = scene.own_line(stack), stack[-1] if stack else None
    task = next((one for one in scene.last.tasks if one.state == "running" and one.loop == loop.id), None)
    who = f" in task {scene.title(task)}" if task is not None else ""
    evidence = [scene.evidence(here, f"this line holds the loop's thread{who}")] if here is not None else []
    if inner is not None and here is not None and inner != here:
        evidence.append(scene.evidence(inner, f"it is inside {inner[2]}"))
    evidence += lock_evidence(scene, thread)[1:]
    if task is not None:
        evidence += _created(scene, task.made)
    where = f" at {here[0].rpartition('/')[2]}:{here[1]} ({short(here[2])})" if here is not None else ""
    kept = f"for {loop.lag_ms / 1000:.1f} s" if loop.answered else f"for over {loop.lag_ms / 1000:.1f} s so far"
    return Finding(
        kind=Kind.BLOCKED_LOOP,
        confidence=Confidence.CERTAIN if here is not None else Confidence.LIKELY,
        summary=f"the event loop is blocked {kept} by a call that does not give way{where}",
        members=(scene.title(task) if task is not None else scene.thread_title(thread),),
        victims=_tasks_of(scene, loop, but=task.id if task is not None else None),
        evidence=tuple(evidence),
        hint="Use the asynchronous call of that library, or await asyncio.to_thread(...).",
    )


def _created(scene: Scene, made: int | None) -> list[Evidence]:
    stack = scene.last.stack(made)
    return [scene.evidence(stack[-1], "the task was created here")] if stack else []


def _tasks_of(scene: Scene, loop: Loop, *, but: int | None = None) -> tuple[str, ...]:
    return scene.titles(task for task in scene.last.tasks if task.loop == loop.id and task.id != but)
