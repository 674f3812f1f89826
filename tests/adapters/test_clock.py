"""The real clock: what has elapsed is monotonic, what people read is the wall clock or the one they set."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable


class Hands:
    """The two clocks of the system, moved by hand."""

    def __init__(self) -> None:
        """At some moment."""
        self.monotonic, self.wall = 5000.0, 1.7e9


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The system's clocks replaced."""
    made = Hands()
    readings: dict[str, Callable[[], float]] = {"monotonic": lambda: made.monotonic, "time": lambda: made.wall}
    for name, reading in readings.items():
        monkeypatch.setattr(f"soakctl.adapters.clock.time.{name}", reading)
    return made


def test_elapsed_time_begins_at_nought_or_where_a_run_goes_on(hands: Hands) -> None:
    """A resumed run continues its own count."""
    fresh, resumed = Clock(), Clock(elapsed_s=3600.0)
    hands.monotonic += 12.5
    assert (fresh.elapsed_s(), resumed.elapsed_s()) == (12.5, 3612.5)


def test_a_step_of_the_wall_clock_moves_nothing_that_is_measured(hands: Hands) -> None:
    """Slopes and deadlines use elapsed time; the wall clock is told as it is."""
    clock = Clock()
    hands.monotonic += 10.0
    hands.wall -= 3600.0
    moment = clock.now()
    assert (moment.elapsed_s, moment.unix) == (10.0, 1.7e9 - 3600.0)


def test_a_fake_clock_starts_where_it_is_told_and_advances(hands: Hands) -> None:
    """With CI_FAKE_UTC nothing of the real date shows, whatever happens to the wall clock."""
    clock = Clock(fake_unix=1000.0)
    hands.monotonic += 60.0
    hands.wall += 1e6
    assert clock.unix() == pytest.approx(1060.0)
    assert clock.elapsed_s() == 60.0


def test_the_clock_of_the_system_is_the_one_that_runs() -> None:
    """Unreplaced it gives the present, and never goes back."""
    clock = Clock()
    first, second = clock.now(), clock.now()
    assert 0.0 <= first.elapsed_s <= second.elapsed_s
    assert abs(second.unix - time.time()) < 60.0
