"""The questions that the agent answers. Each one looks; none changes anything."""

from __future__ import annotations

import json
import os
import sys
import sysconfig

from . import look, loops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COUNT_S = 0.25


def answer(asked: dict[str, Any]) -> str:
    """The answer to one question, which names itself under `ask`, as JSON."""
    about = {"agent": 1, "pid": os.getpid(), "ppid": os.getppid(), "python": "{}.{}.{}".format(*sys.version_info)}
    if asked.get("ask") == "count":
        return json.dumps(about | _count())
    if asked.get("ask") == "look":
        paths = sysconfig.get_paths()
        document, tasks = look.look()
        document |= about | {"library": [paths["stdlib"], paths["purelib"], paths["platlib"]]}
        return f'{json.dumps(document)[:-1]},"tasks":[{",".join(tasks)}]}}'
    return json.dumps(about | {"error": "unknown question"})


def _count() -> dict[str, Any]:
    """How many tasks there are, and how long the slowest loop takes to answer."""
    lags = []
    for _thread, loop in loops.running():
        try:
            asked = loops.ping(loop)
        except RuntimeError:
            continue
        asked.wait(_COUNT_S)
        lags.append(asked.lag_s)
    return {"tasks": len(loops.all_tasks()), "lag_ms": round(max(lags) * 1000, 3) if lags else None}
