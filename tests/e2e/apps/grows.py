"""Leaks of every kind, one of each at every turn; the marked lines are the answers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

CHILD = [sys.executable, "-I", "-S", "-c", "input()"]
kept: list[object] = []


class Session:
    """What a request leaves behind."""

    def __init__(self) -> None:
        """A body that stays."""
        self.body = bytes(5000)  # @ memory


async def forever() -> None:
    """Pend."""
    await asyncio.Event().wait()


async def main() -> None:
    """Grow until killed; standard input is read by the children, so that they end with this program."""
    for turn in range(1_000_000):
        kept.extend(Session() for _ in range(20))
        if turn % 10 == 0 and turn < 4000:
            kept.append(Path(__file__).open())  # noqa: ASYNC230, SIM115 - the leak
            threading.Thread(target=threading.Event().wait, daemon=True).start()  # @ thread
            kept.append(asyncio.create_task(forever()))  # @ task
        if turn < 3:
            kept.append(subprocess.Popen(CHILD))  # noqa: ASYNC220 - as above
        await asyncio.sleep(0.02)


asyncio.run(main())
