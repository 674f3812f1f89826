"""A counter of a process tree that never runs backwards and counts no process twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.adapters.process_look import Identity

Parts = tuple[float, float]  # of the process itself, and of the children it has waited for


class Tally:
    """Adds up what the processes of a tree use, from looks at those that live.

    A process that ends moves what it used to the one that waits for it, so what the living have gained from their
    children is counted only beyond what the ended had been counted for. Two traps: a process can end after its parent
    was read (the parent's gain then comes one look later, so the difference is owed for one look), and a parent that
    ignores SIGCHLD gains nothing (so no more is taken off than was gained).
    """

    def __init__(self) -> None:
        """Nothing counted."""
        self.total = 0.0
        self._seen: dict[Identity, Parts] = {}
        self._owed = 0.0

    def leave_out(self, identity: Identity, parts: Parts) -> None:
        """Count of this process only what it gains from here on."""
        self._seen[identity] = parts

    def add(self, living: Mapping[Identity, Parts | None]) -> float:
        """Take the next look into account; return the total. None: a counter of an ended process cannot be read."""
        before, self._seen = self._seen, {}
        used = from_children = 0.0
        for identity, parts in living.items():
            last = before.pop(identity, None)
            now = parts or last or (0.0, 0.0)
            self._seen[identity] = now
            if last is None:
                used += now[0] + now[1]
            else:
                used += max(0.0, now[0] - last[0])
                from_children += max(0.0, now[1] - last[1])
        from_children -= min(self._owed, from_children)
        ended = sum(own + reaped for own, reaped in before.values())
        self._owed = max(0.0, ended - from_children)
        self.total += used + max(0.0, from_children - ended)
        return self.total
