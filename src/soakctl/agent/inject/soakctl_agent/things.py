"""What a task waits for: the lock, queue, task or timer behind the future, and who holds or feeds it."""

from __future__ import annotations

import asyncio
import os

from .chains import line_of, mark
from .failed import died_owing
from .givers import puts_back, replaced
from .owners import held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_HOME = os.path.dirname(asyncio.__file__) + os.sep
_OUTSIDE = {"streams", "selector_events", "base_events", "base_subprocess", "subprocess", "proactor_events", "sslproto"}
_SERVING = {"serve_forever", "wait_closed"}
_MANY = 50
_IN_A_BARRIER = 3  # frames: its own, and two of the Condition that it waits for
_OF_BARRIERS = {"_wait", "_block"}


class Things:
    """The locks, queues and so on that tasks were found waiting for, by their marks."""

    def __init__(self) -> None:
        """Empty."""
        self.rows: dict[int, dict[str, Any]] = {}
        self.objects: dict[int, Any] = {}
        self._asked: dict[tuple[int, int], bool] = {}

    def add(self, thing: Any) -> int:
        """Describe it, once."""
        number = mark(thing)
        if number not in self.rows:
            self.rows[number] = _describe(thing)
            self.objects[number] = thing
        return number

    def wait_of(self, waiter: Any, chain: list[FrameType]) -> dict[str, Any]:
        """What the future that a task waits for stands for. `chain` is where the task is, outermost first."""
        if isinstance(waiter, asyncio.Task):
            return {"kind": "task", "tasks": [mark(waiter)]}
        children = getattr(waiter, "_children", None)
        if children is not None:
            return {"kind": "task", "how": "gather", "tasks": _tasks(children), **_others(children)}
        found = self._by_frame(chain[-1], chain) if chain else None
        return found or _behind(waiter) or {"kind": "future"}

    def _by_frame(self, frame: FrameType, chain: list[FrameType]) -> dict[str, Any] | None:
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        if not path.startswith(_HOME):
            return _foreign(frame)
        module = path[len(_HOME) : -3]
        here = frame.f_locals
        owner = here.get("self")
        if module in {"locks", "queues"} and owner is not None:
            return self._of_thing(owner, name, chain)
        if module == "tasks" and name == "sleep":
            return {"kind": "sleep", "delay_s": _number(here.get("delay"))}
        if module == "tasks" and name == "_wait":
            pending = here.get("fs") or ()
            every = here.get("return_when") == "ALL_COMPLETED"
            found = {"kind": "task", "how": "wait", "any": not every, "tasks": _tasks(pending), **_others(pending)}
            return {**found, "timeout": here.get("timeout") is not None}
        if module == "tasks" and name == "wait_for":
            return {"kind": "task", "how": "wait_for", "tasks": _tasks([here.get("fut")]), "timeout": True}
        if module == "tasks" and name == "_cancel_and_wait":
            return {"kind": "task", "how": "cancel", "tasks": _tasks([here.get("fut")])}
        if module == "taskgroups":
            return {"kind": "task", "how": "TaskGroup", "tasks": _tasks(getattr(owner, "_tasks", ()))}
        if name in _SERVING:
            return {"kind": "serving", "how": name}
        if module in _OUTSIDE:
            of = f"{type(owner).__name__}." if owner is not None else ""
            return {"kind": "outside", "how": f"{of}{name}"}
        return None

    def _of_thing(self, owner: Any, how: str, chain: list[FrameType]) -> dict[str, Any]:
        """A wait for a lock, queue and so on. `replaced`: the code has another one by now."""
        depth = len(chain) - 2
        while depth >= 0 and chain[depth].f_code.co_filename.startswith(_HOME):
            depth -= 1
        own = chain[depth] if depth >= 0 else None
        if len(chain) > _IN_A_BARRIER and chain[-_IN_A_BARRIER].f_code.co_name in _OF_BARRIERS:
            barrier = chain[-_IN_A_BARRIER].f_locals.get("self")
            owner, how = (barrier, "wait") if isinstance(barrier, asyncio.Barrier) else (owner, how)
        elif how == "wait" and len(chain) > 1 and chain[-2].f_code is asyncio.Queue.join.__code__:
            owner, how = chain[-2].f_locals.get("self", owner), "join"
        number = self.add(owner)
        found = {"kind": type(owner).__name__, "how": how, "thing": number}
        if own is not None and self._is_replaced(number, own, owner, how):
            found["replaced"] = True
        return found

    def _is_replaced(self, number: int, own: FrameType, owner: Any, how: str) -> bool:
        """Asked once for a thing and the code that waits for it: thousands of tasks wait at one line."""
        key = (number, id(own.f_code))  # to hash code takes longer
        if key not in self._asked:
            if how == "get" and puts_back(own, owner):
                self.rows[number]["pool"] = True
            self._asked[key] = replaced(own, owner)
        return self._asked[key]


def _foreign(frame: FrameType) -> dict[str, Any] | None:
    """Locks of other libraries that know their owner, and groups that know their tasks, as anyio's do."""
    here = frame.f_locals.get("self")
    tasks = getattr(here, "_tasks", None)
    if frame.f_code.co_name == "__aexit__" and isinstance(tasks, (set, list)) and tasks:
        return {"kind": "task", "how": type(here).__name__, "tasks": _tasks(tasks)}
    owner = getattr(here, "_owner_task", None)
    if isinstance(owner, asyncio.Task):
        return {"kind": "task", "how": type(here).__name__, "tasks": [mark(owner)], "lock": True}
    return None


