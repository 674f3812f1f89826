"""When the memory or the disk of the machine is used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.domain.config.gate import Budgets
from soakctl.judge.look import look
from soakctl.judge.resources import judge_trends
from soakctl.services.gate import analysis_document
from tests.support.records import HOUR, iteration_of, record_of, series_of

if TYPE_CHECKING:
    from soakctl.domain.record import Series

GB = 1e9
DAY = 1440


def series(rss_per_hour: float = 0.0, data_per_hour: float = 0.0, *, left: float | None = 20 * GB) -> Series:
    """A day with a sample a minute: growth, and what the machine has left."""

    def grown(per_hour: float) -> list[float | None]:
        return [1e8 + per_hour * place / 60 + 4096 * (place % 5) for place in range(DAY)]

    flat: list[float | None] = [left] * DAY
    return series_of(
        {
            "rss_bytes": grown(rss_per_hour),
            "data_bytes": grown(data_per_hour),
            "num_fds": [10.0 + place / 60 for place in range(DAY)],
            "system_memory_available_bytes": flat,
            "system_disk_free_bytes": [None if left is None else 10 * left] * DAY,
        }
    )


def told(found: Series) -> dict[str, tuple[float | None, ...]]:
    """Expected, earliest and latest seconds, by resource, as the document has them."""
    trends = judge_trends(found, Budgets(), run_s=24 * HOUR)
    resources = analysis_document("", 0.0, trends)["resources"]
    names = ("exhaustion_s", "exhaustion_earliest_s", "exhaustion_latest_s")
    return {resource: tuple(row[name] for name in names) for resource, row in resources.items()}


def test_memory_is_used_up_when_proven_growth_has_taken_what_is_left() -> None:
    """10 MB an hour take 20 GB in 2,000 hours, give or take the interval; of the disk nothing is said."""
    found = told(series(rss_per_hour=10e6))
    expected, earliest, latest = found["rss"]
    assert expected == pytest.approx(2000 * HOUR, rel=0.02)
    assert earliest is not None
    assert expected is not None
    assert latest is not None
    assert earliest < expected < latest < 1.1 * expected
    assert found["disk"] == (None, None, None)


def test_the_disk_is_used_up_by_the_data() -> None:
    """By what the file system has left."""
    found = told(series(data_per_hour=100e6))
    assert found["disk"][0] == pytest.approx(2000 * HOUR, rel=0.02)
    assert found["rss"] == (None, None, None)


def test_nothing_is_forecast_of_what_has_no_known_end() -> None:
    """Open files leak, and nobody knows how many there may be."""
    assert told(series())["fds"] == (None, None, None)


def test_without_a_reading_of_what_is_left_there_is_no_forecast() -> None:
    """Growth is proven, its end is not."""
    assert told(series(rss_per_hour=10e6, left=None))["rss"] == (None, None, None)


def test_the_look_of_the_run_says_the_same() -> None:
    """One figure, wherever it is told."""
    found = series(rss_per_hour=10e6)
    trends = judge_trends(found, Budgets(), run_s=24 * HOUR)
    record = record_of([iteration_of(1)], series=found)
    assert look(record, trends, counts_events=False).exhaustion_s == trends["rss"].exhaustion_s is not None
