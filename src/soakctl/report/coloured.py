"""A report for a terminal, where rich wraps and colours it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from soakctl.report.layout import Columns

if TYPE_CHECKING:
    from rich.console import RenderableType

    from soakctl.report.layout import Paragraph, Report


def coloured(report: Report) -> RenderableType:
    """The same text as `report.plain`, with its styles."""
    return Group(*(_table(part) if isinstance(part, Columns) else _text(part) for part in report.parts))


def _text(part: Paragraph) -> RenderableType:
    text = Text.assemble(*part.pieces)
    return Padding(text, (0, 0, 0, part.indent), expand=False) if part.indent else text


def _table(part: Columns) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in part.titles:
        table.add_column(title, overflow="fold")
    for row in part.rows:
        table.add_row(*(Text(text, style=style) for text, style in row))
    return table
