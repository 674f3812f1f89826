"""The end of a smoke test: once the boot is proven, the service is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.journal import Event, EventKind
from soakctl.domain.state import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState


class SmokeEnd:
    """Asks for the stop as soon as the boot has passed."""

    def due(self, _state: RunState) -> float | None:
        """It acts in the step in which the boot passes."""
        return None

    def on(self, _signal: Signal | None, _now: Moment, state: RunState) -> Iterator[Event]:
        """Ask for the stop."""
        if state.phase is Phase.RUNNING:
            yield Event(EventKind.STOP_RUNG, {"rung": "requested", "reason": "the boot is proven"})
