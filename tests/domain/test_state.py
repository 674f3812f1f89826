"""The state of a run, folded from its journal and its samples."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.fold import apply, fold
from soakctl.domain.iteration import Window
from soakctl.domain.plan import Plan
from soakctl.domain.sample import Sample
from soakctl.domain.state import Phase, RunState
from tests.support.eventful import COLUMNS, PLAN, eventful_run
from tests.support.records import BOOTED, STOPPED, ended, iteration_of, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.scripted import MemoryStore

Event = tuple[float, str, "Mapping[str, Any]"]


def sample_of(at_s: float, life: int = 1, **columns: Any) -> Sample:
    """A sample of these columns."""
    return Sample(at_s, 1e9 + at_s, "", life, **columns)


def observed(*samples: Sample, columns: tuple[str, ...] = ()) -> RunState:
    """The state after these samples."""
    state = RunState(plan=Plan(100.0, 10.0, 1.0, 10), columns=columns)
    state.window = Window(1, 0.0)
    for sample in samples:
        state.observe(sample)
    return state


def test_extremes_are_first_last_and_highest() -> None:
    """What could not be read is passed over, and a column never read has none."""
    readings = [None, 5, 9, None, 7]
    state = observed(*(sample_of(float(at), rss_bytes=value) for at, value in enumerate(readings)))
    found = state.extremes["rss_bytes"]
    assert (found.first, found.last, found.peak) == (5, 7, 9)
    assert list(state.history["rss_bytes"]) == [5, 9, 7]
    assert "num_fds" not in state.extremes
    assert (state.samples, state.elapsed_s, state.unix) == (5, 4.0, 1e9 + 4)
    assert state.latest is not None
    assert state.latest.rss_bytes == 7


def test_history_is_bounded() -> None:
    """A run of weeks keeps what a sparkline can show."""
    state = observed(*(sample_of(float(at), num_fds=at) for at in range(1000)))
    assert list(state.history["num_fds"]) == list(range(880, 1000))
    assert state.extremes["num_fds"].first == 0


@pytest.mark.parametrize(
    ("readings", "seconds"),
    [
        ([(1, 2.0), (1, 5.0)], 5.0),
        ([(1, 5.0), (2, 1.0), (2, 3.0)], 8.0),
        ([(1, 5.0), (1, 4.0)], 5.0),
        ([(1, None), (1, 4.0)], 4.0),
        ([(1, None), (2, None)], 0.0),
    ],
)
def test_cpu_seconds_add_up_over_lives(readings: list[tuple[int, float | None]], seconds: float) -> None:
    """A counter that begins again counts from zero, and one that goes back adds nothing."""
    samples = [sample_of(float(at), life, cpu_seconds_total=value) for at, (life, value) in enumerate(readings)]
    assert observed(*samples).cpu_seconds == seconds


def test_only_the_columns_of_kpis_go_into_the_window() -> None:
    """The rest is in the file."""
    state = observed(sample_of(1.0, rss_bytes=5, num_fds=3), sample_of(2.0, rss_bytes=None), columns=("rss_bytes",))
    assert state.window is not None
    assert set(state.window.columns) == {"rss_bytes"}
    assert (state.window.samples, state.window.columns["rss_bytes"].count) == (2, 1)


def test_time_counts_from_the_first_boot_that_passed_and_gaps_extend_it() -> None:
    """Before that no time of the plan has been observed; what is lost is made up for."""
    booting = state_of(*BOOTED[:2], (0.5, "gap", {"lost_s": 9.0, "reason": "x"}))
    assert (booting.end_s, booting.observed_s, booting.gap_s) == (None, 0.0, 0.0)
    state = state_of(*BOOTED, (601.0, "gap", {"lost_s": 100.0, "reason": "x"}), (1001.0, "kpi_read", {}))
    assert state.began_s == 1.0
    assert (state.observed_s, state.gap_s) == (900.0, 100.0)
    assert state.end_s == 1.0 + state.plan.duration_s + 100.0
    again: list[Event] = [(700.0, "service_starting", {"life": 2}), (702.0, "boot_ended", {"exit": "SUCCESS"})]
    assert state_of(*BOOTED, *again).began_s == 1.0


def test_time_never_goes_back() -> None:
    """A resume may begin a little before what was last recorded."""
    assert state_of(*BOOTED, (500.0, "log_observed", LOG), (400.0, "log_observed", LOG)).elapsed_s == 500.0


LOG: dict[str, Any] = {"lines": 2, "critical": 1, "events": 1, "critical_lines": ["CRITICAL x"]}
DEATH: Event = (50.0, "service_exited", {"code": 1, "expected": False})
REQUESTED: Event = (60.0, "stop_rung", {"rung": "requested", "reason": "planned end"})


@pytest.mark.parametrize(
    ("events", "phase", "alive"),
    [
        ([], Phase.NEW, False),
        (BOOTED[:1], Phase.BOOTING, False),
        (BOOTED[:2], Phase.BOOTING, True),
        (BOOTED, Phase.RUNNING, True),
        ([*BOOTED, DEATH], Phase.WAITING, False),
        ([*BOOTED, DEATH, (60.0, "service_starting", {"life": 2})], Phase.BOOTING, False),
        ([*BOOTED, REQUESTED], Phase.STOPPING, True),
        ([*BOOTED, REQUESTED, DEATH], Phase.STOPPING, False),
        ([*BOOTED, (60.0, "stop_rung", {"rung": "requested", "reason": "x", "final": False})], Phase.RUNNING, True),
        ([*BOOTED, *STOPPED], Phase.ENDED, False),
        ([*BOOTED, *STOPPED, (9e4, "run_resumed", {"away_s": 1.0})], Phase.NEW, False),
        ([*BOOTED[:2], (8.0, "boot_ended", {"exit": "STALLED"})], Phase.BOOTING, True),
    ],
)
def test_the_phase_follows_what_happens(events: list[Event], phase: Phase, alive: bool) -> None:
    """And with it whether there is a living service."""
    state = state_of(*events)
    assert (state.phase, state.alive, state.stopping) == (phase, alive, phase in {Phase.STOPPING, Phase.ENDED})


def test_counts_go_to_the_run_and_to_the_open_iteration() -> None:
    """Each is counted once, and what comes between iterations only for the run."""
    happened: list[Event] = [
        (2.0, "log_observed", LOG),
        (2.0, "sample_missed", {"slots": 3, "reason": "x"}),
        (2.0, "lines_dropped", {"stream": "out", "lines": 7}),
        (2.0, "service_exited", {"code": 1, "expected": False}),
        (2.0, "gap", {"lost_s": 5.0, "reason": "x"}),
    ]
    state = state_of(*BOOTED, *happened, (3.0, "iteration_started", {"iteration": 1}), *happened)
    window = state.window
    assert window is not None
    assert (state.lines, state.events, state.critical, len(state.critical_lines)) == (4, 2, 2, 2)
    assert (state.missed, state.dropped, len(state.exits), state.gap_s) == (6, 14, 2, 10.0)
    assert (window.events, window.missed, window.dropped, window.exits, window.gap_s) == (1, 3, 7, 1, 5.0)


def test_what_lines_say_adds_up_in_the_open_iteration() -> None:
    """Values and counts of the KPIs, over all bundles."""
    bundle = {**LOG, "values": {"latency": [1.0, 2.0]}, "counted": {"latency": 2, "hits": 3}}
    window = state_of(
        *BOOTED,
        (1.0, "iteration_started", {"iteration": 1}),
        (2.0, "log_observed", bundle),
        (3.0, "log_observed", bundle),
    ).window
    assert window is not None
    assert window.counted == {"latency": 4, "hits": 6}
    assert (window.logs["latency"].count, window.logs["latency"].last) == (4, 2.0)


def test_a_stop_knows_how_it_went() -> None:
    """Who asked for it, each rung, the code, and what was left."""
    killed: Event = (62.0, "stop_rung", {"rung": "killed", "signal": "SIGKILL", "targets": 1})
    asked: Event = (60.0, "stop_rung", {"rung": "asked", "signal": "SIGTERM", "targets": 1})
    gone: Event = (63.0, "stop_rung", {"rung": "gone", "left": 2})
    stop = state_of(
        *BOOTED, REQUESTED, asked, killed, (62.5, "service_exited", {"code": -9, "expected": True}), gone
    ).stop
    assert stop is not None
    assert (stop.reason, stop.asked, stop.exited, stop.exit_code, stop.left) == ("planned end", True, True, -9, 2)
    assert [rung["rung"] for rung in stop.rungs] == ["asked", "killed", "gone"]
    assert state_of(*BOOTED, asked).stop is None


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"code": 3}, "run 1: exited with code 3"),
        ({"code": -9, "timed_out": True}, "run 1: ran too long and was stopped"),
        ({"code": None, "detail": "no such command"}, "run 1: no such command"),
    ],
)
def test_a_failed_run_is_told_with_its_number(data: dict[str, Any], told: str) -> None:
    """And counted in its iteration; one outside of an iteration is nobody's."""
    failed: Event = (2.0, "service_exited", {"expected": True, "failed_run": True, **data})
    state = state_of(*BOOTED, (1.0, "iteration_started", {"iteration": 1}), failed)
    assert state.window is not None
    assert (state.window.failed_runs, state.failed_runs, state.exits) == (1, [told], [])
    assert state_of(*BOOTED, failed).failed_runs == []


