"""A while without the garbage collector: in a large program one collection holds everything up longer than a look may.

By its threshold, not by gc.disable(): that switch is the program's, and means that for good.
"""

from __future__ import annotations

import gc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_before: list[tuple[int, int, int]] = []  # the program's thresholds, while they are away


class Rest:
    """No collection begins by itself inside of it."""

    def __enter__(self) -> None:
        """Put the thresholds away."""
        if not _before:
            _before.append(gc.get_threshold())
            gc.set_threshold(0)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Put them back."""
        forked()


def forked() -> None:
    """Put the thresholds back, in a child that was forked meanwhile too; not where the program has set its own."""
    while _before:
        thresholds = _before.pop()
        if gc.get_threshold()[0] == 0:
            gc.set_threshold(*thresholds)
