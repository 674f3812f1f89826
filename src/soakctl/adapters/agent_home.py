"""The private directory in which a service's agents and soakctl find each other."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

import soakctl.agent

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "soakctl-"
_OWNER = "owner"  # who made it
VARIABLE = "SOAKCTL_AGENT_DIR"
STACKS = "SOAKCTL_AGENT_STACKS"
ATTRIBUTE = "SOAKCTL_AGENT_ATTRIBUTE"
INJECT = Path(soakctl.agent.__file__).parent / "inject"
# A socket's name has 108 bytes at most, so a long TMPDIR will not do.
_LONGEST = 80


class AgentHome:
    """Made for one run, with a name that nobody can guess; gone with it.

    Agents write `<pid>.hello` when they are loaded, and listen at `<pid>.sock` once an event loop runs.
    """

    def __init__(self, *, stacks: bool = False, attribute: bool = False) -> None:
        """Make it, the owner's alone. With `stacks` agents note the whole stack that created a task.

        With `attribute` they can be asked where memory is allocated, and programs without an event loop have one, too.
        """
        self._more = {name: "1" for name, wanted in ((STACKS, stacks), (ATTRIBUTE, attribute)) if wanted}
        path = tempfile.mkdtemp(prefix=_PREFIX)
        if len(path) > _LONGEST:
            os.rmdir(path)
            path = tempfile.mkdtemp(prefix=_PREFIX, dir="/tmp")
        self.path = Path(path)
        (self.path / _OWNER).write_text(_name_of(os.getpid()), encoding="ascii")
        _sweep(self.path.parent)

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """The environment that loads the agent into every Python started with it."""
        before = env.get("PYTHONPATH")
        path = f"{INJECT}{os.pathsep}{before}" if before else str(INJECT)
        return {**env, "PYTHONPATH": path, VARIABLE: str(self.path), **self._more}

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)


def _name_of(pid: int) -> str:
    """A process by the machine's boot, its container, its number and its start; "" for one that is gone."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{pid} {psutil.Process(pid).create_time():.2f} {boot} {os.readlink('/proc/self/ns/pid')}"
    except (psutil.Error, OSError):
        return ""


def _sweep(folder: Path) -> None:
    """Remove what a killed soakctl has left, once none of the processes that listen there lives."""
    here = _name_of(os.getpid()).split()[2:]
    for owner in folder.glob(f"{_PREFIX}*/{_OWNER}"):
        try:
            name = owner.read_text(encoding="ascii")
            pids = [int(name.split()[0]), *(int(one.stem) for one in owner.parent.glob("*.hello"))]
        except (OSError, ValueError, IndexError):  # another user's, gone meanwhile, or not known
            continue
        if name.split()[2:] == here and _name_of(pids[0]) != name and not any(map(psutil.pid_exists, pids[1:])):
            shutil.rmtree(owner.parent, ignore_errors=True)


def home_of(pid: int) -> Path | None:
    """The directory that a process was started with; None for one that was not prepared, or may not be read."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return None
    prefix = f"{VARIABLE}=".encode()
    found = next((one[len(prefix) :] for one in variables if one.startswith(prefix)), None)
    return None if found is None else Path(os.fsdecode(found))
