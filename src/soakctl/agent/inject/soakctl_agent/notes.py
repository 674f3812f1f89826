"""What the hooks have noted, for those who answer questions."""

from __future__ import annotations

import os
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

HOME = os.environ.get("SOAKCTL_AGENT_DIR", "")  # read at once: a program may clear its environment
HELD: list[str] = []  # the hooks that are in place
MADE: dict[tuple[int, int], list[Any]] = {}  # tasks created, code and instruction, by the line that created them
DROPPED: dict[tuple[str, CodeType, int], int] = {}  # coroutines never awaited, by name and the line that dropped them
NEVER_MADE: dict[str, tuple[str, int]] = {}  # where those coroutines are defined
RUNNING: dict[int, Any] = {}  # running loops, by thread
MOST_SITES = 10_000


FORKED_S: list[float] = []  # when this process was forked off, last; empty for one that was not


def forked() -> None:
    """The loops that ran are the parent's."""
    RUNNING.clear()
    FORKED_S[:] = [monotonic()]
