"""The task that runs now, at the least cost."""

from __future__ import annotations

import asyncio
import sys
from _thread import get_ident

from .notes import RUNNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if sys.version_info >= (3, 12):
    current_task = asyncio.tasks.current_task
else:

    def current_task() -> Any:
        """Until 3.11 asyncio's own is Python code, which asks for the process id each time. RuntimeError: no loop."""
        running = _running(get_ident())
        return _current(_loop() if running is None else running())

    _current = asyncio.tasks._current_tasks.get  # type: ignore[attr-defined]
    _loop = asyncio.get_running_loop
    _running = RUNNING.get
