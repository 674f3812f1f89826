"""The threads of the process: their stacks, and what a thread that waits is waiting for."""

from __future__ import annotations

import _thread
import sys
from types import MethodType

from . import aside
from .loops import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .chains import Stacks

_DEEPEST = 60
_WAITS = {"join", "_wait_for_tstate_lock", "wait", "acquire", "result", "get", "put", "exception"}
_HAND_OVER = {"threading", "queue"}
_GIVING = {"set", "release", "notify", "notify_all", "put", "put_nowait"}


def stack_of(frame: FrameType | None) -> list[FrameType]:
    """The frames of a running stack, outermost first."""
    found: list[FrameType] = []
    while frame is not None and len(found) < _DEEPEST:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]


def describe(stacks: Stacks, loops: dict[int, int]) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """All threads but the agent's own, and the pools that some of them work for. `loops`: loop by thread."""
    threading = sys.modules.get("threading")
    known = dict(getattr(threading, "_active", {}))
    mine = {_thread.get_ident(), *aside.IDENTS}
    rows: list[dict[str, Any]] = []
    pools: dict[int, dict[str, Any]] = {}
    frames: dict[int, list[FrameType]] = {}
    for ident, frame in aside.frames_of_others().items():
        if ident in mine:
            continue
        found = stack_of(frame)
        thread = known.get(ident)
        rows.append(
            {
                "id": ident,
                "name": str(getattr(thread, "name", f"thread {ident}")),
                "daemon": bool(getattr(thread, "daemon", False)),
                "stack": stacks.of_frames(found),
                "loop": loops.get(ident),
                "wait": _wait_of(found),
                "pool": _pool_of(found, pools),
            }
        )
        frames[ident] = found
        if rows[-1]["loop"] is not None and rows[-1]["wait"] and rows[-1]["wait"]["kind"] == "lock":
            _own_loop(rows[-1], found)
    _holders(rows, frames)
    return rows, pools


def _wait_of(found: list[FrameType]) -> dict[str, Any] | None:
    """What the thread is blocked on, as far as its frames say."""
    for frame in reversed(found[-4:]):
        module = frame.f_globals.get("__name__")
        name = frame.f_code.co_name
        if module == "concurrent.futures._base" and name in {"result", "exception"}:
            future = frame.f_locals.get("self")
            return {
                "kind": "result",
                "loop": getattr(future, "_soak_loop", None) or _loop_behind(future),
                "coro": getattr(future, "_soak_coro", None),
                "state": str(getattr(future, "_state", "")).lower(),
                "timeout": frame.f_locals.get("timeout") is not None,
            }
        if module == "threading" and name in {"join", "_wait_for_tstate_lock"}:
            thread = frame.f_locals.get("self")
            if getattr(thread, "ident", None) is not None:
                return {"kind": "join", "thread": thread.ident}  # type: ignore[union-attr]  # not None
        if module == "selectors" or (module == "select" and name == "select"):
            return {"kind": "select"}
    inner = found[-1]
    module, name = inner.f_globals.get("__name__"), inner.f_code.co_name
    if module == "concurrent.futures.thread" and name == "_worker":
        return {"kind": "idle"}
    if module in _HAND_OVER and name in _WAITS:
        return _hand_over(found)
    return _lock_at(inner)


def _hand_over(found: list[FrameType]) -> dict[str, Any]:
    """A wait for an Event, Condition, Queue and so on: the outermost of the frames that these are made of."""
    last = found[-1]
    for frame in reversed(found[-4:]):
        if frame.f_globals.get("__name__") not in _HAND_OVER:
            break
        last = frame
    module, kind = last.f_globals.get("__name__"), type(last.f_locals.get("self")).__name__
    limit = any(
        frame.f_locals.get("timeout") is not None
        for frame in found[-4:]
        if frame.f_globals.get("__name__") in _HAND_OVER
    )
    return {"kind": "lock", "how": f"{module}.{kind}.{last.f_code.co_name}", "timeout": limit}


def _loop_behind(future: Any) -> int | None:
    """The loop of the task that will give this future its result, for a program that was not prepared."""
    for callback in getattr(future, "_done_callbacks", None) or ():
        for cell in getattr(callback, "__closure__", None) or ():
            try:
                loop = getattr(cell.cell_contents, "get_loop", None)
            except ValueError:
                continue
            if loop is not None:
                return id(loop())
    return None


def _lock_at(frame: FrameType) -> dict[str, Any] | None:
    """A locked lock named just before the call that the frame is in: `with lock:` and `lock.acquire()` are C."""
    from . import withs  # only when a thread is in a call of its own

    found = withs.lock_at(frame, frame.f_lasti)
    if found is None:
        return None
    lock, named = found
    locked = "unlocked" not in repr(lock)
    limit = withs.has_limit(frame)
    return {"kind": "lock", "how": named, "locked": locked, "timeout": limit, "lock": id(lock) if locked else None}


def _holders(rows: list[dict[str, Any]], stacks: dict[int, list[FrameType]]) -> None:
    """Note at each thread which of the locks that others wait for it has taken by `with`, and where."""
    wanted = {row["wait"]["lock"] for row in rows if row["wait"] and row["wait"].get("lock")}
    if not wanted:
        return
    from . import withs  # as above

    for row in rows:
        row["locks"] = [
            {"lock": id(lock), "at": (frame.f_code.co_filename, line, frame.f_code.co_qualname)}
            for frame in stacks[row["id"]]
            if "__enter__" not in frame.f_code.co_name
            for lock, line in withs.inside(frame)
            if id(lock) in wanted and withs.owner(lock) in {None, row["id"]}
        ]


def _own_loop(row: dict[str, Any], found: list[FrameType]) -> None:
    """Whether a loop's thread waits for what a callback that waits for that loop would give: `call_soon(event.set)`."""
    objects = {id(frame.f_locals.get("self")) for frame in found[-4:] if frame.f_globals.get("__name__") in _HAND_OVER}
    loop = next((one for _, one in running() if id(one) == row["loop"]), None)
    for handle in list(getattr(loop, "_ready", ())):
        callback = getattr(handle, "_callback", None)
        if type(callback) is MethodType and id(callback.__self__) in objects and callback.__name__ in _GIVING:
            row["wait"]["loop"] = row["loop"]


def _pool_of(found: list[FrameType], pools: dict[int, dict[str, Any]]) -> int | None:
    for frame in found[:6]:
        if frame.f_globals.get("__name__") == "concurrent.futures.thread" and frame.f_code.co_name == "_worker":
            queue = frame.f_locals.get("work_queue")
            reference = frame.f_locals.get("executor_reference")
            pool = reference() if callable(reference) else None
            size = getattr(queue, "qsize", None)
            pools[id(queue)] = {
                "most": getattr(pool, "_max_workers", None),
                "backlog": size() if size is not None else None,
                "name": str(getattr(pool, "_thread_name_prefix", "")),
            }
            return id(queue)
    return None
