"""What the services need of the outside, as protocols. Adapters and the simulated world implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.command import Command, WriteOverrides
    from soakctl.domain.journal import Entry
    from soakctl.domain.record import Record
    from soakctl.domain.sample import Sample
    from soakctl.domain.signal import Moment, OverridesRead, Signal
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


class Overrides(Protocol):
    """The file from which the service takes its parameters while it runs."""

    def read(self, token: int) -> OverridesRead:
        """The file as it stands; an error instead of an exception."""
        ...

    def write(self, command: WriteOverrides) -> OverridesRead:
        """Set the values and read the file again; an error, and nothing changed, where that cannot be."""
        ...


class Observer(Protocol):
    """Someone who watches a run as it goes: the board, the plain lines, the live page."""

    def seen(self, state: RunState, entry: Entry) -> None:
        """Something was recorded."""
        ...

    def sampled(self, state: RunState, sample: Sample) -> None:
        """A sample was recorded."""
        ...
