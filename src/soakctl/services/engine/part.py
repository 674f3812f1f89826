"""What a part of the engine is, and what it may put out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from soakctl.domain.journal import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from soakctl.domain.command import Command
    from soakctl.domain.sample import Sample
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document of the run to replace."""

    name: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Keep:
    """A sample to record."""

    sample: Sample


class Part(Protocol):
    """One concern of a run. It decides from the state, which a resume finds again in the journal."""

    def due(self, state: RunState) -> float | None:
        """The elapsed second at which it wants to be asked again, or None."""
        ...

    def on(self, signal: Signal | None, now: Moment, state: RunState) -> Iterable[Event | Command | Document | Keep]:
        """React to a signal, or (None) to time having passed. Called for every signal, in the order of the parts."""
        ...


__all__ = ["Document", "Event", "Keep", "Part"]
