"""What `trace` looks through: a process that runs already, or one that is started for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from soakctl.adapters.agent_home import AgentHome
from soakctl.adapters.attach_agent import Entrance
from soakctl.adapters.clock import pause
from soakctl.adapters.traced_tree import NOT_PYTHON, Entered, TracedTree
from soakctl.cli.wiring.reports import append_trace_log, utc_now
from soakctl.cli.wiring.world import Place, real_world, require_process
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soakctl.adapters.real_world import RealWorld
    from soakctl.awaits.model import Look
    from soakctl.awaits.trace import Process
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.ports import TracedProcesses

_OWNERS = "holders of locks are known only where they were taken with `async with`; ages are not known"

__all__ = ["append_trace_log", "pause", "running_process", "started_program", "utc_now"]


@contextmanager
def running_process(pid: int, *, attach: str | None, nudge: bool) -> Iterator[TracedTree]:
    """A process and those below it, entered by what works here when it was not prepared.

    Raises UnavailableError when there is none, or it may not be read.
    """
    require_process(pid)
    tree = TracedTree(pid, include_root=True, home=None)
    if attach is None and any(process.how for process in tree.processes()):
        yield tree
        return
    entrance = Entrance(pid)
    try:
        yield TracedTree(
            pid, include_root=True, home=None, entered=_entered(entrance, tree, attach=attach, nudge=nudge)
        )
    finally:
        entrance.close()


def _entered(entrance: Entrance, tree: TracedTree, *, attach: str | None, nudge: bool) -> dict[int, Entered]:
    """How the process itself can be looked into; empty when it cannot, which its note then says."""
    itself = tree.processes()[0]
    if attach == "gdb":
        entrance.by_gdb()
        return {itself.pid: Entered("gdb", entrance.socket, _OWNERS)}
    if itself.note == NOT_PYTHON:
        return {}
    why = entrance.by_itself(nudge=nudge)
    if not why:
        return {itself.pid: Entered("Python's remote debugging", entrance.socket, _OWNERS)}
    try:
        entrance.threads()
    except UnavailableError as error:
        note = f"{itself.note}; {why}; {error.message}; --attach gdb is left"
        return {itself.pid: Entered("", entrance.socket, note)}
    note = f"threads only: {why}; its tasks can be seen with --attach gdb"
    return {itself.pid: Entered("py-spy", entrance.socket, note, entrance.threads)}


@contextmanager
def started_program(setup: Setup, config: Config, *, deep: bool) -> Iterator[tuple[RealWorld, TracedProcesses]]:
    """A world around the program, its output shown, and a way to look at what it is made of."""
    home = AgentHome(stacks=deep)
    try:
        place = Place(run_id=f"trace-{home.path.name}", home=home, echo=True)
        with real_world(setup, config, place, elapsed_s=0.0, pid=None) as world:
            yield world, _Below(world, home.path)
    finally:
        home.close()


class _Below:
    """The tree below whatever keeper there is now."""

    def __init__(self, world: RealWorld, home: Path) -> None:
        self._world = world
        self._home = home

    def _tree(self) -> TracedTree:
        return TracedTree(self._world.root_pid or 0, include_root=False, home=self._home)

    def processes(self) -> list[Process]:
        """Those that live now."""
        return self._tree().processes() if self._world.root_pid is not None else []

    def look(self, pid: int) -> Look:
        """What is going on in one of them. Raises UnavailableError."""
        return self._tree().look(pid)
