"""Samples of long files: read by column, and read one by one, they are the same."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soakctl.adapters.resources_file import read_resources
from soakctl.adapters.samples_file import read_samples, read_series
from soakctl.domain.record import Series
from soakctl.domain.sample import FIELDS, Sample

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 900
IN_PLACE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=25
)


@cache
def lines() -> tuple[bytes, ...]:
    """The samples of a run of two lives, more of them than are read in one piece."""
    rows = []
    for place in range(COUNT):
        figures: dict[str, Any] = {name: 1000 * number + place for number, name in enumerate(FIELDS[6:])}
        figures |= {"num_tasks": None, "uss_bytes": None if place % 4 else 17, "cpu_percent": place / 7}
        life = 1 + place // 500
        rows.append(Sample(place * 0.5, 1.7e9 + place, "2026-01-01T00:00:00Z", life, 100 + life, 1.0 * life, **figures))
    return tuple(json.dumps(row.to_json()).encode() + b"\n" for row in rows)


def told(path: Path, text: bytes) -> tuple[Series, list[str]]:
    """What is read of such a file at once, which has to be what is read one by one."""
    (path / "resources.jsonl").write_bytes(text)
    at_once: list[str] = []
    one_by_one: list[str] = []
    found = read_series(path / "resources.jsonl", at_once)
    series = Series()
    for sample in read_samples(path / "resources.jsonl", one_by_one):
        series.add(sample)
    assert at_once == one_by_one
    assert shown(found) == shown(series)
    return found, at_once


def shown(series: Series) -> dict[str, str]:
    """Every figure as text, so that what is missing equals itself."""
    return {"times": repr(series.times), "lives": repr(series.lives)} | {
        name: repr(values) for name, values in series.columns.items()
    }


def test_a_long_file_is_read_to_the_last_figure(tmp_path: Path) -> None:
    """Lives, whole and broken numbers, and what was never read."""
    series, problems = told(tmp_path, b"".join(lines()))
    assert (len(series), problems) == (COUNT, [])
    assert (series.times[-1], series.lives[499], series.lives[500]) == ((COUNT - 1) / 2, 1, 2)
    assert series.columns["cpu_percent"][700] == 100.0
    assert all(map(math.isnan, series.columns["num_tasks"]))
    assert [place for place in range(8) if series.columns["uss_bytes"][place] == 17.0] == [0, 4]


@pytest.mark.parametrize("place", [1, 850])
@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"\r\n",
        b"\x00\x00\x00\n",
        b"{\n",
        b"{}\n",
        b"null\n",
        b"[" * 100_000 + b"\n",
        lines()[0][:-1] + lines()[1],
        lines()[0].replace(b"}", b"\n}"),
        lines()[0].replace(b"2026-", b"2026\xff"),
        lines()[0].replace(b"2026-", b"2026\x01"),
    ],
)
def test_a_line_that_is_no_sample_is_said_wherever_it_stands(tmp_path: Path, place: int, line: bytes) -> None:
    """The lines around it are read, and its number is told."""
    _, problems = told(tmp_path, b"".join([*lines()[:place], line, *lines()[place:]]))
    assert any(text.endswith(f"(first: line {place + 1})") or f" line {place + 1} " in text for text in problems)


@IN_PLACE
@given(st.data())
def test_any_figure_of_any_line_is_read_or_said(tmp_path: Path, data: st.DataObject) -> None:
    """Lost, of another kind, too large, or of a column that nobody knows: both ways find the same."""
    place = data.draw(st.sampled_from([3, 600, COUNT - 1]))
    row = json.loads(lines()[place])
    name = data.draw(st.sampled_from([*sorted(row), "added_later"]))
    value: Any = data.draw(
        st.sampled_from(
            [..., None, "x", "é", -1, 0.5, [], {}, True, math.nan, 2**63 - 1, 2**63, -(2**63), 10**30, 1e300]
        )
        | st.floats()
        | st.integers()
    )
    changed = {key: found for key, found in row.items() if key != name} | ({} if value is ... else {name: value})
    text = json.dumps(changed, ensure_ascii=False).encode() + b"\n"
    told(tmp_path, b"".join([*lines()[:place], text, *lines()[place + 1 :]]))


@pytest.mark.parametrize("cut", [1, 400])
def test_a_torn_last_line_of_a_long_file_is_said(tmp_path: Path, cut: int) -> None:
    """It is left out, whatever is there of it."""
    series, problems = told(tmp_path, b"".join(lines())[:-cut])
    assert (len(series), problems) == (COUNT - 1, ["the last line of resources.jsonl is torn and was left out"])


def test_a_long_bare_file_is_read_as_a_short_one(tmp_path: Path) -> None:
    """Lives are told by the process, times begin at 0; what has other names is taken from among the rest."""
    other = json.dumps({"elapsed_s": 300.25, "service_pid": 101, "rss_mb": 2}).encode() + b"\n"
    (tmp_path / "file").write_bytes(b"".join([*lines()[10:601], other, *lines()[601:]]))
    series, problems = read_resources(tmp_path / "file")
    assert (len(series), problems) == (COUNT - 9, ())
    assert (series.times[0], series.times[-1]) == (0.0, (COUNT - 1) / 2 - 5)
    assert series.columns["rss_bytes"][591] == 2e6
    # The process that began in the middle comes back after the line of another one.
    begins = [place for place in range(1, len(series)) if series.lives[place] != series.lives[place - 1]]
    assert begins == [490, 591, 592]
