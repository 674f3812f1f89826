"""Run directories of older tools, whole, with files missing, and damaged in any way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soakctl.adapters.older_runs import is_older_run, read_older_run
from soakctl.cli.wiring.setup import bundled_config
from soakctl.domain.verdict import Outcome
from soakctl.errors import NoDataError
from soakctl.judge.verdict import Options, judge_summaries

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"risk_ratio": 0.3, "maker_taker_ratio": 0.85, "net_bps": 3.1, "p95_latency_ms": 220}


def write(path: Path, number: int, summary: Any, tuning: Any = None) -> None:
    """One summary in the older layout."""
    document = {"iteration": number, "summary": summary, "tuning": tuning or {"skip_reason": "", "signature": "abc"}}
    (path / f"ITER_SUMMARY_{number}.json").write_text(json.dumps(document))


def verdict_of(path: Path) -> Outcome:
    """The verdict by the limits of the market maker."""
    iterations, problems = read_older_run(path)
    return judge_summaries(iterations, problems, bundled_config(), Options()).outcome


def test_a_whole_directory_is_judged(tmp_path: Path) -> None:
    """Eight good summaries pass, in the order of their numbers, not of their names."""
    for number in range(1, 13):
        write(tmp_path, number, {**GOOD, "net_bps": 3.0 + number / 10})
    assert is_older_run(tmp_path)
    iterations, problems = read_older_run(tmp_path)
    assert [item.index for item in iterations] == list(range(1, 13))
    assert not problems
    assert verdict_of(tmp_path) is Outcome.PASS


def test_bad_figures_fail(tmp_path: Path) -> None:
    """The KPIs of the configuration are what an older run is judged by."""
    for number in range(1, 9):
        write(tmp_path, number, {**GOOD, "net_bps": 1.0})
    assert verdict_of(tmp_path) is Outcome.FAIL


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ITER_SUMMARY_3.json", None, "ITER_SUMMARY_3.json is missing"),
        ("ITER_SUMMARY_5.json", '{"iteration": 5, "summ', "truncated or malformed"),
        ("ITER_SUMMARY_5.json", "[]", "holds no object"),
        ("ITER_SUMMARY_5.json", '{"iteration": 5}', "has no summary"),
        ("ITER_SUMMARY_5.json", "[" * 200_000, "truncated or malformed"),
        ("ITER_SUMMARY_5.json", json.dumps({"iteration": 9, "summary": GOOD}), "says that it is of iteration 9"),
        ("TUNING_REPORT.json", "{", "TUNING_REPORT.json is truncated"),
        ("TUNING_REPORT.json", "{}", "no list of iterations"),
        ("TUNING_REPORT.json", '{"iterations": [{"iteration": 1}]}', "does not know iteration 2"),
        ("TUNING_REPORT.json", '{"iterations": [{"iteration": []}, {"iteration": 1}]}', "does not know iteration 2"),
        (
            "TUNING_REPORT.json",
            json.dumps({"iterations": [{"iteration": number} for number in range(1, 11)]}),
            "knows iteration 9 (2 in all), which has no ITER_SUMMARY file",
        ),
    ],
)
def test_damage_is_said_and_never_passes(tmp_path: Path, name: str, content: str | None, said: str) -> None:
    """A file that is missing, truncated or malformed is named, and what is left cannot pass."""
    for number in range(1, 9):
        write(tmp_path, number, GOOD)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(content)
    _, problems = read_older_run(tmp_path)
    assert any(said in problem for problem in problems)
    assert verdict_of(tmp_path) is Outcome.WARN


def test_a_missing_figure_never_passes(tmp_path: Path) -> None:
    """A KPI that no summary has is no data."""
    for number in range(1, 9):
        write(tmp_path, number, {key: value for key, value in GOOD.items() if key != "risk_ratio"})
    assert verdict_of(tmp_path) is Outcome.WARN


def test_a_figure_too_large_to_be_one_never_passes(tmp_path: Path) -> None:
    """Whole numbers in JSON have no end."""
    for number in range(1, 9):
        write(tmp_path, number, {**GOOD, "net_bps": 10**400})
    assert verdict_of(tmp_path) is Outcome.WARN


def test_a_directory_of_ruins_is_an_error(tmp_path: Path) -> None:
    """When nothing can be read there is nothing to judge."""
    (tmp_path / "ITER_SUMMARY_1.json").write_text("")
    with pytest.raises(NoDataError):
        read_older_run(tmp_path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(summary=_JSON, report=_JSON)
@settings(max_examples=60, deadline=None)
def test_any_content_is_read_or_said(tmp_path_factory: pytest.TempPathFactory, summary: Any, report: Any) -> None:
    """Whatever JSON stands in the files, the answer is a verdict or NoDataError."""
    path = tmp_path_factory.mktemp("older")
    write(path, 1, summary)
    (path / "TUNING_REPORT.json").write_text(json.dumps(report))
    try:
        assert verdict_of(path) in set(Outcome)
    except NoDataError:
        assert not isinstance(summary, dict)
