"""Words, sparklines and shortened lines, the same in every report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.verdict import Outcome, Severity
from soakctl.report.words import SEVERITY_WORDS, outcome_piece, severity_piece, shortened, sparkline

FLOATS = st.floats(-1e300, 1e300)


@pytest.mark.parametrize(
    ("values", "width", "bars"),
    [
        ([], 10, ""),
        ([5.0], 10, "▁"),
        ([5.0, 5.0, 5.0], 10, "▁▁▁"),
        ([0.0, 7.0], 10, "▁█"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 10, "▁▂▃▄▅▆▇█"),
        ([-7.0, 0.0], 10, "▁█"),
        ([100.0, 0.0, 7.0], 2, "▁█"),  # the last ones, scaled by themselves
    ],
)
def test_a_sparkline_goes_from_the_least_to_the_most(values: list[float], width: int, bars: str) -> None:
    """Equal values lie flat at the bottom."""
    assert sparkline(values, width) == bars


@given(st.lists(FLOATS, max_size=50), st.integers(1, 40))
def test_any_sparkline_has_a_bar_a_value(values: list[float], width: int) -> None:
    """Never more than there is room for, and the least and the most are at their ends."""
    bars = sparkline(values, width)
    assert len(bars) == min(len(values), width)
    if len(set(values[-width:])) > 1:
        assert {"▁", "█"} <= set(bars)


def test_every_severity_and_outcome_has_its_word() -> None:
    """A word that says what the colour says."""
    assert {severity: severity_piece(severity)[0] for severity in Severity} == SEVERITY_WORDS
    assert [outcome_piece(outcome)[0] for outcome in Outcome] == ["PASS", "WARN", "FAIL"]


@pytest.mark.parametrize(
    ("line", "most", "text"),
    [("short", 5, "short"), ("longer", 5, "longe... (6 characters)"), ("", 5, "")],
)
def test_a_long_line_is_shortened_and_says_so(line: str, most: int, text: str) -> None:
    """The whole of it is in the record."""
    assert shortened(line, most) == text
