"""The engine: a fold over signals, single-threaded, with one place where it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.fold import apply
from soakctl.domain.journal import Entry, Event
from soakctl.domain.state import Phase
from soakctl.services.engine.part import Document, Keep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soakctl.domain.command import Command
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState
    from soakctl.ports import Observer, RunStore, World
    from soakctl.services.engine.part import Part

# Where no part asks for a time, the engine still looks around this often (seconds).
_IDLE_S = 3600.0
# Longer text is cut in the journal: a line of a service may have 100,000 characters.
_LONGEST = 500


class Engine:
    """Runs parts against a world until the state says the run has ended.

    Intent is recorded before effect: an event is in the journal and folded into the state before a command that
    follows from it is carried out, so a kill at any step leaves a journal from which the run can go on.
    """

    def __init__(
        self,
        world: World,
        store: RunStore,
        parts: Sequence[Part],
        state: RunState,
        *,
        redact: Callable[[Any], Any],
        observer: Observer | None = None,
    ) -> None:
        """Nothing happens until `run`."""
        self._world = world
        self._store = store
        self._parts = parts
        self._state = state
        self._redact = redact
        self._observer = observer

    def run(self) -> RunState:
        """Keep going until the run has ended. Raises what the store raises when it cannot record."""
        state = self._state
        signal: Signal | None = None
        while True:
            self._step(signal, self._world.now())
            if state.phase is Phase.ENDED:
                return state
            signal = self._world.wait(self._next_due())

    def record(self, event: Event) -> None:
        """Record an event that no part put out."""
        self._record(event, self._world.now())

    def _next_due(self) -> float:
        now = self._world.now().elapsed_s
        dues = [due for part in self._parts if (due := part.due(self._state)) is not None]
        return min(dues, default=now + _IDLE_S)

    def _step(self, signal: Signal | None, now: Moment) -> None:
        for part in self._parts:
            commands: list[Command] = []
            for output in part.on(signal, now, self._state):
                if isinstance(output, Event):
                    self._record(output, now)
                elif isinstance(output, Keep):
                    self._keep(output)
                elif isinstance(output, Document):
                    self._store.write(output.name, output.content)
                else:
                    commands.append(output)
            for command in commands:
                self._world.do(command)

    def _record(self, event: Event, now: Moment) -> None:
        state = self._state
        life = event.data.get("life", state.life)
        data = {key: shortened(value) for key, value in self._redact(event.data).items() if key != "life"}
        entry = Entry(state.seq + 1, now.elapsed_s, now.unix, event.kind, life, data)
        self._store.append(entry)
        apply(state, entry)
        if self._observer is not None:
            self._observer.seen(state, entry)

    def _keep(self, output: Keep) -> None:
        self._store.append_sample(output.sample)
        self._state.observe(output.sample)
        if self._observer is not None:
            self._observer.sampled(self._state, output.sample)


def shortened(value: Any) -> Any:
    """The value with its long texts cut. Only after redaction: half a secret would not be recognised as one."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    if isinstance(value, list | tuple):
        return [shortened(item) for item in value]
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    return value