def test_critical_lines_are_kept_in_bounded_number() -> None:
    """All are counted, the first ones shown."""
    many: list[Event] = [(2.0, "log_observed", {**LOG, "critical": 3, "critical_lines": ["a", "b", "c"]})] * 50
    state = state_of(*BOOTED, *many)
    assert (state.critical, len(state.critical_lines)) == (150, 20)


def test_a_start_that_failed_is_no_crash() -> None:
    """Nothing ran that could have crashed."""
    failed: Event = (1.0, "service_exited", {"code": None, "expected": False, "start_failed": "not_found"})
    state = state_of(*BOOTED, DEATH, failed)
    assert (len(state.exits), len(state.crashes)) == (2, 1)


def test_an_iteration_that_an_interruption_cut_goes_on_after_a_resume() -> None:
    """What was gathered in it is not lost, and it stands in the list once."""
    begun: list[Event] = [*BOOTED, (1.0, "iteration_started", {"iteration": 1}), (2.0, "log_observed", LOG)]
    cut = ended(iteration_of(1, partial=True, ended_s=9.0))
    interrupted: list[Event] = [*begun, cut, REQUESTED, (61.0, "run_ended", {"reason": "interrupted"})]
    assert [item.partial for item in state_of(*interrupted).iterations] == [True]
    state = state_of(*interrupted, (61.0, "run_resumed", {"away_s": 1.0}))
    assert not state.iterations
    assert state.window is not None
    assert (state.window.index, state.window.events) == (1, 1)
    assert (state.stop, state.ended, state.boot, state.resumes) == (None, None, None, 1)
    assert state.first_boot is not None


