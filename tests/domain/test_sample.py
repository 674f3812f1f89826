"""Samples, their columns, and how they stand in the file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.record import KEPT
from soakctl.domain.sample import COLUMNS, FIELDS, Sample, Totals, from_json, with_totals
from soakctl.domain.state import HISTORY_COLUMNS
from soakctl.judge.resources import RESOURCES

NUMBERS = [name for name in FIELDS if name not in {"elapsed_s", "timestamp_unix", "timestamp_utc", "life"}]
SAMPLES = st.builds(
    Sample,
    elapsed_s=st.floats(0, 1e9),
    timestamp_unix=st.floats(0, 1e10),
    timestamp_utc=st.just("2026-01-01T00:00:00.000Z"),
    life=st.integers(0, 1000),
    **{name: st.none() | st.integers(0, 2**53) for name in NUMBERS},
)


@given(SAMPLES)
def test_a_sample_comes_back_from_its_line(sample: Sample) -> None:
    """To the last figure, and None stays None."""
    assert from_json(json.loads(json.dumps(sample.to_json()))) == sample


def test_what_could_not_be_read_is_null_and_not_zero() -> None:
    """Every column stands in every line."""
    row = Sample(1.0, 2.0, "").to_json()
    assert tuple(row) == FIELDS
    assert {name for name, value in row.items() if value is None} == set(NUMBERS)


@pytest.mark.parametrize("missing", ["elapsed_s", "timestamp_unix", "timestamp_utc"])
def test_a_row_without_its_times_is_no_sample(missing: str) -> None:
    """Nothing could be done with it."""
    row = Sample(1.0, 2.0, "").to_json()
    del row[missing]
    with pytest.raises(TypeError):
        from_json(row)


def test_columns_of_other_versions_do_no_harm() -> None:
    """An older file lacks some, a newer one has more."""
    assert from_json({"elapsed_s": 1.0, "timestamp_unix": 2.0, "timestamp_utc": "", "added_later": 9}) == Sample(
        1.0, 2.0, ""
    )


def test_totals_replace_the_counts_and_nothing_else() -> None:
    """The engine knows them, the sampler does not."""
    sample = Sample(1.0, 2.0, "", rss_bytes=5, events_total=None)
    assert with_totals(sample, Totals(1, 2, 3, 4)) == Sample(
        1.0,
        2.0,
        "",
        rss_bytes=5,
        events_total=1,
        log_lines_total=2,
        log_critical_total=3,
        log_dropped_total=4,
    )


def test_every_table_of_columns_names_columns() -> None:
    """A column that was renamed in one place only would read as never measured."""
    named = {column.name for column in COLUMNS}
    assert len(named) == len(COLUMNS)
    for table in (named, set(KEPT), set(HISTORY_COLUMNS), {item.column for item in RESOURCES}):
        assert table <= set(FIELDS)
    assert {item.column for item in RESOURCES} <= set(KEPT)
    assert {item.name for item in RESOURCES} <= {column.judged for column in COLUMNS}
