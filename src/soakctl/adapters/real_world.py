"""The real world: threads that watch the service put signals into one queue, from which the engine takes them."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from soakctl.adapters.attribution.background import OriginsBeside
from soakctl.adapters.task_counter import Tasks
from soakctl.domain.command import (
    Probe,
    ReadKpi,
    ReadOverrides,
    StartService,
    StopService,
    TakeSample,
    TakeTrace,
    Verify,
    WriteOverrides,
)
from soakctl.domain.sample import Totals
from soakctl.domain.signal import (
    Attributed,
    Exited,
    Gone,
    Interrupted,
    OverridesRead,
    Sampled,
    SampleFailed,
    Started,
    StartFailed,
    Traced,
)
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.adapters.attribution.background import Origins
    from soakctl.adapters.clock import Clock
    from soakctl.adapters.kpi_sources import KpiReader
    from soakctl.adapters.probe import ReadyProbe
    from soakctl.adapters.sampler import TreeSampler
    from soakctl.domain.command import Command
    from soakctl.domain.signal import Moment, Signal, Verified
    from soakctl.ports import Overrides

# How long the last lines of a dead process are waited for before its death is told (seconds).
_LAST_WORDS_S = 1.0
_CLOSE_S = 5.0
_LONGEST_WAIT_S = 3600.0


class Service(Protocol):
    """The process under watch, started by us or running before."""

    @property
    def root_pid(self) -> int | None:
        """Below (or, attached, at) which the tree is."""
        ...

    def start(self, life: int) -> None:
        """Begin a life. Answered by Started or StartFailed."""
        ...

    def stop(self, grace_s: float) -> None:
        """End it. Answered by rungs and Gone."""
        ...

    def last_words(self, timeout_s: float) -> None:
        """Wait until what the dead process wrote has been read, or the time is over."""
        ...

    def close(self) -> None:
        """Let go of everything of this life."""
        ...

    @property
    def fault(self) -> Exception | None:
        """What went wrong in soakctl's own reading of its output, if anything."""
        ...


def _no_trace(_cancel: threading.Event) -> Traced:
    return Traced(None)


def _no_tasks() -> Tasks:
    return Tasks(None, None)


@dataclass(frozen=True, slots=True)
class Senses:
    """What the world asks about the service beside its own death and its lines."""

    sampler: TreeSampler
    kpis: KpiReader
    probe: ReadyProbe
    verify: Callable[[threading.Event], Verified] | None
    overrides: Overrides | None = None
    trace: Callable[[threading.Event], Traced] = _no_trace
    tasks: Callable[[], Tasks] = _no_tasks
    origins: Origins | None = None


