"""How many asyncio tasks a service has, and how promptly its slowest event loop answers, asked at each sample."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from soakctl.adapters.agent_client import ask
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

_ANSWER_S = 1.0


class Tasks(NamedTuple):
    """What was counted over all processes of a service; None: one of them did not say."""

    num_tasks: int | None
    loop_lag_ms: float | None


class TaskCounter:
    """Asks every agent in a directory."""

    def __init__(self, home: Path | None) -> None:
        """None: there is nobody to ask."""
        self._home = home

    def look(self) -> Tasks:
        """Ask once; agents of processes that have ended are forgotten."""
        answers = [self._answer(path) for path in self._sockets()]
        alive = [answer for answer in answers if answer is not None]
        if not alive:
            return Tasks(None, None)
        counts = [one.num_tasks for one in alive]
        lags = [one.loop_lag_ms for one in alive if one.loop_lag_ms is not None]
        whole = None if None in counts else sum(count for count in counts if count is not None)
        return Tasks(whole, max(lags, default=None))

    def _sockets(self) -> list[Path]:
        return [] if self._home is None else sorted(self._home.glob("*.sock"))

    def _answer(self, path: Path) -> Tasks | None:
        if not os.path.exists(f"/proc/{path.stem}") and os.path.exists("/proc/self"):
            for ended in (path, path.with_suffix(".hello")):
                ended.unlink(missing_ok=True)
            return None
        try:
            answer = ask(path, "count", timeout_s=_ANSWER_S)
        except UnavailableError:
            return Tasks(None, None)
        tasks, lag = answer.get("tasks"), answer.get("lag_ms")
        whole = type(tasks) is int and tasks >= 0
        return Tasks(tasks if whole else None, float(lag) if isinstance(lag, int | float) else None)
