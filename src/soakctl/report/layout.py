"""A report as paragraphs and columns, laid out as plain text: rich takes longer to import than a short run to judge.

A terminal gets the same from rich, in colour: see coloured.py.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Piece = tuple[str, str]  # a text and its style, "" for none
_WORD = re.compile(r"\s*\S+\s*")
_MOVES = dict.fromkeys((7, 8, 11, 12, 13))  # would move what is printed, or ring
_BETWEEN = 2


class Paragraph(NamedTuple):
    """Pieces of text one behind the other, wrapped behind an indent."""

    pieces: tuple[Piece, ...] = ()
    indent: int = 0

    def plain(self, width: int) -> Iterator[str]:
        """Its lines."""
        text = "".join(text for text, _ in self.pieces)
        for line in _wrapped(text, max(width - self.indent, 1)):
            yield " " * self.indent + line


class Columns(NamedTuple):
    """A table without rules: a title a column, and rows of cells."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Piece, ...], ...]

    def plain(self, width: int) -> Iterator[str]:
        """Its lines; where it is too wide, the widest columns give way."""
        rows = [self.titles, *(tuple(text for text, _ in row) for row in self.rows)]
        widths = _fitting([max(map(cell_len, column)) for column in zip(*rows, strict=True)], width)
        for row in rows:
            cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
            for place in range(max(map(len, cells))):
                shown = (cell[place] if place < len(cell) else "" for cell in cells)
                padded = (text + " " * (width - cell_len(text)) for text, width in zip(shown, widths, strict=True))
                yield (" " * _BETWEEN).join(padded).rstrip()


class Report(NamedTuple):
    """Paragraphs and tables, one under the other."""

    parts: tuple[Paragraph | Columns, ...]

    def plain(self, width: int) -> str:
        """The whole as text without colours, each line ended."""
        return "".join(f"{line.rstrip()}\n" for part in self.parts for line in part.plain(width))


def _fitting(widths: Sequence[int], width: int) -> list[int]:
    """The widths of columns that fit: the widest, with what is between them, are made as narrow as the next."""
    last = len(widths) - 1
    beside = [(_BETWEEN if 0 < place < last else _BETWEEN // 2) for place in range(len(widths))]
    found = [min(each + more, width) for each, more in zip(widths, beside, strict=True)]
    while (over := sum(found) - width) > 0:
        most = max(found)
        least = max((each for each in found if each != most), default=0)
        if not least:
            break
        widest = [place for place, each in enumerate(found) if each == most]
        for left, place in zip(range(len(widest), 0, -1), widest, strict=True):
            less = min(most - least, round(over / left))
            found[place] -= less
            over -= less
    return [max(each - more, 1) for each, more in zip(found, beside, strict=True)]


def _wrapped(text: str, width: int) -> list[str]:
    """The lines of a text: words are kept whole where they fit into a line at all."""
    lines = text.translate(_MOVES).expandtabs().split("\n")
    return [line for each in lines for line in (_folded(each, width) if cell_len(each) > width else [each])]


def _folded(text: str, width: int) -> list[str]:
    starts, used = [0], 0
    for word in _WORD.finditer(text):
        size = cell_len(word[0].rstrip())
        if size <= width - used:
            used += cell_len(word[0])
            continue
        place = word.start()
        pieces = chop_cells(word[0], width) if size > width else [word[0]]
        for piece in pieces:
            starts.append(place)
            place += len(piece)
        used = cell_len(pieces[-1])
    starts = sorted(set(starts))
    return [text[start:end].rstrip() for start, end in pairwise([*starts, len(text)])]
