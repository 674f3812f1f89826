"""What the services need of the outside, as protocols. Adapters and the simulated world implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.awaits.model import Look
    from soakctl.awaits.trace import Process
    from soakctl.domain.command import Command
    from soakctl.domain.journal import Entry
    from soakctl.domain.record import Record
    from soakctl.domain.sample import Sample
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState

Json = Any


class World(Protocol):
    """The whole interface between the engine and the outside. Used from one thread."""

    def now(self) -> Moment:
        """The present moment."""
        ...

    def wait(self, until: float) -> Signal | None:
        """The next signal, or None once `until` (elapsed seconds) has come first."""
        ...

    def do(self, command: Command) -> None:
        """Begin the command. Never blocks and never raises for the service's sake; the result comes as a signal."""
        ...


class Documents(Protocol):
    """The documents of a run, and its record to read. Every string is redacted on its way in."""

    def write(self, name: str, document: Mapping[str, Json]) -> None:
        """Replace a JSON document of the run atomically. Raises UnavailableError."""
        ...

    def write_text(self, name: str, text: str) -> None:
        """Replace a text file of the run atomically. Raises UnavailableError."""
        ...

    def load(self) -> Record:
        """The record as it stands, torn last lines left out and said. Raises NoDataError."""
        ...


class RunStore(Documents, Protocol):
    """Where a run is recorded."""

    def append(self, entry: Entry) -> None:
        """Add a line to the journal. Survives a kill of soakctl once it returns. Raises UnavailableError."""
        ...

    def append_sample(self, sample: Sample) -> None:
        """Add a line to the resources file. Raises UnavailableError."""
        ...


class Observer(Protocol):
    """Someone who watches a run as it goes: the board, the plain lines, the live page."""

    def seen(self, state: RunState, entry: Entry) -> None:
        """Something was recorded."""
        ...

    def sampled(self, state: RunState, sample: Sample) -> None:
        """A sample was recorded."""
        ...


class TracedProcesses(Protocol):
    """The processes of a service, as a trace sees them."""

    def processes(self) -> list[Process]:
        """Those that live now, with what can see into each, or why nothing can."""
        ...

    def look(self, pid: int) -> Look:
        """What is going on in one of them. Raises UnavailableError."""
        ...
