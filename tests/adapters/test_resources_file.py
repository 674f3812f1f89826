"""Bare files of samples, from soakctl or anywhere else."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soakctl.adapters.resources_file import read_resources
from soakctl.domain.config.gate import Budgets
from soakctl.domain.verdict import Outcome
from soakctl.errors import NoDataError
from soakctl.services.gate import judge_resource_file, resource_file_document

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, rows: list[Any]) -> Path:
    """A file of JSON lines."""
    target = path / "resources.jsonl"
    target.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return target


def growing(per_hour: float, **names: str) -> list[dict[str, Any]]:
    """A day of samples a minute, with a time, a pid and a size under these names."""
    time, pid, rss = names.get("time", "timestamp_unix"), names.get("pid", "service_pid"), names.get("rss", "rss_bytes")
    size = 1e6 if rss == "rss_mb" else 1.0
    return [
        {time: 1.7e9 + at, pid: 7, rss: (1e8 + per_hour * at / 3600 + 4096 * (at // 60 % 5)) / size}
        for at in range(0, 86400, 60)
    ]


def outcome(path: Path) -> Outcome:
    """The verdict with default budgets."""
    series, problems = read_resources(path)
    return judge_resource_file(series, problems, Budgets(), strict=False, fail_on_warn=False).verdict.outcome


@pytest.mark.parametrize(
    "names",
    [{}, {"time": "timestamp", "pid": "pid", "rss": "rss"}, {"time": "ts", "pid": "pid", "rss": "rss_mb"}],
    ids=["ours", "plain", "megabytes"],
)
def test_a_file_with_only_time_pid_and_rss_is_judged(tmp_path: Path, names: dict[str, str]) -> None:
    """Names that other tools use are understood; a leak fails and a flat line passes."""
    assert outcome(write(tmp_path, growing(5e6, **names))) is Outcome.FAIL
    assert outcome(write(tmp_path, growing(0.0, **names))) is Outcome.PASS


def test_iso_times_and_json_lists_are_read(tmp_path: Path) -> None:
    """A list of objects is as good as lines, and ISO 8601 as good as seconds."""
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"time": f"2026-01-01T00:00:{second:02d}Z", "rss": 1} for second in range(30)]))
    series, problems = read_resources(path)
    assert (len(series), series.times[-1], problems) == (30, 29.0, ())


def test_processes_by_turns_keep_their_lives(tmp_path: Path) -> None:
    """Two pids whose samples are interleaved are two processes, not a restart a sample."""
    series, _ = read_resources(write(tmp_path, [{"ts": at // 2, "pid": 5 + at % 2, "rss": 1} for at in range(100)]))
    assert len(set(series.lives[::2])) == len(set(series.lives[1::2])) == 1
    assert series.lives[0] != series.lives[1]


def test_a_new_pid_is_a_new_life(tmp_path: Path) -> None:
    """No line is drawn across a restart."""
    rows = [{"ts": at, "pid": 1 + at // 50, "rss": 1} for at in range(100)]
    series, _ = read_resources(write(tmp_path, rows))
    assert (series.lives[0], series.lives[49], series.lives[50]) == (1, 1, 2)


def test_disorder_and_damage_are_said(tmp_path: Path) -> None:
    """Samples are put in order, damaged lines left out, and both said."""
    path = write(tmp_path, [{"ts": 2, "rss": 1}, {"ts": 1, "rss": 1}, {"rss": 1}])
    path.write_text(path.read_text() + "{torn")
    series, problems = read_resources(path)
    assert list(series.times) == [0.0, 1.0]
    assert len(problems) == 3


def test_nothing_to_judge_is_an_error(tmp_path: Path) -> None:
    """A file without a sample, or none at all, names the place."""
    for path in (write(tmp_path, []), tmp_path / "absent.jsonl"):
        with pytest.raises(NoDataError):
            read_resources(path)


@given(st.binary(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """No content of a file raises anything but NoDataError."""
    path = tmp_path_factory.mktemp("bytes") / "file"
    path.write_bytes(raw)
    try:
        series, _ = read_resources(path)
    except NoDataError:
        return
    assert all(math.isfinite(at) for at in series.times)


@pytest.mark.parametrize("parts", [1.0, 1e3, 1e6, 1e9])
def test_times_in_parts_of_a_second_are_told_by_their_size(tmp_path: Path, parts: float) -> None:
    """Milliseconds read as seconds would make a leak a thousand times slower than it is."""
    rows = [{"ts": round((1.7e9 + at) * parts), "pid": 1, "rss": 1} for at in range(100)]
    series, _ = read_resources(write(tmp_path, rows))
    assert series.times[-1] == pytest.approx(99.0, abs=1e-3)


@pytest.mark.parametrize(
    "row",
    [
        {"ts": 10**400, "rss": 1},
        {"time": "0001-01-01T00:00:00", "rss": 1},
        {"ts": 1, "rss": 10**400},
        {"ts": 1, "pid": [1, {}], "rss": True},
    ],
)
@pytest.mark.parametrize("form", ["lines", "list"])
def test_figures_that_are_none_are_left_out(tmp_path: Path, row: dict[str, Any], form: str) -> None:
    """Whatever stands there, the other rows are judged."""
    rows: list[Any] = [{"ts": at, "rss": 1} for at in range(1, 20)]
    path = write(tmp_path, [row, *rows] if form == "lines" else [])
    if form == "list":
        path.write_text(json.dumps([row, *rows]))
    series, _ = read_resources(path)
    assert len(series) in {19, 20}
    assert sum(map(math.isfinite, series.columns["rss_bytes"])) == 19


@pytest.mark.parametrize(
    ("times", "began"),
    [
        (lambda at: {"ts": 1.7e9 + at}, 1.7e9),
        (lambda at: {"timestamp": int((1.7e9 + at) * 1000)}, 1.7e9),
        (lambda at: {"time": datetime.fromtimestamp(1.7e9 + at, UTC).isoformat()}, 1.7e9),
        (lambda at: {"elapsed_s": 5.0 + at, "timestamp_unix": 1.7e9 + at}, 1.7e9),
        (lambda at: {"elapsed_s": 5.0 + at}, None),
        (lambda at: {"t": at}, None),
    ],
    ids=["seconds", "milliseconds", "iso", "beside elapsed", "elapsed alone", "from 0"],
)
def test_the_clock_is_known_where_the_file_tells_it(tmp_path: Path, times: Any, began: float | None) -> None:
    """Growth of a bare file began at a time of the clock, or at none that is known: never in 1970."""
    rows = [{**times(60.0 * place), "rss": int(1e8 + 1e5 * place)} for place in range(1440)]
    series, _ = read_resources(write(tmp_path, rows))
    judgement = judge_resource_file(series, (), Budgets(), strict=False, fail_on_warn=False)
    found = resource_file_document(judgement, series)["resources"]["rss"]
    assert found["verdict"] == "LEAK"
    assert found["began_unix"] == (None if began is None else pytest.approx(began, abs=600))


@pytest.mark.parametrize("count", [1, 3, 12])
def test_too_few_samples_and_nothing_else_pass_nothing(tmp_path: Path, count: int) -> None:
    """A short run is let off an open question when something else has passed; here there is nothing."""
    noisy = [{"ts": at, "pid": 1, "rss": 1e8 + 1e8 * (at * 7919 % 13)} for at in range(count)]
    assert outcome(write(tmp_path, noisy)) is Outcome.WARN


@pytest.mark.parametrize(
    ("who", "lives"),
    [
        ([(1, 5.0), (1, 5.0), (1, 6.0)], [1, 1, 2]),
        ([(1, None), (None, None), (1, None)], [1, 1, 1]),
        ([(None, None), (1, None), (1, 5.0), (None, 5.0), (1, 5.0)], [1, 1, 1, 1, 1]),
        ([(1, 5.0), (None, None), (2, 9.0)], [1, 1, 2]),
        ([(1, 5.0), (2, None), (2, 9.0), (1, 5.0)], [1, 2, 2, 3]),
        ([([1], {}), ([1], {}), ([2], {})], [1, 1, 2]),
    ],
)
def test_a_line_that_does_not_name_its_process_begins_no_life(
    tmp_path: Path, who: list[tuple[Any, Any]], lives: list[int]
) -> None:
    """A look that failed for once does not cut the series in two; another process does."""
    rows = [{"ts": at, "pid": pid, "create_time": start, "rss": 1} for at, (pid, start) in enumerate(who)]
    series, _ = read_resources(write(tmp_path, rows))
    assert list(series.lives) == lives


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"timestamp": "0.0", "rss": 1}, "20 lines have no time that can be read (first: timestamp is '0.0')"),
        ({"rss": 1}, "20 lines have no time that can be read (none of elapsed_s, "),
        ({"ts": 1, "rss": "12"}, "20 figures cannot be true and were left out (first: rss is '12')"),
        ({"ts": 1, "rss": 0}, "20 figures cannot be true and were left out (first: rss_bytes is 0)"),
        ({"ts": 1, "rss": -5}, "20 figures cannot be true and were left out (first: rss_bytes is -5)"),
    ],
)
def test_a_file_that_cannot_be_judged_says_what_is_wrong_with_it(
    tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    """It is full of lines: that it holds none would send people looking in the wrong place."""
    with pytest.raises(NoDataError) as told:
        read_resources(write(tmp_path, [row] * 20))
    assert said in told.value.message
