"""Threads of the agent's own, which no signal ever reaches."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Whoever notes where the program starts its threads leaves these out.
start_new_thread = _thread.start_new_thread
IDENTS: set[int] = set()


def _run(work: Callable[..., object], given: tuple[Any, ...]) -> None:
    IDENTS.add(_thread.get_ident())
    try:
        work(*given)
    finally:
        IDENTS.discard(_thread.get_ident())


def start(work: Callable[..., object], *given: Any) -> None:
    """Run it beside the program. The thread is born with the mask: a signal it took would not wake the main thread."""
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        start_new_thread(_run, (work, given))
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def frames_of_others() -> dict[int, Any]:
    """What all threads but this one are at: a frame that is a variable of its own would stay, with all it knows."""
    frames: dict[int, Any] = sys._current_frames()
    frames.pop(_thread.get_ident(), None)
    return frames
