"""The threads of the process: their stacks, and what a thread that waits is waiting for."""

from __future__ import annotations

import _thread
import sys

from . import aside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .chains import Stacks

_DEEPEST = 60
_WAITS = {"join", "_wait_for_tstate_lock", "wait", "acquire", "result", "get", "put", "exception"}
_BY_NAME = ("lock", "RLock")


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
    for ident, frame in sys._current_frames().items():
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
    if module in {"threading", "queue"} and name in _WAITS:
        return {"kind": "lock", "how": f"{module}.{type(inner.f_locals.get('self')).__name__}.{name}"}
    return _lock_at(inner)


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
    import dis  # only when a program is in trouble

    value: Any = None
    named = ""
    for step in dis.get_instructions(frame.f_code):
        if step.offset > frame.f_lasti:
            break
        argument = str(step.argval)
        if step.opname.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")):
            value, named = frame.f_locals.get(argument), argument
        elif step.opname.startswith(("LOAD_GLOBAL", "LOAD_NAME")):
            value, named = frame.f_globals.get(argument), argument
        elif step.opname.startswith(("LOAD_ATTR", "LOAD_METHOD")):
            if argument == "acquire":
                continue
            inside = getattr(value, "__dict__", {})  # never a property: nothing of the program's may run
            value, named = (inside.get(argument) if isinstance(inside, dict) else None), f"{named}.{argument}"
        elif step.opname.startswith(("STORE", "POP_TOP", "RETURN")):
            value = None
    if type(value).__name__ not in _BY_NAME or type(value).__module__ != "_thread":
        return None
    return {"kind": "lock", "how": named, "locked": "unlocked" not in repr(value)}


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
