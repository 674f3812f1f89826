"""What would make a terminal do something is taken out of a line, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.ansi import without_escapes


@pytest.mark.parametrize(
    ("coloured", "plain"),
    [
        ("plain", "plain"),
        ("\x1b[31mCRITICAL\x1b[0m: x", "CRITICAL: x"),
        ("\x1b[1;38;5;196mred\x1b[m", "red"),
        ("\x1b[2K\x1b[1Gprogress", "progress"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://localhost\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b(Btext", "text"),
        ("\x1bMup", "up"),
        ("cut at its end\x1b[3", "cut at its end"),
        ("\x1b", ""),
        ("a bell\x07, a \x00 and a step back\x08", "a bell, a  and a step back"),
        ("\x9b31mC1", "31mC1"),
        ("\x1b[31mtab\tand\rreturn", "tab\tand\rreturn"),
    ],
)
def test_sequences_are_removed(coloured: str, plain: str) -> None:
    """Colours, cursor movements, titles, links and character sets go; the text stays."""
    assert without_escapes(coloured) == plain


@given(st.text(alphabet=st.characters(exclude_categories=["Cc"], include_characters="\t\r")))
def test_text_without_escapes_is_untouched(text: str) -> None:
    """A line without control characters comes back as it is."""
    assert without_escapes(text) == text


@given(st.text(alphabet="\x1b[]0m;\x07\\ab"))
def test_no_escape_character_is_left(text: str) -> None:
    """Whatever the order of the pieces, no escape character gets through to a terminal."""
    assert "\x1b" not in without_escapes(text)
