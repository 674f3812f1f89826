"""The programs of `e2e/apps/hangs.py` as child processes with an agent, and what is to be found in each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from soakctl.adapters.agent_home import AgentHome
from soakctl.adapters.traced_tree import TracedTree
from soakctl.services.trace import take_trace
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soakctl.awaits.trace import Trace

PROGRAMS = Path(__file__).parent.parent / "e2e" / "apps" / "hangs.py"


class Known(NamedTuple):
    """A program with a known answer: the kind found, and the marked lines that the evidence names."""

    name: str
    kind: str
    lines: tuple[str, ...]


HANGS = (
    Known("deadlock", "deadlock", ("first takes", "first waits", "second takes", "second waits")),
    Known("deadlock_through_helpers", "deadlock", ("helper takes", "first waits", "third waits")),
    Known("deadlock_with_itself", "deadlock", ("takes", "waits")),
    Known("deadlock_of_tasks", "deadlock", ("waits",)),
    Known("blocked", "blocked_loop", ("blocks",)),
    Known("thread_and_loop", "thread_loop_deadlock", ("loop waits", "thread waits")),
    Known("loop_and_itself", "thread_loop_deadlock", ("loop waits",)),
    Known("lock_across_threads", "thread_loop_deadlock", ("loop waits", "thread waits")),
    Known("abandoned", "lock_abandoned", ("takes", "waits")),
    Known("permits_lost", "exhausted_pool", ("takes", "waits")),
    Known("permits_nested", "exhausted_pool", ("takes", "waits")),
    Known("pool_nested", "exhausted_pool", ("waits",)),
    Known("starved", "starved_consumer", ("waits", "puts", "dies")),
    Known("starved_at_the_end", "starved_consumer", ("waits", "puts")),
    Known("never_set", "starved_consumer", ("waits",)),
    Known("leak", "task_leak", ("creates", "waits")),
    Known("not_awaited", "never_awaited", ("drops",)),
    Known("forgotten", "never_awaited", ("makes",)),
    Known("threads_crossed", "deadlock", ("takes", "waits")),
    Known("never_done", "stuck_queue", ("waits", "next")),
    Known("lent", "exhausted_pool", ("waits",)),
    Known("answer_needs_lock", "deadlock", ("takes", "needs", "waits")),
    Known("ends_unasked", "cancel_ignored", ("waits",)),
    Known("client", "waiting_outside", ("waits",)),
)
HEALTHY = ("busy", "idle", "parked", "slow_permits", "ramp", "many")


def marked(program: str) -> dict[str, str]:
    """The marked lines of a program, as `file:line` by their words."""
    found: dict[str, str] = {}
    inside = False
    for number, line in enumerate(PROGRAMS.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith(("async def ", "def ")):
            inside = line.startswith((f"async def {program}(", "async def holding("))
        if inside and "# @ " in line:
            found[line.rpartition("# @ ")[2]] = f"{PROGRAMS}:{number}"
    return found


class Programs:
    """Child processes with an agent each, ended by their pids on leaving the context."""

    def __init__(self, names: Iterable[str], *, python: str = sys.executable, words: tuple[str, ...] = ()) -> None:
        """`words` come behind the program's name."""
        self._names = tuple(names)
        self._python = python
        self._words = words
        self._exit = ExitStack()
        self.pids: dict[str, int] = {}
        self._home = AgentHome()

    def __enter__(self) -> Self:
        """Start them all, and wait until each runs its loop."""
        self._exit.callback(self._home.close)
        env = self._home.environment({"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"})
        for name in self._names:
            process = subprocess.Popen(
                [self._python, str(PROGRAMS), name, *self._words], env=env, stderr=subprocess.DEVNULL
            )
            self._exit.callback(_end, process)
            self.pids[name] = process.pid
        for pid in self.pids.values():
            socket = self._home.path / f"{pid}.sock"
            eventually(socket.exists)
        return self

    def __exit__(self, *_exception: object) -> None:
        """End them."""
        self._exit.close()

    def trace(self, name: str, *, over_s: float = 1.0) -> Trace:
        """Look three times."""
        tree = TracedTree(self.pids[name], include_root=True, home=self._home.path)
        return take_trace(tree, about=name, over_s=over_s, wait=_pause)

    def traces(self, *, over_s: float = 1.0) -> dict[str, Trace]:
        """A trace of each, taken side by side. A hang that had not begun at the first look is looked at once more."""
        with ThreadPoolExecutor(8) as pool:
            taken = pool.map(lambda name: self.trace(name, over_s=over_s), self._names)
            found = dict(zip(self._names, taken, strict=True))
        early = [known.name for known in HANGS if known.name in found and not found[known.name].findings]
        return found | {name: self.trace(name, over_s=over_s) for name in early}


def _pause(seconds: float) -> bool:
    time.sleep(seconds)  # between two looks time has to pass: what is stuck is what stays
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
