"""The questions that the agent answers. None of them changes what the program does."""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ATTRIBUTE = "SOAKCTL_AGENT_ATTRIBUTE"  # the program was started so that growth can be traced to its lines
_COUNT_S = 0.25


def answer(asked: dict[str, Any]) -> str:
    """The answer to one question, which names itself under `ask`, as JSON."""
    about = {"agent": 1, "pid": os.getpid(), "ppid": os.getppid(), "python": "{}.{}.{}".format(*sys.version_info)}
    what = asked.get("ask")
    if what == "count":
        return json.dumps(about | _count())
    if what == "look":
        return _look(about)
    if what == "inventory":
        from . import inventory  # what nobody asks for costs nothing

        return json.dumps(about | inventory.answer())
    if what == "memory" and os.environ.get(ATTRIBUTE) == "1":
        from . import memory  # as above

        return json.dumps(about | memory.answer(asked))
    return json.dumps(about | {"error": "unknown question"})


def _look(about: dict[str, Any]) -> str:
    if "asyncio" not in sys.modules:
        return json.dumps(about | {"error": "asyncio is not used in it"})
    import sysconfig

    from . import look  # takes asyncio with it, which a program without it must not pay for

    paths = sysconfig.get_paths()
    document, tasks = look.look()
    document |= about | {"library": [paths["stdlib"], paths["purelib"], paths["platlib"]]}
    return f'{json.dumps(document)[:-1]},"tasks":[{",".join(tasks)}]}}'


def _count() -> dict[str, Any]:
    """How many tasks there are, and how long the slowest loop takes to answer."""
    if "asyncio" not in sys.modules:
        return {"tasks": 0, "lag_ms": None}
    from . import loops  # as in _look

    lags = []
    for _thread, loop in loops.running():
        try:
            asked = loops.ping(loop)
        except RuntimeError:
            continue
        asked.wait(_COUNT_S)
        lags.append(asked.lag_s)
    return {"tasks": len(loops.all_tasks()), "lag_ms": round(max(lags) * 1000, 3) if lags else None}