def _behind(waiter: Any) -> dict[str, Any] | None:
    """The task behind shield(), or the executor's future behind run_in_executor(): both hide in a callback."""
    for callback, *_context in getattr(waiter, "_callbacks", None) or ():
        names = getattr(getattr(callback, "__code__", None), "co_freevars", ())
        for name, cell in zip(names, getattr(callback, "__closure__", None) or (), strict=False):
            try:
                inner = cell.cell_contents
            except ValueError:
                continue
            if name == "cur_task":  # since 3.14 shield() knows who called it, too
                continue
            if isinstance(inner, asyncio.Task):
                return {"kind": "task", "how": "shield", "tasks": [] if inner.done() else [mark(inner)]}
            state = getattr(inner, "_state", None)
            if type(inner).__module__ == "concurrent.futures._base":
                of = task_behind(inner)
                if of is not None:
                    return {"kind": "task", "how": "run_coroutine_threadsafe", "tasks": [mark(of)]}
                return {"kind": "executor", "state": str(state).lower()}
    return None


def task_behind(future: Any) -> Any:
    """The task of another loop that gives a thread's future its result."""
    for callback in getattr(future, "_done_callbacks", None) or ():
        code = getattr(callback, "__code__", None)
        for name, cell in zip(
            getattr(code, "co_freevars", ()), getattr(callback, "__closure__", None) or (), strict=False
        ):
            try:
                one = cell.cell_contents
            except ValueError:
                continue
            if name == "source" and isinstance(one, asyncio.Task) and not one.done():
                return one
    return None


def _tasks(found: Any) -> list[int]:
    return [mark(one) for one in list(found) if isinstance(one, asyncio.Task) and not one.done()]


def _others(found: Any) -> dict[str, Any]:
    """Futures among them that are no tasks, and can be done by anybody."""
    others = sum(1 for one in found if asyncio.isfuture(one) and not isinstance(one, asyncio.Task) and not one.done())
    return {"others": others} if others else {}


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if abs(found) < 1e15 else None  # noqa: PLR2004 - what JSON and people can take


def _describe(thing: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(thing).__name__, "waiters": len(getattr(thing, "_waiters", None) or ())}
    noted = getattr(thing, "_soak", None)
    if isinstance(thing, asyncio.Lock):
        locked = bool(thing.locked())
        found |= {"is": "lock", "locked": locked, "holders": _holders(thing, [noted] if noted and locked else [])}
    elif isinstance(thing, asyncio.Semaphore):
        held = _holders(thing, (noted or ())[:_MANY])
        found |= {"is": "semaphore", "value": thing._value, "holders": held, "held": len(noted or ())}
    elif isinstance(thing, asyncio.Queue):
        found |= {"is": "queue", "size": thing.qsize(), "most": thing.maxsize}
        found |= {"getters": len(thing._getters), "putters": len(thing._putters)}  # type: ignore[attr-defined]
        joined = bool(getattr(getattr(thing, "_finished", None), "_waiters", None))
        found |= {"unfinished": getattr(thing, "_unfinished_tasks", 0), "joined": joined, **_feeders(noted or {})}
    elif isinstance(thing, asyncio.Event):
        found |= {"is": "event", "set": thing.is_set()}
    elif isinstance(thing, asyncio.Condition):
        found |= {"is": "condition"}
    elif isinstance(thing, asyncio.Barrier):
        found |= {"is": "barrier", "size": thing.n_waiting, "most": thing.parties}
    return found


def _holders(thing: Any, noted: Any) -> list[dict[str, Any]]:
    """Who took it. `inside`: an `async with` that the task is in gives it back; else anybody may do that."""
    inside: dict[int, int] = {}
    found = []
    for note in noted:
        task = note[0]() if note[0] is not None else None
        if task is not None and not task.done() and id(task) not in inside:
            inside[id(task)] = _times_inside(task, thing)
        left = inside.get(id(task), 0)
        inside[id(task)] = left - 1
        found.append({**_holder(note, task), "inside": left > 0})
    return found


def _times_inside(task: Any, thing: Any) -> int:
    coro = task.get_coro()
    if getattr(coro, "cr_running", False):
        return 0
    return sum(one is thing for one in held(coro)[0])


def _holder(note: Any, task: Any) -> dict[str, Any]:
    """Who took it, and where. `ended`: the task that took it is no more."""
    owner, code, instruction, since = note
    return {
        "task": mark(task) if task is not None else None,
        "ended": owner is not None and (task is None or task.done()),
        "died": died_owing(task) if task is not None and task.done() else "",
        "at": (code.co_filename, line_of(code, instruction), code.co_qualname),
        "since_s": since,
    }


def _feeders(noted: dict[Any, Any]) -> dict[str, Any]:
    feeders = []
    for key, one in list(noted.items()):
        if key is not None:
            task = one.ref()
            where = one.where
            feeders.append(
                {
                    "task": mark(task) if task is not None and not task.done() else None,
                    "name": one.name,
                    "puts": one.count,
                    "ended": one.ended or ("finished" if task is None or task.done() else ""),
                    "at": (one.code.co_filename, line_of(one.code, one.instruction), one.code.co_qualname),
                    "where": None if where is None else (where[0].co_filename, line_of(*where), where[0].co_qualname),
                }
            )
    return {"feeders": feeders, "other_puts": noted.get(None, 0)}
