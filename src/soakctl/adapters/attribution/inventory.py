"""What a service has at one moment: descriptors, threads, tasks and processes, each by where it comes from."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soakctl.adapters.agent_client import ask
from soakctl.adapters.attribution.descriptors import descriptors
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from soakctl.domain.attribution import Key

_ANSWER_S = 3.0
_NUMBERS = re.compile(r"\d+")
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Inventory:
    """Counts by (where, what); `rss` is in bytes by process."""

    fds: Counter[Key] = field(default_factory=Counter)
    threads: Counter[Key] = field(default_factory=Counter)
    tasks: Counter[Key] = field(default_factory=Counter)
    processes: Counter[Key] = field(default_factory=Counter)
    rss: dict[int, int] = field(default_factory=dict)

    def of(self, resource: str) -> Counter[Key]:
        """The counts of a resource."""
        found: Counter[Key] = getattr(self, resource)
        return found


def take_inventory(pids: Iterable[int], home: Path | None) -> Inventory:
    """Look at these processes; agents, where there are any, know the lines of threads and tasks."""
    found = Inventory()
    for pid in pids:
        found.fds.update(_descriptors(pid))
        found.processes[_command(pid), "process"] += 1
        rss = rss_of(pid)
        if rss is not None:
            found.rss[pid] = rss
        answer = _asked(home, pid)
        found.tasks.update(_rows(answer, "tasks"))
        found.threads.update(_rows(answer, "threads") or _thread_names(pid))
    return found


def rss_of(pid: int) -> int | None:
    """Resident bytes; None for a process that is gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return None


def cpu_s_of(pid: int) -> float | None:
    """Seconds of CPU so far; None for a process that is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            data = file.read()
    except OSError:
        return None
    fields = data[data.rindex(b")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _descriptors(pid: int) -> Counter[Key]:
    try:
        return descriptors(pid)
    except PermissionError:
        return Counter()


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")[:-1]
        return " ".join(os.fsdecode(word) for word in words)[:_LONGEST] or f"process {pid}"
    except OSError:
        return "a process that has just ended"


def _asked(home: Path | None, pid: int) -> dict[str, Any]:
    path = None if home is None else home / f"{pid}.sock"
    if path is None or not path.exists():
        return {}
    try:
        return ask(path, "inventory", timeout_s=_ANSWER_S)
    except UnavailableError:
        return {}


def _rows(answer: dict[str, Any], name: str) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for file, line, what, count in answer.get(name, ()):
        found[f"{file}:{line}", str(what)] += int(count)
    return found


def _thread_names(pid: int) -> Counter[Key]:
    """As the kernel calls them: any language."""
    found: Counter[Key] = Counter()
    command = _command(pid)
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/comm", encoding="utf-8", errors="replace") as file:
                found[command, _NUMBERS.sub("#", file.read().strip())] += 1
        except OSError:
            continue
    return found
