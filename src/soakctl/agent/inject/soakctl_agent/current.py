"""The task that runs now, at the least cost."""

from __future__ import annotations

import asyncio
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if sys.version_info >= (3, 12):
    current_task = asyncio.tasks.current_task
else:

    def current_task() -> Any:
        """Until 3.11 it is Python code, which takes longer than all the rest."""
        return _current(_loop())

    _current = asyncio.tasks._current_tasks.get  # type: ignore[attr-defined]
    _loop = asyncio.get_running_loop
