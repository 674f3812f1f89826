"""Tasks put together by where they stand: ten thousand that wait at one place are one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.awaits.model import Look, Place, Task
    from soakctl.awaits.scene import Scene

_NAMES = 5


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one coroutine that stand at one place, in one state.

    Attributes:
        pid, coro, state, count: of how many, and where they run.
        called: the outermost function of the program itself.
        ids: of the tasks, within this trace.
        names: of the first few.
        waits: what they wait for, in words.
        made: the line that created them, as `file:line`, or "".
        created: the stack that led there, outermost first, when it was asked for.
        stack: the await chain, outermost first, as (`file:line`, function).
        own: the place in the stack that is the program's own and innermost, as `file:line`.
        youngest_s, oldest_s: ages; None where unknown.
        awaits: the ids of the tasks that they wait for.
    """

    pid: int
    loop: int
    coro: str
    called: str
    state: str
    ids: tuple[int, ...]
    names: tuple[str, ...]
    waits: str
    made: str
    created: tuple[str, ...]
    stack: tuple[tuple[str, str], ...]
    own: str
    youngest_s: float | None
    oldest_s: float | None
    awaits: frozenset[int]

    @property
    def count(self) -> int:
        """How many tasks."""
        return len(self.ids)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the document."""
        return {
            "pid": self.pid,
            "loop": self.loop,
            "coro": self.coro,
            "state": self.state,
            "count": self.count,
            "names": list(self.names),
            "ids": list(self.ids[:_NAMES]),
            "waits_for": self.waits,
            "awaits": sorted(self.awaits)[:_NAMES],
            "made_at": self.made or None,
            "created": list(self.created),
            "at": self.own or None,
            "stack": [{"at": at, "function": function} for at, function in self.stack],
            "youngest_s": self.youngest_s,
            "oldest_s": self.oldest_s,
        }


def groups_of(scene: Scene) -> list[Group]:
    """The tasks of the last look, the largest groups first, else in the order of age."""
    by_place: dict[tuple[Any, ...], list[Task]] = {}
    for task in scene.last.tasks:
        by_place.setdefault((task.loop, task.coro, task.state, task.stack, waits(scene, task), task.made), []).append(
            task
        )
    found = [_group(scene, tasks) for tasks in by_place.values()]
    return sorted(found, key=lambda one: (-(one.oldest_s if one.oldest_s is not None else 1e12), -one.count))


def _group(scene: Scene, tasks: Sequence[Task]) -> Group:
    first, look = tasks[0], scene.last
    ages = [age for task in tasks if (age := scene.age_s(task)) is not None]
    stack = look.stack(first.stack)
    return Group(
        pid=look.pid,
        loop=first.loop,
        coro=first.coro,
        called=scene.called(first),
        state=first.state,
        ids=tuple(task.id for task in tasks),
        names=tuple(task.name for task in tasks[:_NAMES]),
        waits=waits(scene, first),
        made=_last(scene, look, first.made),
        created=tuple(scene.at(place) for place in look.stack(first.created)),
        stack=tuple((scene.at(place), place[2]) for place in stack),
        own=scene.at(scene.own_line(stack)),
        youngest_s=min(ages, default=None),
        oldest_s=max(ages, default=None),
        awaits=frozenset(key for task in tasks for key in (task.wait.tasks if task.wait is not None else ())),
    )


def _last(scene: Scene, look: Look, number: int | None) -> str:
    stack: tuple[Place, ...] = look.stack(number)
    return scene.at(stack[-1]) if stack else ""


def waits(scene: Scene, task: Task) -> str:
    """What a task waits for, in a few words."""
    wait = task.wait
    if wait is None:
        return {"ready": "can go on", "running": "runs", "moved": "has just gone on"}.get(task.state, task.state)
    if wait.kind == "task":
        many = f"{len(wait.tasks)} tasks" if len(wait.tasks) != 1 else "a task"
        some = f"one of {len(wait.tasks)} tasks" if wait.any and len(wait.tasks) > 1 else many
        return f"{some} ({wait.how})" if wait.how else some
    if wait.kind == "sleep":
        return "sleep" if wait.delay_s is None else f"sleep({wait.delay_s:g})"
    if wait.kind == "outside":
        return f"outside: {wait.how}"
    if wait.kind == "serving":
        return f"connections ({wait.how})"
    if wait.kind == "executor":
        return f"a thread of an executor ({wait.state})"
    if wait.kind == "future":
        return "a future"
    thing = scene.thing(task)
    if thing is not None and thing.is_ == "queue":
        return f"{wait.kind}.{wait.how} ({thing.size} of {thing.most or 'any number of'} items)"
    return f"{wait.kind}.{wait.how}"
