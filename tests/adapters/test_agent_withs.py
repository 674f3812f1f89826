"""Which locks a running function has taken by `with`, as its code tells."""

from __future__ import annotations

import inspect
import threading
from types import SimpleNamespace
from typing import Any

from soakctl.agent.inject.soakctl_agent import withs


def here() -> Any:
    """The frame of the caller."""
    frame = inspect.currentframe()
    return frame.f_back if frame is not None else None


def test_the_locks_of_the_blocks_around_a_line_are_named() -> None:
    """Variables and attributes, through loops and handlers; not one that was given back before."""
    inner: Any = None
    outer: Any = None
    one, two, before = threading.Lock(), threading.RLock(), threading.Lock()
    service = SimpleNamespace(lock=threading.Lock())
    with before:
        pass
    with one, service.lock:
        for _ in range(1):
            try:
                with two as _taken:
                    inner = withs.inside(here())
            finally:
                outer = withs.inside(here())
    assert [lock for lock, _ in inner] == [two, service.lock, one]
    assert [lock for lock, _ in outer] == [service.lock, one]
    assert [line for _, line in inner] == sorted((line for _, line in inner), reverse=True)
    assert withs.inside(here()) == []


def test_an_rlock_knows_its_thread() -> None:
    """A plain lock does not."""
    again, plain = threading.RLock(), threading.Lock()
    with again, plain:
        assert withs.owner(again) == threading.get_ident()
        assert withs.owner(plain) is None
    assert withs.owner(again) is None
