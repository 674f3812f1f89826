"""What the hooks have noted, for those who answer questions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

HELD: list[str] = []  # the hooks that are in place
MADE: dict[tuple[int, int], list[Any]] = {}  # tasks created, code and instruction, by the line that created them
DROPPED: dict[tuple[str, CodeType, int], int] = {}  # coroutines never awaited, by name and the line that dropped them
NEVER_MADE: dict[str, tuple[str, int]] = {}  # where those coroutines are defined
RUNNING: dict[int, Any] = {}  # running loops, by thread
MOST_SITES = 10_000


def forked() -> None:
    """The loops that ran are the parent's."""
    RUNNING.clear()
