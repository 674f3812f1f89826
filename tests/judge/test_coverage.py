"""What was not read is told: a trend over the beginning of a run says nothing of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.domain.config.gate import Budgets
from soakctl.domain.verdict import Severity
from soakctl.judge.coverage import file_coverage, run_coverage
from soakctl.judge.resources import judge_resources
from tests.support.records import series_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.record import Series

DAY = 1440


def day(rss: Callable[[int], bool], *, processes: Callable[[int], int] = lambda _: 1) -> Series:
    """A flat day at a sample a minute, with RSS where it was read."""
    columns: dict[str, list[float | None]] = {
        "rss_bytes": [1e8 if rss(place) else None for place in range(DAY)],
        "num_processes": [float(processes(place)) for place in range(DAY)],
        "uss_bytes": [1e8 if place % 60 == 0 else None for place in range(DAY)],
        "zombies": [0.0] * DAY,
    }
    return series_of(columns)


@pytest.mark.parametrize(
    ("rss", "reason"),
    [
        (lambda place: place < 100, "of 1440 samples could be read: RSS in 100"),
        (lambda place: place % 2, "of 1440 samples could be read: RSS in 720"),
        (lambda place: place % 15, "of 1440 samples could be read: RSS in 1344"),
        (lambda place: place % 25, None),
        (lambda _: True, None),
        (lambda _: False, None),  # it has a line of its own
    ],
    ids=["stops", "every other", "one in fifteen", "one in twenty-five", "whole", "never"],
)
def test_a_column_that_many_samples_lack_is_no_data(rss: Callable[[int], bool], reason: str | None) -> None:
    """More than one in twenty; what is read seldom by nature, or never, is not told here."""
    found = run_coverage(day(rss))
    assert (None if found is None else found.reason) == reason
    assert found is None or found.severity is Severity.NO_DATA


def test_without_a_process_there_is_nothing_to_read() -> None:
    """Between the runs of a repeated command, and while a service is away."""
    series = day(lambda place: bool(place % 3), processes=lambda place: int(bool(place % 3)))
    assert run_coverage(series) is None


@pytest.mark.parametrize(
    ("rss", "reason"),
    [
        (lambda place: place < 100, "in 23h59m nothing was read of RSS for 22h20m (from 1h39m on)"),
        (lambda place: place >= 100, "in 23h59m nothing was read of RSS for 1h40m (from 0.0s on)"),
        (lambda place: place % 400 > 99, "in 23h59m nothing was read of RSS for 6h43m (the longest part 1h41m, "),
        (lambda place: place % 2, None),
        (lambda _: True, None),
    ],
    ids=["stops", "begins late", "holes", "every other", "whole"],
)
def test_a_long_part_of_a_file_without_a_value_is_no_data(rss: Callable[[int], bool], reason: str | None) -> None:
    """At either end or between; a column that is read every other time has no such part."""
    found = file_coverage(day(rss), [("RSS", "rss_bytes"), ("USS", "uss_bytes")])
    assert found is None if reason is None else found is not None and found.reason.startswith(reason)


def test_a_file_in_which_the_samples_themselves_stop_is_no_data() -> None:
    """Twenty of twenty-four hours without a line."""
    series = day(lambda _: True)
    for place in range(120, DAY):
        series.times[place] += 20 * 3600.0
    _, checks = judge_resources(series, Budgets())
    assert [check.severity for check in checks if check.id == "record.coverage"] == ["no_data"]


def test_sizes_that_no_process_has_were_not_read() -> None:
    """A leak that is followed by zeros is still a leak, and the zeros are missing."""
    columns: dict[str, list[float | None]] = {
        "rss_bytes": [1e8 + 5e4 * place if place < 700 else 0.0 for place in range(DAY)]
    }
    found = {check.id: check.severity for check in judge_resources(series_of(columns), Budgets())[1]}
    assert found == {"resource.rss": "fail", "record.coverage": "no_data"}
