"""Answers where the growth of a resource comes from: by what there was before, or by watching allocations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.attribution.descriptors import together
from soakctl.adapters.attribution.inventory import Inventory, take_inventory
from soakctl.adapters.attribution.windows import Traced, attribute_memory
from soakctl.domain.attribution import Attribution, grown, share

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from threading import Event

    from soakctl.domain.command import Attribute

# So many processes are traced at once: those that grew most.
_MOST_PROCESSES = 4
_HOW = {
    "fds": "open descriptors in /proc",
    "threads": "threads, by the line that started them where an agent knows it",
    "tasks": "tasks, by the line that created them",
    "processes": "commands of the processes",
}


class Attributor:
    """Keeps what there was at the beginning of a life of the service. Used from one thread at a time."""

    def __init__(self, pids: Callable[[], list[int]], home: Path | None) -> None:
        """`pids`: the service's processes that live now; `home`: where their agents are."""
        self._pids = pids
        self._home = home
        self._before: Inventory | None = None

    def note(self) -> None:
        """Remember what there is now."""
        self._before = self._now()

    def attribute(self, asked: Attribute, cancel: Event) -> Attribution:
        """What the resource grows by."""
        if self._before is None:
            return Attribution(asked.resource, reason="what there was at the beginning is not known")
        if asked.resource == "rss":
            return self._memory(asked, self._before, lambda seconds: not cancel.wait(seconds))
        before, after = self._before.of(asked.resource), self._now().of(asked.resource)
        if asked.resource == "fds":
            before, after = together(before), together(after)
        rows, total = grown(before, after)
        reason = "" if rows else "nothing of it has grown since the beginning, as far as can be seen"
        told = share(sum(row.grew for row in rows), total)
        return Attribution(asked.resource, rows, total, explained=told, how=_HOW[asked.resource], reason=reason)

    def _now(self) -> Inventory:
        return take_inventory(self._pids(), self._home)

    def _memory(self, asked: Attribute, before: Inventory, wait: Callable[[float], bool]) -> Attribution:
        more = {pid: size - before.rss.get(pid, 0) for pid, size in self._now().rss.items()}
        grew = {pid: size for pid, size in more.items() if size > 0}
        sockets = {} if self._home is None else {pid: self._home / f"{pid}.sock" for pid in grew}
        prepared = [pid for pid in grew if pid in sockets and sockets[pid].exists()]
        most = sorted(prepared, key=lambda pid: -grew[pid])[:_MOST_PROCESSES]
        if not most:
            reason = "none of the processes that grow is a Python program with soakctl's agent"
            return Attribution("rss", reason=reason)
        total = sum(grew.values())
        traced = [Traced(pid, sockets[pid], grew[pid] / total) for pid in most]
        return attribute_memory(traced, slope_per_hour=asked.slope_per_hour, window_s=asked.window_s, wait=wait)
