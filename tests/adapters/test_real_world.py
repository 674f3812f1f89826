"""The real world: signals from many threads in one queue, in an order that can be relied on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

import pytest

from soakctl.adapters.clock import Clock
from soakctl.adapters.real_world import RealWorld, Senses
from soakctl.domain.command import Probe, ReadKpi, StartService, StopService, TakeSample, Verify
from soakctl.domain.line import Line
from soakctl.domain.sample import Sample
from soakctl.domain.signal import (
    Exited,
    Gone,
    Interrupted,
    KpiRead,
    Lines,
    Probed,
    Sampled,
    SampleFailed,
    Started,
    StartFailed,
    StopRung,
    Verified,
)
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.domain.signal import Signal

LAST_LINE = Lines("out", 1, tail=(Line("out", 1, 0.0, "bye"),))


class FakeService:
    """A service that does what it is told, from threads of its own."""

    def __init__(self, world: RealWorld) -> None:
        """Nothing runs."""
        self.world = world
        self.said: list[str] = []
        self.root_pid: int | None = None
        self.fault: Exception | None = None
        self.on_start: Signal | None = Started(42, 1.0)
        self.unread: Signal | None = None
        self.stops_with: Signal | None = Gone(0)

    def start(self, life: int) -> None:
        """Begin a life."""
        self.said.append(f"start {life}")
        if isinstance(self.on_start, Started):
            self.root_pid = 41
        if self.on_start is not None:
            self.soon(self.on_start)

    def stop(self, grace_s: float) -> None:
        """End it."""
        self.said.append(f"stop {grace_s:g}")
        if self.stops_with is not None:
            self.soon(StopRung("asked", "SIGTERM", 1), Exited(0), self.stops_with)

    def last_words(self, _timeout_s: float) -> None:
        """What is left in the pipe comes while this is waited for."""
        self.said.append("last words")
        if self.unread is not None:
            unread, self.unread = self.unread, None
            self.soon(unread).join()

    def close(self) -> None:
        """Let go."""
        self.said.append("close")

    def soon(self, *signals: Signal) -> threading.Thread:
        """Emit from another thread."""

        def emit() -> None:
            for signal in signals:
                self.world.emit(signal)

        thread = threading.Thread(target=emit)
        thread.start()
        return thread


class FakeSenses:
    """A sampler, KPI sources, a probe and a verification that answer at once."""

    def __init__(self, world: RealWorld) -> None:
        """All is well."""
        self.world = world
        self.error: Exception | None = None
        self.seen: list[tuple[Any, ...]] = []
        self.closed = False

    def sample(self, root: int, main: int, started: float, **more: Any) -> Sample:
        """A sample of what was asked for."""
        self.seen.append((root, main, started, more["life"]))
        if self.error is not None:
            raise self.error
        return Sample(more["elapsed_s"], more["unix"], "", more["life"])

    def read(self, name: str, token: int) -> None:
        """A value."""
        self.world.emit(KpiRead(name, token, 1.0))

    def probe(self) -> None:
        """Ready."""
        self.world.emit(Probed(ready=True, how="port 1"))

    def close(self) -> None:
        """No more questions."""
        self.closed = True


class Fakes:
    """A world with fakes around it."""

    def __init__(self, verify: Callable[[threading.Event], Verified] | None = None) -> None:
        """Begun, and nothing started."""
        self.world = RealWorld(Clock())
        self.service, self.senses = FakeService(self.world), FakeSenses(self.world)
        one = cast("Any", self.senses)
        self.world.begin(self.service, Senses(sampler=one, kpis=one, probe=one, verify=verify))

    def next(self) -> Signal | None:
        """The next signal, given time to come."""
        return self.world.wait(self.world.now().elapsed_s + 10.0)

    def started(self) -> None:
        """A living service."""
        self.world.do(StartService(1))
        assert self.next() == Started(42, 1.0)


@pytest.fixture
def fakes() -> Iterator[Fakes]:
    """A world that is closed afterwards."""
    made = Fakes()
    yield made
    made.world.close(0.0)


def test_a_death_is_told_after_the_last_words(fakes: Fakes) -> None:
    """What the dead process wrote comes before the news of its death, whichever thread was quicker."""
    fakes.started()
    fakes.service.unread = LAST_LINE
    fakes.service.soon(Exited(1))
    assert (fakes.next(), fakes.next()) == (LAST_LINE, Exited(1))


def test_the_end_of_a_tree_is_told_after_its_last_words(fakes: Fakes) -> None:
    """Children may go on writing after the main process has died."""
    fakes.started()
    fakes.service.soon(Exited(1)).join()
    fakes.service.unread = LAST_LINE
    fakes.service.soon(Gone(0))
    assert (fakes.next(), fakes.next(), fakes.next()) == (Exited(1), LAST_LINE, Gone(0))


def test_a_stop_when_nothing_runs_is_answered_at_once(fakes: Fakes) -> None:
    """Before the first start, after the end, and after a start that failed."""
    fakes.world.do(StopService(5.0))
    assert fakes.next() == Gone(0)
    fakes.started()
    fakes.service.soon(Exited(0), Gone(0)).join()
    assert (fakes.next(), fakes.next()) == (Exited(0), Gone(0))
    fakes.world.do(StopService(5.0))
    assert fakes.next() == Gone(0)
    fakes.service.on_start = StartFailed("not_found", "no such command")
    fakes.world.do(StartService(2))
    assert fakes.next() == StartFailed("not_found", "no such command")
    fakes.world.do(StopService(5.0))
    assert fakes.next() == Gone(0)
    assert not [word for word in fakes.service.said if word.startswith("stop")]


def test_a_stop_reaches_a_living_service(fakes: Fakes) -> None:
    """Each rung, the death and the end come back."""
    fakes.started()
    fakes.world.do(StopService(5.0))
    assert [fakes.next() for _ in range(3)] == [StopRung("asked", "SIGTERM", 1), Exited(0), Gone(0)]
    assert "stop 5" in fakes.service.said


def test_a_stop_reaches_a_service_that_is_only_being_started(fakes: Fakes) -> None:
    """Asked to end in the moment between, it must not be taken for gone: it is about to live."""
    fakes.service.on_start = None
    fakes.world.do(StartService(1))
    fakes.world.do(StopService(5.0))
    assert fakes.next() == StopRung("asked", "SIGTERM", 1)
    assert fakes.service.said[:2] == ["start 1", "stop 5"]


def test_a_sample_is_taken_of_the_life_that_is(fakes: Fakes) -> None:
    """Below the root that the service names, of the main process that was started."""
    before = fakes.world.root_pid
    fakes.started()
    assert (before, fakes.world.root_pid) == (None, 41)
    fakes.world.do(TakeSample())
    found = fakes.next()
    assert isinstance(found, Sampled)
    assert found.sample.life == 1
    assert fakes.senses.seen == [(41, 42, 1.0, 1)]


def test_without_a_service_there_is_nothing_to_sample(fakes: Fakes) -> None:
    """Which is an answer as well."""
    fakes.world.do(TakeSample())
    assert fakes.next() == SampleFailed("the service is not running")


def test_a_sampler_that_cannot_look_says_why(fakes: Fakes) -> None:
    """And is asked again at the next slot."""
    fakes.started()
    fakes.senses.error = UnavailableError("process 41 has ended")
    fakes.world.do(TakeSample())
    assert fakes.next() == SampleFailed("process 41 has ended")
    fakes.senses.error = None
    fakes.world.do(TakeSample())
    assert isinstance(fakes.next(), Sampled)
    assert fakes.world.fault is None


def test_a_fault_in_the_sampler_is_kept_and_sampling_goes_on(fakes: Fakes) -> None:
    """The run is not lost, and neither is the fault: whoever closes the world finds it."""
    fakes.started()
    fakes.senses.error = error = KeyError("rss")
    fakes.world.do(TakeSample())
    assert fakes.next() == SampleFailed("soakctl failed to take it: KeyError('rss')")
    fakes.senses.error = None
    fakes.world.do(TakeSample())
    assert isinstance(fakes.next(), Sampled)
    fakes.world.close(0.0)
    assert fakes.world.fault is error


def test_a_fault_in_reading_the_output_is_found_after_closing(fakes: Fakes) -> None:
    """It belongs to soakctl and not to the service."""
    fakes.service.fault = error = ValueError("x")
    fakes.world.close(0.0)
    assert fakes.world.fault is error


def test_questions_are_handed_to_whom_they_concern(fakes: Fakes) -> None:
    """And their answers come back."""
    fakes.world.do(ReadKpi("quality", 7))
    fakes.world.do(Probe())
    assert (fakes.next(), fakes.next()) == (KpiRead("quality", 7, 1.0), Probed(ready=True, how="port 1"))


def test_the_verification_runs_beside_the_engine_and_is_cancelled_by_closing() -> None:
    """It may take long, and must not outlive the run."""
    cancelled: list[bool] = []

    def verify(cancel: threading.Event) -> Verified:
        cancelled.append(cancel.wait(10.0))
        return Verified(ok=not cancelled[0], detail="cancelled")

    fakes = Fakes(verify)
    fakes.world.do(Verify())
    assert fakes.world.wait(fakes.world.now().elapsed_s) is None
    fakes.world.close(0.0)
    assert fakes.next() == Verified(ok=False, detail="cancelled")
    assert cancelled == [True]


def test_waiting_ends_at_the_given_moment(fakes: Fakes) -> None:
    """Also when that is already over; a signal that is there comes first."""
    assert fakes.world.wait(0.0) is None
    assert fakes.world.wait(fakes.world.now().elapsed_s + 0.01) is None
    fakes.world.interrupt(2)
    assert fakes.world.wait(0.0) == Interrupted(2)


def test_closing_stops_a_living_service_and_waits_for_its_end(fakes: Fakes) -> None:
    """Whatever happened before: an error in the engine leaves nothing running."""
    fakes.started()
    fakes.world.close(3.0)
    assert fakes.service.said[:2] == ["start 1", "stop 3"]
    assert fakes.service.said[-1] == "close"
    assert fakes.senses.closed


def test_closing_stops_a_service_that_is_only_being_started(fakes: Fakes) -> None:
    """A failure right after the start must not leave it behind."""
    fakes.service.on_start = None
    fakes.world.do(StartService(1))
    fakes.world.close(3.0)
    assert "stop 3" in fakes.service.said


def test_closing_leaves_a_service_alone_that_is_gone(fakes: Fakes) -> None:
    """And may be done twice."""
    fakes.started()
    fakes.service.soon(Exited(0), Gone(0)).join()
    fakes.world.close(3.0)
    fakes.world.close(3.0)
    assert "stop 3" not in fakes.service.said
    assert not [thread for thread in threading.enumerate() if thread.name == "soakctl-sampler" and thread.is_alive()]


def test_closing_does_not_wait_for_ever(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service whose end is never confirmed is let go of; its keeper stops it."""
    monkeypatch.setattr("soakctl.adapters.real_world._CLOSE_S", 0.05)
    fakes.started()
    fakes.service.stops_with = None
    fakes.world.close(0.0)
    assert fakes.service.said[-1] == "close"
    fakes.service.stops_with = Gone(0)
