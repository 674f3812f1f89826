"""Before a service that has stalled is stopped, or is left to itself: a look at what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.command import TakeTrace
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.signal import Traced
from soakctl.domain.state import Phase
from soakctl.errors import ExitCode
from soakctl.services.engine.part import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.command import Command
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

# A trace is several looks; one that takes longer than this is not waited for (seconds).
_PATIENCE_S = 20.0
_MOST = 3


class TracePart:
    """Asks for a trace when the boot has stalled or the service has gone silent, and holds the stop until it is there.

    It stands before the part that stops the service.
    """

    def __init__(self, *, kept: bool = True) -> None:
        """`kept`: documents have a place, so that a finding can say where the whole of it is."""
        self._kept = kept
        self._until_s: float | None = None
        self._boot_of_life = 0
        self._silences = 0
        self._traces = 0

    @property
    def holds(self) -> bool:
        """Whether the service has to stay as it is for a moment."""
        return self._until_s is not None

    def due(self, _state: RunState) -> float | None:
        """The end of patience."""
        return self._until_s

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterator[Event | Command | Document]:
        """Ask, and record the answer."""
        if isinstance(signal, Traced) and self._until_s is not None:
            self._until_s = None
            yield from self._record(signal)
        if self._until_s is not None and (now.elapsed_s >= self._until_s or not state.alive):
            self._until_s = None
        if self._stalls(state) and state.alive and state.phase is not Phase.ENDED:
            self._until_s = now.elapsed_s + _PATIENCE_S
            yield TakeTrace()

    def _stalls(self, state: RunState) -> bool:
        """Whether something new has come to a standstill."""
        boot = state.boot
        result = boot.result if boot is not None else None
        if result is not None and result["exit"] == ExitCode.STALLED.name and self._boot_of_life != state.life:
            self._boot_of_life = state.life
            return True
        new = len(state.silences) > self._silences
        self._silences = len(state.silences)
        return new

    def _record(self, traced: Traced) -> Iterator[Event | Document]:
        if traced.document is not None:
            self._traces += 1
            yield Document(f"trace-{self._traces}.json", traced.document)
        where = f"trace-{self._traces}.json" if self._kept else ""
        for one in traced.findings[:_MOST]:
            yield _event(one.kind, one.text, where=where, severity="warn")
        if not traced.findings and traced.reason:
            yield _event("none", traced.reason, where="", severity="info")


def _event(kind: str, reason: str, *, where: str, severity: str) -> Event:
    data = {
        "id": f"trace.{kind}",
        "severity": severity,
        "what": "Trace",
        "value": kind.replace("_", " "),
        "reason": reason if not where else f"{reason} (all of it: {where})",
    }
    return Event(EventKind.FINDING, data)
