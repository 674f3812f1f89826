"""One look: all tasks of all loops, where each one stands, what it waits for, and what else goes on.

Read on the loop's own thread, where all its coroutines are suspended: ids and edges in one slice, the rest in short
ones. Only a loop that does not answer is read from outside: it stands still.
"""

from __future__ import annotations

import asyncio
import json
import os
from time import monotonic

from . import failed, loops, notes, threads, unstarted
from .chains import Stacks, line_of, links, mark
from .collector import Rest
from .owners import cancelled, held
from .question import in_question
from .things import Things

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ANSWER_S = 1.0
_HOOKS = os.path.join(os.path.dirname(__file__), "hooks.py")
_OWNED = {"lock", "semaphore"}
_MANY = 10
# How many tasks of a line were parked at the look before: what grows is looked at more closely.
_parked_before: dict[tuple[int, int], int] = {}


class Look:
    """What is gathered in answer to one question; nothing of it outlives the answer."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.stacks = Stacks()
        self.things = Things()
        self.never: list[dict[str, Any]] = []
        # As text, a row at a time: many objects would call the collector, and one large encoder holds the GIL.
        self.rows: list[str] = []
        self.pauses: list[float] = []
        self._todo: list[tuple[Any, Any]] = []
        self._parked: list[Any] = []
        self._sites: dict[tuple[int, int], int] = {}
        self.reached: dict[str, Any] = {}

    def take(self, tasks: list[Any], thread: int | None, loop: Any, *, answers: bool) -> None:
        """Describe the tasks of one loop."""
        current = None if answers else asyncio.tasks.current_task(loop) if thread is not None else None
        if not answers:
            self._begin(tasks)
            self._go_on(float("inf"), current)
            return
        if not loops.on_loop(loop, lambda: self._timed(lambda: self._begin(tasks)), _ANSWER_S):
            self._begin(tasks)
        while self._todo:
            slice_ = lambda: self._timed(lambda: self._go_on(monotonic() + loops.SLICE_S, None))  # noqa: E731
            if not loops.on_loop(loop, slice_, _ANSWER_S):
                self._go_on(float("inf"), None)

    def _timed(self, work: Any) -> None:
        began = monotonic()
        work()
        self.pauses.append(monotonic() - began)

    def _begin(self, tasks: list[Any]) -> None:
        """Who waits for what, of all tasks at one moment."""
        self._todo = [(task, getattr(task, "_fut_waiter", None)) for task in tasks if not task.done()]
        self._todo.reverse()

    def _go_on(self, until: float, current: Any) -> None:
        while self._todo and monotonic() < until:
            task, waiter = self._todo.pop()
            try:
                row = self._row(task, waiter, current)
            except Exception as error:  # one odd task must not hide the others
                said = f"unreadable: {error!r}"
                row = {"id": mark(task), "name": "", "coro": said, "state": "unreadable", "loop": id(task.get_loop())}
            self.rows.append(json.dumps(row, separators=(",", ":")))

    def _row(self, task: Any, waiter: Any, current: Any) -> dict[str, Any]:
        coro = task.get_coro()
        chain = links(coro)
        found = [frame for frame, _ in chain if frame.f_code.co_filename != _HOOKS]
        made = getattr(task, "_soak", None)
        row: dict[str, Any] = {
            "id": mark(task),
            "name": str(task.get_name()),
            "coro": getattr(coro, "__qualname__", None) or repr(coro)[:80],
            "loop": id(task.get_loop()),
            "made_s": None if made is None else made[0],
            "made": None if made is None else self.stacks.of((made[1],)),
            "created": self.stacks.of(tuple(made[2][::-1])) if made is not None and made[2] else None,
            "stack": self.stacks.of_frames(found),
        }
        if task is current:
            return {**row, "state": "running"}
        if waiter is None or waiter.done():
            return {**row, "state": "ready"}
        if getattr(task, "_fut_waiter", None) is not waiter:
            return {**row, "state": "moved"}
        row |= {"state": "waiting", "waiter": mark(waiter), "wait": self.things.wait_of(waiter, found)}
        row |= self._held(coro, row["wait"]) | cancelled(task, chain)
        if row.get("swallowed"):
            from .again import again  # few are ever asked

            row["again"] = again(chain)
        if not row.get("timeout") and not row["wait"].get("timeout") and not row["wait"].get("others"):
            self._park(task, waiter, row["wait"])
        return row

    def _park(self, task: Any, waiter: Any, wait: dict[str, Any]) -> None:
        """Note it if it goes on only when another gives it something."""
        if wait.get("tasks") or "thing" in wait or wait["kind"] == "future":
            self._parked.append((task, wait, waiter))
            made = getattr(task, "_soak", None)
            if made is not None and not wait.get("tasks"):
                key = (id(made[1][0]), made[1][1])
                self._sites[key] = self._sites.get(key, 0) + 1

    def look_further(self, tasks: list[Any], alive: list[tuple[int | None, Any]]) -> str:
        """What takes longer; why it failed, "" for nothing: then nobody can say that nothing is wrong."""
        try:
            self.search(tasks, alive)
            if alive:  # coroutines that nobody has begun to await, asked for on the loop's thread
                ask = lambda: self.never.extend(unstarted.rows(tasks))  # noqa: E731
                loops.on_loop(alive[0][1], lambda: self._timed(ask), _ANSWER_S)
        except Exception as error:
            return repr(error)[:200]
        return ""

    def search(self, tasks: list[Any], alive: list[tuple[int | None, Any]]) -> None:
        """Where that matters, find out whether anybody who can go on knows what others wait for."""
        before = dict(_parked_before)
        _parked_before.clear()
        _parked_before.update((key, count) for key, count in self._sites.items() if count >= _MANY)
        grown = any(count > before.get(key, count) for key, count in _parked_before.items())
        if not in_question(self.things.rows, self._parked) and not grown:
            return
        from .reach import Parked, Reach  # a program that is well does not pay for it

        found = Reach(self.things.rows, self.things.objects, [Parked(*one) for one in self._parked])
        self._parked.clear()  # references are counted there
        found.begin(tasks, [loop for _, loop in alive], {thread for thread, _ in alive})
        over: list[bool] = []
        loop = alive[0][1] if alive else None
        step = lambda: self._timed(lambda: over.append(found.go_on(monotonic() + loops.SLICE_S)))  # noqa: E731
        while not any(over):
            if loop is None or not loops.on_loop(loop, step, _ANSWER_S):
                over.append(found.go_on(float("inf")))
        found.finish()
        self.reached = {"lost": found.lost if grown else [], "setters": found.setters}

    def _held(self, coro: Any, wait: dict[str, Any]) -> dict[str, Any]:
        """What the coroutine is inside of, where the hooks have not noted it or a time limit may matter."""
        thing = self.things.rows.get(wait.get("thing", 0), {})
        if "locks" in notes.HELD and thing.get("is") not in _OWNED and not wait.get("lock"):
            return {}
        inside, limited = held(coro)
        found: dict[str, Any] = {"timeout": True} if limited else {}
        if "locks" not in notes.HELD:
            found["holds"] = [self.things.add(one) for one in inside]
        return found


def look() -> tuple[dict[str, Any], list[str]]:
    """Everything but the tasks, and the tasks as text."""
    with Rest():
        return _look()


def _look() -> tuple[dict[str, Any], list[str]]:
    began = monotonic()
    seen = Look()
    tasks = loops.all_tasks()
    alive = loops.running()
    described = []
    for thread, loop in alive:
        try:
            asked = loops.ping(loop)
        except RuntimeError:  # closed a moment ago
            continue
        answers = asked.wait(_ANSWER_S)
        described.append(loops.describe(thread, loop, asked.lag_s, answered=answers))
        seen.take([task for task in tasks if task.get_loop() is loop], thread, loop, answers=answers)
    running = {id(loop) for _, loop in alive}
    for task in tasks:  # of loops that stand still between two runs
        if id(task.get_loop()) not in running:
            seen.take([task], None, task.get_loop(), answers=False)
    trouble = seen.look_further(tasks, alive)
    by_thread = {thread: id(loop) for thread, loop in alive if thread is not None}
    rows, pools = threads.describe(seen.stacks, by_thread)
    document = {
        "loops": described,
        "threads": rows,
        "pools": {str(key): value for key, value in pools.items()},
        "things": {str(key): value for key, value in seen.things.rows.items()},
        **seen.reached,
        "failed": failed.rows(),
        "made": _made(),
        "dropped": _dropped(),
        "unstarted": seen.never,
        "stacks": seen.stacks.rows,
        "hooks": list(notes.HELD),
        **_times(seen, began),
        "trouble": trouble,
    }
    return document, seen.rows


def _times(seen: Look, began: float) -> dict[str, float]:
    pause = max(seen.pauses, default=0.0)
    return {
        "pause_ms": round(pause * 1000, 3),
        "took_ms": round((monotonic() - began) * 1000, 3),
        "at_s": began,
    }


def _made() -> list[list[Any]]:
    """How many tasks each line has created."""
    most = sorted(notes.MADE.values(), key=lambda one: -one[0])[:200]
    return [[code.co_filename, line_of(code, at), code.co_qualname, count] for count, code, at in most]


def _dropped() -> list[dict[str, Any]]:
    """Coroutines that were made and thrown away without being awaited."""
    return [
        {
            "name": name,
            "count": count,
            "at": [code.co_filename, line_of(code, at), code.co_qualname],
            "of": notes.NEVER_MADE.get(name),
        }
        for (name, code, at), count in list(notes.DROPPED.items())
    ]
