"""Durations, sizes, rates and percentages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.units import ByteRate, CountRate, Duration, Percent, Rate, Size
from soakctl.domain.wording import show_bytes, show_seconds, signal_name

Quantity = type[Duration] | type[Size] | type[Rate] | type[Percent]

READ = [
    (Duration, "8s", 8.0),
    (Duration, "90m", 5400.0),
    (Duration, "1.5h", 5400.0),
    (Duration, "0.1h", 360.0),
    (Duration, "1h30m", 5400.0),
    (Duration, " 1h 30m ", 5400.0),
    (Duration, "2d", 172800.0),
    (Duration, "500ms", 0.5),
    (Duration, "3min", 180.0),
    (Duration, "10", 10.0),
    (Duration, 2.5, 2.5),
    (Size, "5GB", 5e9),
    (Size, "5GiB", 5 * 2**30),
    (Size, "500 MB", 5e8),
    (Size, "1.5kB", 1500),
    (Size, "10k", 10_000),
    (Size, 12, 12),
    (Rate, "1MB/h", 1e6),
    (Rate, "3/min", 180),
    (Rate, "24/d", 1),
    (Rate, 5, 5),
    (ByteRate, "1MB/min", 6e7),
    (ByteRate, 1e6, 1e6),
    (CountRate, "1/s", 3600),
    (CountRate, "1.5 / h", 1.5),
    (Percent, "80%", 80),
    (Percent, " 2.5 % ", 2.5),
    (Percent, 80, 80),
]


@pytest.mark.parametrize(("kind", "text", "number"), READ)
def test_reads_what_people_write(kind: Quantity, text: str | float, number: float) -> None:
    """Each accepted form has exactly one value."""
    assert kind.parse(text) == number


REFUSED = [
    (Duration, "", "'' is not a duration; write one like 8s, 90m or 1.5h"),
    (Duration, "abc", "'abc' is not a duration; write one like 8s, 90m or 1.5h"),
    (Duration, "1h30", "'1h30' is not a duration; write one like 8s, 90m or 1.5h"),
    (Duration, "8S", "'8S' is not a duration; write one like 8s, 90m or 1.5h"),
    (Duration, "1:30", "'1:30' is not a duration; write one like 8s, 90m or 1.5h"),
    (Duration, "-5m", "'-5m' is not a positive duration; write one like 8s, 90m or 1.5h"),
    (Duration, 0, "0 is not a positive duration; write one like 8s, 90m or 1.5h"),
    (Duration, "0s", "'0s' is not a positive duration; write one like 8s, 90m or 1.5h"),
    (Duration, float("nan"), "nan is not a duration; write one like 8s, 90m or 1.5h"),
    (Duration, "inf", "'inf' is not a duration; write one like 8s, 90m or 1.5h"),
    (Duration, "0.1ms", "'0.1ms' is shorter than 1ms; write one like 8s, 90m or 1.5h"),
    (Duration, 10**400, "the number is longer than a hundred years; write one like 8s, 90m or 1.5h"),
    (Size, "5 gigs", "'5 gigs' is not a size; write one like 500MB or 5GiB"),
    (Size, "-1MB", "'-1MB' is out of range for a size; write one like 500MB or 5GiB"),
    (Size, "9" * 400 + "GB", f"'{'9' * 56}... is out of range for a size; write one like 500MB or 5GiB"),
    (Size, float("inf"), "inf is not a size; write one like 500MB or 5GiB"),
    (Rate, "1MB", "'1MB' is not a rate; write one like 1MB/h or 3/min"),
    (Rate, "-1/h", "'-1/h' is out of range for a rate; write one like 1MB/h or 3/min"),
    (Rate, "1/week", "'1/week' is not a rate; write one like 1MB/h or 3/min"),
    (ByteRate, "1/h", "'1/h' is not a rate of bytes; write one like 1MB/h or 500kB/min"),
    (CountRate, "1MB/h", "'1MB/h' is not a rate of counts; write one like 1/h or 3/min"),
    (Percent, "-1%", "'-1%' is not a percentage; write one like 80%"),
    (Percent, "most", "'most' is not a percentage; write one like 80%"),
]


@pytest.mark.parametrize(("kind", "text", "said"), REFUSED)
def test_refuses_the_rest_and_says_what_is_accepted(kind: Quantity, text: str | float, said: str) -> None:
    """A refusal quotes what was written, shortened, and shows accepted forms."""
    with pytest.raises(ValueError, match=r"write one like") as refused:
        kind.parse(text)
    assert str(refused.value) == said


PRINTED = [
    (Duration(90), "1m30s"),
    (Duration(86400 + 3600), "1d1h"),
    (Duration(0.25), "250ms"),
    (Duration(90.5), "90.5s"),
    (Size(5 * 10**9), "5GB"),
    (Size(2**30), "1GiB"),
    (Size(1001), "1001B"),
    (Size(0), "0B"),
    (ByteRate(1e6), "1MB/h"),
    (ByteRate(0.5), "0.5B/h"),
    (CountRate(180000), "180000/h"),
    (Rate(180), "180/h"),
    (Percent(80), "80%"),
]


@pytest.mark.parametrize(("quantity", "text"), PRINTED)
def test_prints_the_shortest_exact_form(quantity: float, text: str) -> None:
    """What is printed is what a person would have written."""
    assert str(quantity) == text


@given(st.floats(min_value=0.001, max_value=3.1e9))
def test_a_printed_duration_reads_back_as_itself(seconds: float) -> None:
    """No digit is lost between printing and reading a duration."""
    assert Duration.parse(str(Duration(seconds))) == seconds


@given(st.integers(min_value=0, max_value=2**53))
def test_a_printed_size_reads_back_as_itself(number: int) -> None:
    """No byte is lost between printing and reading a size."""
    assert int(Size.parse(str(Size(number)))) == number


@given(st.sampled_from([Rate, ByteRate, CountRate, Percent]), st.floats(min_value=0, max_value=1e15))
def test_printed_rates_and_percentages_read_back_as_themselves(kind: Quantity, number: float) -> None:
    """No digit is lost between printing and reading a rate or a percentage."""
    assert kind.parse(str(kind(number))) == number


@given(
    st.sampled_from([Duration, Size, Rate, ByteRate, CountRate, Percent]),
    st.one_of(st.text(), st.from_regex(r"[-+]?[0-9.]+(e[0-9]+)? ?[a-zA-Z/%]*"), st.floats(), st.integers()),
)
def test_any_input_is_read_or_refused(kind: Quantity, value: str | float) -> None:
    """Nothing but a ValueError ever comes of what people may write."""
    try:
        assert kind.parse(value) >= 0
    except ValueError as refused:
        assert "write one like" in str(refused)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.34, "2.3s"), (245, "4m05s"), (12000, "3h20m"), (187200, "2d04h"), (59.96, "1m00s")]
)
def test_spans_are_shown_in_at_most_two_units(seconds: float, text: str) -> None:
    """A span reads at a glance."""
    assert show_seconds(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (12_300_000, "12.3 MB"), (-2000, "-2 kB"), (999_600, "1 MB"), (5e15, "5000 TB")],
)
def test_bytes_are_shown_in_three_figures(number: float, text: str) -> None:
    """Sizes read at a glance, growth below zero too."""
    assert show_bytes(number) == text


def test_signals_are_shown_by_name() -> None:
    """A number that this platform does not name is still shown."""
    assert (signal_name(15), signal_name(9999)) == ("SIGTERM", "SIG9999")
