"""Which lock a running function waits for, and which ones it is inside of, as its code and variables tell.

`with lock:` and `lock.acquire()` are C: only the code just before says which lock it was, and the handlers around
the instruction say which `with` blocks it is in.
"""

from __future__ import annotations

import dis
from functools import lru_cache
from itertools import pairwise

from .chains import line_of
from .untouched import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_BY_NAME = ("lock", "RLock")
_LOCALS = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")
_GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_FORGET = ("STORE", "POP_TOP", "RETURN")


def lock_at(frame: FrameType, instruction: int) -> tuple[Any, str] | None:
    """The lock named last before an instruction, and its name there."""
    value: Any = None
    named = ""
    for step in _steps(frame.f_code):
        if step.offset > instruction:
            break
        argument = str(step.argval[-1] if isinstance(step.argval, tuple) and step.argval else step.argval)
        if step.opname.startswith(_LOCALS):
            value, named = frame.f_locals.get(argument), argument
        elif step.opname.startswith(_GLOBALS):
            value, named = frame.f_globals.get(argument), argument
        elif step.opname.startswith(_ATTRIBUTES):
            if argument == "acquire":
                continue
            inside = attributes(value)  # never a property: nothing of the program's may run
            value, named = (inside.get(argument) if isinstance(inside, dict) else None), f"{named}.{argument}"
        elif step.opname.startswith(_FORGET):
            value = None
    return (value, named) if type(value).__name__ in _BY_NAME and type(value).__module__ == "_thread" else None


def has_limit(frame: FrameType) -> bool:
    """Whether the lock is taken with arguments: a time limit, say."""
    step = next((each for each in _steps(frame.f_code) if each.offset == frame.f_lasti), None)
    return step is not None and "CALL" in step.opname and not (step.opname in {"CALL", "PRECALL"} and not step.arg)


def inside(frame: FrameType) -> list[tuple[Any, int]]:
    """The locks whose `with` blocks a running function is in, with their lines."""
    code = frame.f_code
    found = []
    for entered in _withs(code, frame.f_lasti):
        lock = lock_at(frame, entered)
        if lock is not None:
            found.append((lock[0], line_of(code, entered)))
    return found


def _withs(code: CodeType, instruction: int) -> list[int]:
    """The instructions that entered the `with` blocks around one: outwards, from handler to handler."""
    entries = dis.Bytecode(code).exception_entries  # type: ignore[attr-defined]
    steps = _steps(code)
    after = {step.offset: following.opname for step, following in pairwise(steps)}
    found: list[int] = []
    seen: set[int] = set()
    here = instruction
    while True:
        entry = next((each for each in entries if each.start <= here < each.end), None)
        if entry is None or entry.target in seen:
            return found
        seen.add(entry.target)
        here = entry.target
        if after.get(here) == "WITH_EXCEPT_START":
            begin = min(each.start for each in entries if each.target == here)
            found.append(max((step.offset for step in steps if step.offset < begin), default=0))


@lru_cache(128)
def _steps(code: CodeType) -> list[dis.Instruction]:
    return list(dis.get_instructions(code))


def owner(lock: Any) -> int | None:
    """The thread that has an RLock; a plain lock does not know."""
    said = repr(lock).partition("owner=")[2].partition(" ")[0]
    return int(said) if type(lock).__name__ == "RLock" and said.isdecimal() and said != "0" else None
