"""Whether a function that has caught its cancellation is back where it would catch the next one: in its loop.

Read from its code: the handlers around the line it waits at, and a jump back to before them. One that has left its loop
is on its way to its end, however long that takes.
"""

from __future__ import annotations

import asyncio
import builtins
import dis
import gc
from contextlib import suppress
from types import BuiltinMethodType, FunctionType, MethodType

from .untouched import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

_DEEPEST = 20
_EXITS = {"__exit__", "__aexit__"}
_RAISES = {"RAISE_VARARGS", "RERAISE"}
_LOADS = ("LOAD_GLOBAL", "LOAD_NAME")
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD"}


def again(chain: list[tuple[FrameType, Any]]) -> bool:
    """Of any function of those that a task is in, with their coroutines. What is around a time limit is not asked."""
    for frame, link in reversed(chain):
        owners = _owners(link)
        limited = any(type(one) is asyncio.Timeout and one.expired() for one in owners)
        if _catches_again(frame, owners):
            return True
        if limited:
            return False
    return False


def _catches_again(frame: FrameType, owners: list[Any]) -> bool:
    """`owners`: of the `with` blocks that it is in, innermost last."""
    code = frame.f_code
    steps = list(dis.get_instructions(code))
    jumps = [step for step in steps if "JUMP_BACKWARD" in step.opname and "NO_INTERRUPT" not in step.opname]
    if not jumps:
        return False
    left = list(owners)
    for target, start in _handlers(code, frame.f_lasti):
        body = _body([step for step in steps if step.offset >= target])
        if body and body[0].opname == "WITH_EXCEPT_START":
            owner = left.pop() if left else None
            if type(owner) is asyncio.Timeout and owner.expired():
                return False
            swallows = _suppresses(owner)
        else:
            swallows = _swallows(body, frame)
        if swallows:
            return any(jump.argval <= start and jump.offset > start for jump in jumps)
    return False


def _handlers(code: Any, at: int) -> Iterator[tuple[int, int]]:
    """The handlers around an instruction, innermost first, and where what each guards begins."""
    table = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    for _ in range(_DEEPEST):
        entry = next((one for one in table if one.start <= at < one.end), None)
        if entry is None:
            return
        yield entry.target, min(one.start for one in table if one.target == entry.target)
        at = entry.target


def _body(handler: list[dis.Instruction]) -> list[dis.Instruction]:
    """What a handler does; nothing for one that only cleans up after an await."""
    names = [step.opname for step in handler[:3]]
    return handler[names.index("PUSH_EXC_INFO") + 1 :] if "PUSH_EXC_INFO" in names else []


def _swallows(body: list[dis.Instruction], frame: FrameType) -> bool:
    """Whether the code of a handler catches a CancelledError and does not raise it again."""
    if body and body[0].opname == "POP_TOP":  # `except:`
        return _goes_on(body)
    value: Any = None
    caught = False
    for place, step in enumerate(body):
        if step.opname.startswith(_LOADS):
            value = frame.f_globals.get(step.argval, vars(builtins).get(step.argval))
        elif step.opname in _ATTRIBUTES:
            value = (attributes(value) or {}).get(step.argval)
        elif step.opname == "CHECK_EXC_MATCH":
            if caught or _is_cancel(value):
                return _goes_on(body[place + 1 :])
        elif step.opname not in {"BUILD_TUPLE", "CACHE", "NOP"} and "JUMP" not in step.opname:
            return False  # a `finally`, or something that is worked out
        caught = caught or _is_cancel(value)
    return False


def _goes_on(body: list[dis.Instruction]) -> bool:
    """Whether it gets out of the handler before it raises."""
    left = next((place for place, step in enumerate(body) if step.opname == "POP_EXCEPT"), len(body))
    return left < len(body) and not any(step.opname in _RAISES for step in body[:left])


def _is_cancel(value: Any) -> bool:
    return any(value is one for one in asyncio.CancelledError.__mro__)


def _suppresses(owner: Any) -> bool:
    caught = (attributes(owner) or {}).get("_exceptions", ()) if type(owner) is suppress else ()
    return any(map(_is_cancel, caught))


def _owners(link: Any) -> list[Any]:
    """The context managers that a coroutine is inside of: each has left its exit on the stack."""
    found = []
    referents = gc.get_referents(link)
    for place, one in enumerate(referents):
        function = one.__func__ if type(one) is MethodType else one
        if type(function) not in {FunctionType, BuiltinMethodType} or function.__name__ not in _EXITS:
            continue
        if type(one) is FunctionType:  # 3.14 keeps the function, then its object
            found.append(referents[place + 1] if place + 1 < len(referents) else None)
        else:
            found.append(one.__self__)
    return found
