"""The literal of a pattern stands in every match of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.literal import required_literal


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("Event received", "Event received"),
        (r"Config loaded: (?P<rules>\d+) rules", "Config loaded: "),
        (r"^\s*latency=(?P<value>[\d.]+)ms$", "latency="),
        ("(?:started|running)", ""),
        ("up(?: and running)?", "up"),
        ("(?:very )+slow", "very "),
        ("(?i)Event received", ""),
        ("(?i:event) received", " received"),
        ("(?i:received) it", " it"),
        ("(?x) a b  # a comment", "ab"),
        (r"\[crit\]", "[crit]"),
        (".*", ""),
        ("a{0}bc", "bc"),
        ("(?!not)here", "here"),
        ("(?<=x)after", "after"),
        ("(a)(?(1)b|c)dd", "dd"),
    ],
)
def test_the_longest_literal_is_found(pattern: str, literal: str) -> None:
    """The longest run of characters that no match can do without."""
    assert required_literal(pattern) == literal


_PIECES = st.sampled_from(
    [
        "a",
        "bb",
        "c?",
        "(d)",
        "(e|f)",
        "(?:g|h)?",
        "[ij]",
        "k+",
        "l*",
        ".",
        "^",
        "$",
        r"\d",
        "(?i:m)",
        "(?:no){2}",
        r"\.",
    ]
)


@given(st.lists(_PIECES, max_size=6).map("".join), st.text(alphabet="abcdefghijklmMno.1", max_size=12))
def test_no_match_without_the_literal(pattern: str, text: str) -> None:
    """A text that the pattern is found in holds the literal."""
    if re.search(pattern, text):
        assert required_literal(pattern) in text