class RealWorld:
    """`World` on real time. `emit` is what everything that watches the service calls, from any thread."""

    def __init__(self, clock: Clock) -> None:
        """`begin` gives it a service and its senses, which need `emit` first."""
        self._clock = clock
        self._queue: queue.SimpleQueue[Signal] = queue.SimpleQueue()
        self._wanted: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._service: Service | None = None
        self._senses: Senses | None = None
        self._main: tuple[int, float] | None = None
        self.fault: Exception | None = None
        self._life = 0
        self._gone = True
        self._gone_event = threading.Event()
        self._closing = threading.Event()
        self._sampling: threading.Thread | None = None
        self._origins: OriginsBeside | None = None

    def begin(self, service: Service, senses: Senses) -> None:
        """Everything is in place; nothing has been started."""
        self._service, self._senses = service, senses
        if senses.origins is not None:
            told = lambda found: self._queue.put(Attributed(found))  # noqa: E731
            self._origins = OriginsBeside(senses.origins, told, self._failed)
        self._sampling = threading.Thread(target=self._sample_loop, name="soakctl-sampler", daemon=True)
        self._sampling.start()

    @property
    def clock(self) -> Clock:
        """The clock, for what stamps its own times."""
        return self._clock

    @property
    def root_pid(self) -> int | None:
        """Below (or, attached, at) which the tree is; None while nothing runs."""
        return None if self._service is None else self._service.root_pid

    def now(self) -> Moment:
        """The present."""
        return self._clock.now()

    def wait(self, until: float) -> Signal | None:
        """The next signal, or None at `until`."""
        left = min(until - self._clock.elapsed_s(), _LONGEST_WAIT_S)
        try:
            return self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None

    def interrupt(self, signum: int) -> None:
        """Tell the engine that it was asked to end; safe to call from a signal handler."""
        self._queue.put(Interrupted(signum))

    def emit(self, signal: Signal) -> None:
        """Take a signal from a thread that watches; a death is told after the dead process's last lines."""
        if isinstance(signal, Started):
            self._main = (signal.pid, signal.started_unix)
            self._gone = False
        elif isinstance(signal, Exited) and self._service is not None:
            self._service.last_words(_LAST_WORDS_S)
        elif isinstance(signal, Gone | StartFailed):
            if isinstance(signal, Gone) and not self._gone and self._service is not None:
                self._service.last_words(_LAST_WORDS_S)
            self._gone = True
            self._gone_event.set()
        self._queue.put(signal)

    def do(self, command: Command) -> None:
        """Hand the command to whom it concerns."""
        assert self._service is not None
        assert self._senses is not None
        if isinstance(command, TakeSample):
            self._wanted.put(self._life)
        elif isinstance(command, StartService):
            self._life = command.life
            self._gone_event.clear()
            self._gone = False  # from here on there may be something to stop, before Started has come
            self._service.start(command.life)
        elif isinstance(command, StopService):
            self._stop(command.grace_s)
        elif isinstance(command, ReadKpi):
            self._senses.kpis.read(command.name, command.token)
        elif isinstance(command, Probe):
            self._senses.probe.probe()
        elif isinstance(command, Verify):
            self._verify()
        elif isinstance(command, ReadOverrides | WriteOverrides):
            self._override(command)
        elif isinstance(command, TakeTrace):
            self._trace()
        elif self._origins is not None:
            self._origins.do(command, self._closing)

    def _stop(self, grace_s: float) -> None:
        assert self._service is not None
        if self._gone:
            self._queue.put(Gone(0))
        else:
            self._service.stop(grace_s)

    def _failed(self, error: Exception) -> None:
        self.fault = self.fault or error

    def close(self, grace_s: float) -> None:
        """Leave nothing behind, whatever happened: stop the service if it lives, and end the threads."""
        self._closing.set()
        if self._service is not None:
            if not self._gone:
                self._service.stop(grace_s)
                self._gone_event.wait(grace_s + _CLOSE_S)
            self._service.close()
            self.fault = self.fault or self._service.fault
        if self._senses is not None:
            self._senses.kpis.close()
        if self._sampling is not None:
            self._wanted.put(None)
            self._sampling.join(_CLOSE_S)

    def _verify(self) -> None:
        verify = self._senses.verify if self._senses is not None else None
        assert verify is not None
        work = lambda: self._queue.put(verify(self._closing))  # noqa: E731
        threading.Thread(target=work, name="soakctl-verify", daemon=True).start()

    def _override(self, command: ReadOverrides | WriteOverrides) -> None:
        """On a thread of its own: a file system may take its time."""
        overrides = self._senses.overrides if self._senses is not None else None
        assert overrides is not None

        def work() -> None:
            try:
                if isinstance(command, ReadOverrides):
                    answer = overrides.read(command.token)
                else:
                    answer = overrides.write(command)
            except Exception as error:  # noqa: BLE001 - kept for the caller: the engine would wait for ever
                self.fault = self.fault or error
                answer = OverridesRead(command.token, error=f"soakctl failed to do it: {error!r}")
            self._queue.put(answer)

        threading.Thread(target=work, name="soakctl-overrides", daemon=True).start()

    def _trace(self) -> None:
        trace = self._senses.trace if self._senses is not None else None
        assert trace is not None
        work = lambda: self._queue.put(self._traced(trace))  # noqa: E731
        threading.Thread(target=work, name="soakctl-trace", daemon=True).start()

    def _traced(self, trace: Callable[[threading.Event], Traced]) -> Traced:
        try:
            return trace(self._closing)
        except UnavailableError as error:
            return Traced(None, reason=f"{error.where}: {error.message}" if error.where else error.message)
        except Exception as error:  # noqa: BLE001 - kept for the caller: the engine would wait for an answer
            self.fault = self.fault or error
            return Traced(None, reason=f"soakctl failed to take it: {error!r}")

    def _sample_loop(self) -> None:
        while (life := self._wanted.get()) is not None:
            self._queue.put(self._sample(life))

    def _sample(self, life: int) -> Signal:
        assert self._service is not None
        assert self._senses is not None
        root, main = self._service.root_pid, self._main
        if root is None or main is None:
            return SampleFailed("the service is not running")
        now = self._clock.now()
        try:
            sample = self._senses.sampler.sample(
                root, main[0], main[1], elapsed_s=now.elapsed_s, unix=now.unix, life=life, totals=Totals()
            )
        except UnavailableError as error:
            return SampleFailed(error.message)
        except Exception as error:  # noqa: BLE001 - kept for the caller: a dead thread would never answer again
            self.fault = self.fault or error
            return SampleFailed(f"soakctl failed to take it: {error!r}")
        return Sampled(sample._replace(**self._senses.tasks()._asdict()))
