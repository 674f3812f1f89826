"""A needle stands in every match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.logs.needles import is_plain, needles


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("timed out", ("timed out",)),
        ("(?:started|running)", ("running", "started")),
        ("connection (refused|reset)", ("connection ",)),
        (r"took \d+ms", ("took ",)),
        (r"\d+", ()),
        ("a|", ()),
        ("(?i)X", ("x",)),
        ("(?i:x)|y", ()),
        ("(ab){2}c?", ("ab",)),
        ("(ab)?c*", ()),
        ("a|b|c|d|e|f|g|h|i", ()),
    ],
)
def test_needles(pattern: str, found: tuple[str, ...]) -> None:
    """The rarest, as far as their length tells."""
    assert needles(pattern) == found


_PIECES = st.sampled_from(
    ["a", "bb", "c?", "(d|ee)", "(?:f|g)?", "[hi]", "j+", ".", "^", "$", r"\d", "(?i:m)", "(?:no){2}", "|", r"\."]
)


@given(st.lists(_PIECES, max_size=6).map("".join), st.text(alphabet="abcdefghijMmno.1", max_size=12))
def test_no_match_without_a_needle(pattern: str, text: str) -> None:
    """A text that the pattern is found in holds one of them; a plain pattern is found where one stands."""
    found = needles(pattern)
    if found and re.search(pattern, text):
        assert any(needle in text for needle in found)
    if is_plain(pattern):
        assert found == (pattern,)
        assert (pattern in text) == (re.search(pattern, text) is not None)
