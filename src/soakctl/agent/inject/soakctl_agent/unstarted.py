"""Coroutines that were made, are kept somewhere, and that nobody begins to await.

All of the heap is looked through once in a while, in one step of C; later looks ask only after those found then.
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from itertools import chain, compress, filterfalse, starmap
from operator import attrgetter, is_
from time import monotonic
from types import CoroutineType
from weakref import ref

from .chains import links
from .keepers import keeper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType
    from typing import Any

MOST_BLOCKS = 500_000  # of memory, a third or less of which the collector knows: looked through in 15 ms
_DEAR_S = 0.03
_QUIET_S = 60.0
_OLD_S = 600.0
GROUPS = 5
_EXPLAINED = 2


class _Known:
    """What the last search found, without keeping any of it alive."""

    def __init__(self) -> None:
        """Nothing has been searched yet."""
        self.by_code: dict[CodeType, list[Any]] = {}
        self.gone: dict[CodeType, int] = {}
        self.seen: set[CodeType] = set()
        self.kept: dict[CodeType, dict[str, Any]] = {}
        self.searched_s = self.asked_s = float("-inf")
        self.dear = False


_known = _Known()


def rows(tasks: Iterable[Any]) -> list[dict[str, Any]]:
    """The coroutines not begun, by the function that they are of. To be called on the loop's thread: it holds still.

    `gone`: how many of those once found have been begun since, or thrown away. `active`: others of that function are
    at work. `kept`: what keeps them, where nobody is seen to be about to await them.
    """
    _search_sometimes()
    return _rows(tasks)


def _search_sometimes() -> None:
    now = monotonic()
    due = now - _known.asked_s > _QUIET_S or now - _known.searched_s > _OLD_S
    _known.asked_s = now
    if not due or _known.dear or sys.getallocatedblocks() > MOST_BLOCKS:
        return
    found = _not_suspended()
    _known.searched_s = now
    _known.dear = monotonic() - now > _DEAR_S
    _known.by_code, _known.kept = {}, {}
    _known.seen.clear()
    for each in found:
        coro = each()
        if coro is not None and _is_new(coro):
            _known.by_code.setdefault(coro.cr_code, []).append(each)


def _not_suspended() -> list[Any]:
    """References to all coroutines that are not at work.

    In one step of C, which takes all objects, sorts them out and lets go of them. Were another thread's turn in
    between, a tuple that it fills could not be finished, and what it drops would end here. isinstance() would run code
    of the program: a proxy answers for its class itself.
    """
    box: list[Any] = []
    fill: Any = filter(None, map(box.append, map(gc.get_objects, (None,))))
    clear: Any = filter(None, starmap(box.clear, ((),)))
    every = chain(fill, chain.from_iterable(box), clear)
    which = map(partial(is_, CoroutineType), map(type, chain.from_iterable(box)))
    return list(chain(map(ref, filterfalse(attrgetter("cr_suspended"), compress(every, which))), which))


def _rows(tasks: Iterable[Any]) -> list[dict[str, Any]]:
    counts = {code: _count(code) for code in list(_known.by_code)}
    most = sorted((code for code, count in counts.items() if count), key=lambda code: -counts[code])[:GROUPS]
    if not most:
        return []
    active = {frame.f_code for task in tasks for frame, _ in links(task.get_coro())}
    _explain(code for code in most if code not in active)
    return [
        {
            "name": code.co_qualname,
            "of": (code.co_filename, code.co_firstlineno),
            "count": counts[code],
            "gone": _known.gone.get(code, 0),
            "active": code in active,
            **_known.kept.get(code, {}),
        }
        for code in most
    ]


def _explain(codes: Iterable[CodeType]) -> None:
    """What keeps them: of a few a look, and not at the look that found them, for most are about to be awaited."""
    known = [code for code in codes if code in _known.seen]
    for code in [code for code in known if code not in _known.kept][:_EXPLAINED]:
        _known.kept[code] = keeper(_known.by_code[code][0])
    _known.seen.update(_known.by_code)


def _is_new(coro: Any) -> bool:
    return not (coro.cr_suspended or coro.cr_running or coro.cr_frame is None)


def _count(code: CodeType) -> int:
    """How many of the function have still not been begun."""
    before = _known.by_code[code]
    left = _known.by_code[code] = [each for each in before if (coro := each()) is not None and _is_new(coro)]
    _known.gone[code] = _known.gone.get(code, 0) + len(before) - len(left)
    return len(left)
