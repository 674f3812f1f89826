"""Tracing a program that is started for it: start, wait, look, and stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.command import StartService, StopService
from soakctl.domain.signal import Exited, Gone, Interrupted, Started, StartFailed
from soakctl.errors import DependencyError, UnavailableError

if TYPE_CHECKING:
    from soakctl.domain.signal import Signal
    from soakctl.ports import World

# How long a process may take to start, and after the ladder of a stop the last word of it (seconds).
_START_S = 20.0
_PATIENCE_S = 10.0


class Program:
    """One life of a program in a world.

    Attributes:
        ended: its exit code as a list of one, once it has ended by itself.
        signum: the signal that asked soakctl to end, or None.
    """

    def __init__(self, world: World, *, grace_s: float) -> None:
        """Nothing is started yet. `grace_s`: how long it may take to end when asked."""
        self._world = world
        self._grace_s = grace_s
        self._started_s = 0.0
        self._gone = False
        self.ended: list[int | None] = []
        self.signum: int | None = None

    def start(self) -> None:
        """Start it. Raises DependencyError for a program that is not there, else UnavailableError."""
        self._world.do(StartService(1))
        until = self._world.now().elapsed_s + _START_S
        while (signal := self._world.wait(until)) is not None:
            if isinstance(signal, StartFailed):
                if signal.reason == "not_found":
                    hint = "A process that runs is given by its number, a program as you would start it."
                    raise DependencyError(signal.detail, hint=hint)
                raise UnavailableError(signal.detail)
            self._heard(signal)
            if isinstance(signal, Started) or self.signum is not None:
                self._started_s = self._world.now().elapsed_s
                return
        raise UnavailableError("the program could not be started in time")

    def wait(self, seconds: float) -> bool:
        """Wait; False as soon as the program has ended, or soakctl is asked to."""
        until = self._world.now().elapsed_s + seconds
        while not self.ended and self.signum is None:
            signal = self._world.wait(until)
            if signal is None:
                return True
            self._heard(signal)
        return False

    def check(self) -> None:
        """Raise UnavailableError when it has ended by itself: there is nothing to look at."""
        if not self.ended:
            return
        raise UnavailableError(
            f"the program {self.how_it_ended()}, before it was looked at",
            hint="What ends does not hang. To look earlier give a shorter time: --after 1s --over 1s.",
        )

    def how_it_ended(self) -> str:
        """For a program that has: with which code, and when."""
        after = self._world.now().elapsed_s - self._started_s
        code = f" with exit code {self.ended[0]}" if self.ended and self.ended[0] is not None else ""
        return f"ended by itself{code} after {after:.1f} s"

    def stop(self) -> None:
        """Stop it, and wait until nothing of it is left."""
        self._world.do(StopService(self._grace_s))
        until = self._world.now().elapsed_s + self._grace_s + _PATIENCE_S
        while not self._gone and (signal := self._world.wait(until)) is not None:
            asked = self.signum
            self._heard(signal)
            if isinstance(signal, Interrupted) and asked is not None:  # asked again: no more patience
                self._world.do(StopService(0.0))

    def _heard(self, signal: Signal) -> None:
        if isinstance(signal, Exited):
            self.ended = [signal.code]
        elif isinstance(signal, Interrupted):
            self.signum = signal.signum
        elif isinstance(signal, Gone):
            self._gone = True
