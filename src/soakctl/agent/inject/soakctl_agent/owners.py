"""Who holds what, read from suspended coroutines: each `async with` that was entered has left its exit behind.

For programs that were not prepared; an explicit acquire() leaves nothing there.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import AsyncExitStack
from types import AsyncGeneratorType, BuiltinFunctionType, FunctionType, MethodType, MethodWrapperType

from .chains import links
from .untouched import is_a, own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HELD = (asyncio.Lock, asyncio.Semaphore, asyncio.Condition)
_TIMEOUT = asyncio.Timeout
_MOST = 8
_WAYS_OUT = ("__aexit__", "__exit__")
_NAMED = (FunctionType, BuiltinFunctionType, MethodWrapperType)


def held(coro: Any) -> tuple[list[Any], bool]:
    """The locks, semaphores and conditions that a suspended coroutine is inside of; whether it has a time limit."""
    chain = links(coro)
    found = [one for _frame, link in chain for one in _exits(link, 0)]
    entering = chain[-1][0].f_locals.get("self") if chain else None
    limited = any(map(_has_deadline, found))
    locks = [one for one in found if is_a(one, _HELD)]
    if is_a(entering, asyncio.Condition):  # one that is waited on is given back meanwhile
        locks = [one for one in locks if one is not entering]
    else:
        locks = _without_last(locks, entering)
    return [own(one, "_lock", one) for one in locks], limited


def cancelled(task: Any, chain: list[tuple[Any, Any]]) -> dict[str, bool]:
    """Of a task that was cancelled: whether it goes on as if it had not been, and inside of a time limit that is over.

    A `finally` or an `except` around it cleans up, and has the error at hand. That it was cancelled is no proof by
    itself: libraries for time limits forget to take it back.
    """
    if not getattr(task, "cancelling", int)():
        return {}
    links = [link for _frame, link in chain]
    if any(is_a(one, asyncio.CancelledError) for link in links for one in gc.get_referents(link)):
        return {}
    limits = (one for link in links for one in _exits(link, 0) if is_a(one, _TIMEOUT))
    return {"swallowed": True, "expired": any(one.expired() for one in limits)}


def _without_last(locks: list[Any], entering: Any) -> list[Any]:
    """Without the one that is only being entered; the same lock further out is held."""
    for place in range(len(locks) - 1, -1, -1):
        if locks[place] is entering:
            return locks[:place] + locks[place + 1 :]
    return locks


def _has_deadline(one: Any) -> bool:
    """Whether it is a time limit of asyncio's, or a cancel scope of anyio's, that ends by itself."""
    if is_a(one, _TIMEOUT):
        return own(one, "_when") is not None
    deadline = own(one, "_deadline") if type(one).__name__ == "CancelScope" else None
    return type(deadline) is float and deadline != float("inf")


def _exits(holder: Any, depth: int) -> list[Any]:
    """What the value stack of a coroutine holds the exits of, inner context managers followed."""
    found: list[Any] = []
    referents = gc.get_referents(holder)
    for place, one in enumerate(referents):
        method = one.__func__ if type(one) is MethodType else one
        if is_a(method, _NAMED) and method.__name__ in _WAYS_OUT:
            owner = one.__self__ if type(one) is not FunctionType else None
            if owner is None and place + 1 < len(referents):  # 3.14 keeps the function, then its object
                owner = referents[place + 1]
            found.append(owner)
            if depth < _MOST:
                found += _inside(owner, depth + 1)
    return found


def _inside(owner: Any, depth: int) -> list[Any]:
    generator = own(owner, "gen")
    if type(generator) is AsyncGeneratorType:
        return _exits(generator, depth)
    found: list[Any] = []
    if is_a(owner, AsyncExitStack):
        for _sync, callback in list(owner._exit_callbacks):
            if type(callback) is MethodType:
                inner = callback.__self__
                found += [inner, *_inside(inner, depth + 1)]
    return found
