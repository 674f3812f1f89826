"""KPIs against their limits, in one iteration and over the window of the gate."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.verdict import Check, Severity
from soakctl.domain.wording import show_number
from soakctl.judge.kpi import judge_iteration, judge_kpi, show_bounds
from tests.support.records import iteration_of, kpi_of

OK, INFO, NO_DATA, WARN, FAIL = Severity.OK, Severity.INFO, Severity.NO_DATA, Severity.WARN, Severity.FAIL


def judged(values: list[float | None], *, window: int = 8, by_mock: bool = False, **fields: Any) -> Check:
    """The check of a KPI that had these values in iterations of an hour each."""
    counted = [iteration_of(place, value) for place, value in enumerate(values, start=1)]
    return judge_kpi(kpi_of(**fields), counted, window=window, mock=by_mock)


TWO_LEVELS = {"fail": {"max": 10}, "warn": {"max": 5}}


@pytest.mark.parametrize(
    ("fields", "value", "severity", "reason"),
    [
        ({"max": 10}, 10.0, OK, ""),
        ({"max": 10}, 10.001, FAIL, "above 10"),
        ({"min": 10}, 10.0, OK, ""),
        ({"min": 10}, 9.999, FAIL, "below 10"),
        ({"min": 1, "max": 2}, 1.5, OK, ""),
        ({"min": 1, "max": 2}, 0.5, FAIL, "below 1"),
        ({"min": 1, "max": 2}, 2.5, FAIL, "above 2"),
        ({"max": 0}, -1.0, OK, ""),
        ({"min": 0}, -0.001, FAIL, "below 0"),
        (TWO_LEVELS, 5.0, OK, ""),
        (TWO_LEVELS, 5.1, WARN, "outside the warning level <= 5"),
        (TWO_LEVELS, 10.1, FAIL, "above 10"),
        ({"max": 10, "warn": {"max": 5}}, 7.0, WARN, "outside the warning level <= 5"),
        ({"warn": {"min": 5}}, 4.0, WARN, "outside the warning level >= 5"),
        ({"warn": {"min": 5}}, 5.0, OK, ""),
        ({}, 5.0, INFO, "no limit given"),
    ],
)
def test_a_value_is_held_against_its_limits(fields: dict[str, Any], value: float, severity: str, reason: str) -> None:
    """Limits belong to what is good; beyond fail fails, beyond warn warns, and without limits it is only said."""
    check = judged([value], **fields)
    assert (check.severity, check.reason) == (severity, reason)


@pytest.mark.parametrize(
    ("aggregate", "figure"),
    [("mean", 4.0), ("median", 2.5), ("p95", 8.95), ("max", 10.0), ("min", 1.0), ("last", 3.0)],
)
def test_the_aggregate_of_the_window_is_what_is_judged(aggregate: str, figure: float) -> None:
    """A limit just above the figure holds, one just below does not, and the figure is shown."""
    values: list[float | None] = [1.0, 2.0, 10.0, 3.0]
    assert judged(values, aggregate=aggregate, max=figure + 1e-9).severity is OK
    check = judged(values, aggregate=aggregate, max=figure - 1e-9)
    assert (check.severity, check.value) == (FAIL, f"{aggregate} {figure:g}")


def test_a_check_shows_value_limit_window_points_and_reason() -> None:
    """Nobody has to look anything up to understand a line."""
    check = judged([400.0, 300.0], unit="ms", max=340, min=1)
    assert check.to_json() == {
        "id": "kpi.quality",
        "severity": "fail",
        "what": "quality",
        "value": "mean 350 ms",
        "limit": "1 to 340 ms",
        "window": "last 2",
        "points": 2,
        "reason": "above 340",
        "hint": "",
        "evidence": [],
    }


@pytest.mark.parametrize(
    ("over", "window", "looked_at"),
    [(None, 8, 8), (None, 3, 3), (None, 100, 12), (2, 8, 2), (10, 8, 10), ("3h", 8, 3), ("90m", 8, 2), ("9d", 8, 12)],
)
def test_over_replaces_the_window_of_the_gate(over: int | str | None, window: int, looked_at: int) -> None:
    """A number is iterations, a duration goes back from the end of the last one, and either may exceed the window."""
    values: list[float | None] = [float(place) for place in range(12)]
    check = judged(values, window=window, aggregate="min", over=over)
    assert (check.points, check.value) == (looked_at, f"min {12 - looked_at}")


@pytest.mark.parametrize(
    ("fail_if", "broken", "severity"),
    [
        ("3 of 5", "00111", FAIL),
        ("3 of 5", "10101", FAIL),
        ("3 of 5", "11000", OK),
        ("3 of 5", "11100011", OK),  # three in all, two of them lately
        ("3 of 5", "11", OK),
        ("3 of 5", "111", FAIL),
        ("1 of 1", "1110", OK),
        ("1 of 1", "0001", FAIL),
        ("5 of 5", "01111", OK),
        ("2 of 12", "110000000000", FAIL),  # looks further back than the window of the gate
        ("1 of 4", "1????", NO_DATA),  # the failure lies five iterations back, and what came since is not known
        ("1 of 4", "?1???", FAIL),
    ],
)
def test_fail_if_counts_broken_iterations_and_not_their_mean(fail_if: str, broken: str, severity: str) -> None:
    """`3 of 5` fails when three of the last five iterations broke the limit, whatever the mean says."""
    values = [{"0": 0.0, "1": 1.0, "?": None}[mark] for mark in broken]
    assert judged(values, max=0.5, aggregate="max", fail_if=fail_if).severity == severity


def test_fail_if_stands_in_for_the_aggregate() -> None:
    """With fail_if one wild value does not fail by its weight in the mean."""
    assert judged([0.0, 0.0, 1e6, 0.0], max=1, fail_if="2 of 4").severity is OK
    assert judged([0.0, 0.0, 1e6, 0.0], max=1).severity is FAIL


def test_one_broken_iteration_is_enough_for_a_key_figure() -> None:
    """`key` is a veto: the mean is fine, fail_if is fine, and it fails."""
    check = judged([1.0, 9.0, 1.0], max=5, key=True, fail_if="3 of 3")
    assert check.severity is FAIL
    assert check.reason == "a key figure, and 1 of 3 iterations broke its limit"
    assert judged([1.0, 4.0, 1.0], max=5, key=True).severity is OK


def test_a_veto_looks_at_the_window_alone() -> None:
    """What was broken long ago does not veto."""
    assert judged([9.0, 1.0, 1.0], window=2, max=5, key=True).severity is OK


@pytest.mark.parametrize("values", [[9.0], [1.0], [None], [9.0, None]])
def test_a_dry_run_is_shown_and_never_counts(values: list[float | None]) -> None:
    """Good, bad or missing: a dry-run KPI says what it would have said, and changes nothing."""
    check = judged(values, max=5, dry_run=True, key=True)
    assert check.severity is INFO
    assert judge_iteration([kpi_of(max=5, dry_run=True)], {"quality": values[0]}, mock=False) == ("PASS", ())


def test_a_dry_run_says_that_it_would_have_failed() -> None:
    """That is what one makes a dry run for."""
    assert judged([9.0], max=5, dry_run=True).reason == "dry run, not counted; above 5"


@pytest.mark.parametrize(
    ("fields", "mock", "limit"),
    [
        ({"min": 0.8, "mock": {"min": 0.5}}, False, ">= 0.8"),
        ({"min": 0.8, "mock": {"min": 0.5}}, True, ">= 0.5"),
        ({"min": 0.8, "max": 1, "mock": {"min": 0.5}}, True, "0.5 to 1"),
        ({"max": 5}, True, "<= 5"),
        ({"mock": {"max": 5}}, False, ""),
        ({"mock": {"max": 5}}, True, "<= 5"),
        ({"fail": {"max": 5}, "mock": {"max": 9}}, True, "<= 9"),
    ],
)
def test_mock_limits_replace_the_real_ones_side_by_side(fields: dict[str, Any], mock: bool, limit: str) -> None:
    """Each side has its own, and a side without one keeps the real limit."""
    assert judged([0.6], by_mock=mock, **fields).limit == limit


def test_mock_limits_decide_under_mock_alone() -> None:
    """The same value passes as a mock run and fails as a real one."""
    fields: dict[str, Any] = {"min": 0.8, "mock": {"min": 0.5}}
    assert judged([0.6], by_mock=True, **fields).severity is OK
    assert judged([0.6], by_mock=False, **fields).severity is FAIL
    kpi = kpi_of(**fields)
    assert judge_iteration([kpi], {"quality": 0.6}, mock=True) == ("PASS", ())
    assert judge_iteration([kpi], {"quality": 0.6}, mock=False) == ("FAIL", ("quality",))


def test_a_kpi_without_any_value_has_no_data_and_says_why() -> None:
    """The newest reason that a source gave is the one that helps."""
    counted = [
        iteration_of(1, None, reasons={"quality": "connection refused"}),
        iteration_of(2, None, reasons={"quality": "no such file"}),
    ]
    check = judge_kpi(kpi_of(max=5), counted, window=8, mock=False)
    assert (check.severity, check.reason, check.points, check.value) == (NO_DATA, "no such file", 0, "")
    check = judge_kpi(kpi_of(max=5), [], window=8, mock=False)
    assert (check.severity, check.reason) == (NO_DATA, "no iteration has a value")


@pytest.mark.parametrize(
    ("values", "fields", "severity"),
    [
        ([1.0, None], {"max": 5}, NO_DATA),
        ([9.0, None], {"max": 5}, FAIL),
        ([4.0, None], {"max": 5, "warn": {"max": 3}}, WARN),
        ([None, 1.0], {"max": 5, "key": True}, NO_DATA),
        ([None] * 8 + [1.0] * 8, {"max": 5}, OK),  # long ago
    ],
)
def test_a_missing_value_is_never_good(values: list[float | None], fields: dict[str, Any], severity: str) -> None:
    """Where an iteration of the window lacks the value the check cannot be OK; what is known to be bad stays bad."""
    check = judged(values, **fields)
    assert check.severity == severity
    assert ("1 of 2 iterations had no value" in check.reason) == (None in values[-8:])


def test_figures_too_large_to_add_up_are_no_data() -> None:
    """Two believable numbers whose sum no float can hold are said, not a fault of soakctl."""
    check = judged([1.7e308, 1.7e308], max=5)
    assert check.severity is NO_DATA
    assert "too large" in check.reason


LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "max": st.floats(-100, 100),
        "warn": st.builds(dict, max=st.floats(-100, 100)),
        "key": st.booleans(),
        "fail_if": st.sampled_from(["1 of 2", "2 of 3", "3 of 5"]),
        "aggregate": st.sampled_from(["mean", "median", "p95", "max", "min", "last"]),
    },
)


@given(st.lists(st.none() | st.floats(-200, 200), max_size=10), LIMITS)
def test_a_check_is_never_better_than_its_values(values: list[float | None], fields: dict[str, Any]) -> None:
    """Whatever is asked: no OK without every value, none while every value breaks the limit, no FAIL if none does."""
    check, most = judged(values, **fields), fields.get("max")
    chosen = values[-8:]
    if not chosen or None in chosen:
        assert check.severity is not OK
    known = [value for value in chosen if value is not None]
    if known and most is not None:
        enough = (
            fields.get("fail_if") in {None, "1 of 2"} or fields.get("key") or (len(chosen) >= 5 and chosen == known)
        )
        if all(value > most for value in known) and enough and chosen[-1] is not None:
            assert check.severity is FAIL
        if not any(value > most for value in known):
            assert check.severity is not FAIL


@pytest.mark.parametrize(
    ("values", "verdict", "failed"),
    [
        ({"a": 1.0, "b": 1.0}, "PASS", ()),
        ({"a": 9.0, "b": 1.0}, "FAIL", ("a",)),
        ({"a": 9.0, "b": None}, "FAIL", ("a",)),
        ({"a": 1.0, "b": None}, "NO_DATA", ()),
        ({"a": 9.0, "b": 9.0}, "FAIL", ("a", "b")),
        ({}, "NO_DATA", ()),
    ],
)
def test_an_iteration_is_judged_by_all_its_kpis(
    values: dict[str, float | None], verdict: str, failed: tuple[str, ...]
) -> None:
    """One bad value fails it, one missing value keeps it from passing, and those that failed are named."""
    assert judge_iteration([kpi_of("a", max=5), kpi_of("b", max=5)], values, mock=False) == (verdict, failed)


def test_a_kpi_without_limits_may_be_missing_from_an_iteration() -> None:
    """Nothing was asked of it there."""
    assert judge_iteration([kpi_of("a")], {"a": None}, mock=False) == ("PASS", ())
    assert judge_iteration([], {}, mock=False) == ("PASS", ())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.30126, "0.3013"),
        (222.04, "222"),
        (9999.4, "9999"),
        (9999.6, "10,000"),
        (-9999.6, "-10,000"),
        (1234567.0, "1,234,567"),
        (1.5e300, "1.5e+300"),
    ],
)
def test_numbers_are_shown_as_people_write_them(value: float, shown: str) -> None:
    """Four figures, thousands apart, and no exponent for what people count in."""
    assert show_number(value) == shown


def test_limits_are_shown_with_their_unit() -> None:
    """A limit without one is empty."""
    kpi = kpi_of(min=0, max=12000)
    assert show_bounds(kpi, "ms") == "0 to 12,000 ms"
    assert show_bounds(kpi_of()) == ""
