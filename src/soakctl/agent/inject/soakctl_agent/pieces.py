"""What a large container holds, a piece at a time: all of it at once takes longer than the program may be held up."""

from __future__ import annotations

import gc
from collections import deque
from itertools import chain, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LARGE = 20_000
_PIECE = 5_000
_PLAIN = {str, bytes, int, float, complex, bool, type(None)}
_KINDS = {dict, list, tuple, set, frozenset, deque}  # no subclass: that has attributes, too


def is_large(one: Any) -> bool:
    """Whether it is to be taken in pieces."""
    return type(one) in _KINDS and len(one) > _LARGE


def pieces(one: Any) -> Iterator[list[Any]]:
    """All that it refers to but plain values. What changes meanwhile is taken as a whole in the end."""
    every = iter(chain(one, one.values()) if type(one) is dict else one)
    try:
        while piece := list(islice(every, _PIECE)):
            yield [each for each in piece if type(each) not in _PLAIN]
    except RuntimeError:
        yield gc.get_referents(one)
