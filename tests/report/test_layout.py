"""A report as plain text: what rich would print, without rich."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from soakctl.report.layout import Columns, Paragraph, Report
from tests.support.shown import shown

WORDS = st.lists(st.text("ab-(é世🚀", max_size=30), max_size=8).map(" ".join)
PIECES = st.tuples(WORDS, st.sampled_from(["", "bold red", "dim"]))
PARAGRAPHS = st.lists(PIECES, max_size=3).map(lambda pieces: Paragraph(tuple(pieces)))
INDENTED = PIECES.map(lambda piece: Paragraph((("| ", ""), piece), indent=6))
# Where a column is too narrow for its wide characters, rich draws it one cell narrower still.
CELLS = PIECES.map(lambda piece: (piece[0].replace("世", "w").replace("🚀", "rr"), piece[1]))
ROWS = st.tuples(st.sampled_from([("ok", "green"), ("NO DATA", "bold")]), CELLS, CELLS, CELLS)
TABLES = st.lists(ROWS, min_size=1, max_size=5).map(lambda rows: Columns(("", "check", "limit", "over"), tuple(rows)))


@settings(max_examples=50, deadline=None)
@given(st.lists(PARAGRAPHS | INDENTED | TABLES, min_size=1, max_size=4), st.integers(60, 200))
@example([Paragraph((("a" * 61 + " b", ""),))], 60)
@example([Columns(("", "x"), ((("ok", ""), ("c" * 200, "")),))], 60)
def test_plain_text_is_what_rich_prints(parts: list[Paragraph | Columns], width: int) -> None:
    """Whoever reads it through a pipe reads the same lines."""
    report = Report(tuple(parts))
    assert report.plain(width) == shown(report, width)


@pytest.mark.parametrize("text", ["two\nlines", "a\tb", "ring\x07 back\x08 return\r", " indented  twice "])
def test_what_moves_the_cursor_is_taken_out(text: str) -> None:
    """As rich does."""
    report = Report((Paragraph(((text, ""),)),))
    assert report.plain(80) == shown(report, 80)


def test_a_verdict_is_told_without_rich() -> None:
    """It takes longer to import than a short run to judge."""
    code = "import sys, soakctl.report.summary; sys.exit('rich.console' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