@cache
def journal() -> MemoryStore:
    """The journal of a run in which nearly everything happens."""
    return eventful_run()[0]


@given(st.data())
def test_any_part_of_a_journal_can_be_folded(data: st.DataObject) -> None:
    """From any beginning to any end, with entries missing in between: never an error, whatever it comes to."""
    entries = journal().entries
    chosen = data.draw(st.lists(st.integers(0, len(entries) - 1), unique=True, max_size=len(entries)).map(sorted))
    state = fold(RunState(plan=PLAN, columns=COLUMNS), [entries[place] for place in chosen])
    assert state.seq == (entries[chosen[-1]].seq if chosen else 0)
    assert state.observed_s >= 0.0


def test_every_prefix_of_a_journal_can_be_folded() -> None:
    """A kill may come after any entry."""
    entries = journal().entries
    state = RunState(plan=PLAN, columns=COLUMNS)
    for count, entry in enumerate(entries, start=1):
        apply(state, entry)
        assert state.seq == count
    assert fold(RunState(plan=PLAN, columns=COLUMNS), entries) == state


def test_folding_leaves_the_entries_as_they_are() -> None:
    """The same journal is folded again by the next reader."""
    entries = copy.deepcopy(journal().entries)
    fold(RunState(plan=PLAN, columns=COLUMNS), entries)
    assert entries == journal().entries
