"""What a renderable looks like on a screen of some width."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from soakctl.report.coloured import coloured
from soakctl.report.layout import Report

if TYPE_CHECKING:
    from rich.console import RenderableType


def shown(renderable: RenderableType | Report, width: int = 80, *, colour: bool = False) -> str:
    """The text as it is printed, without spaces at the ends of lines; with `colour` as a terminal gets it."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(coloured(renderable) if isinstance(renderable, Report) else renderable)
    text = out.getvalue()
    if not colour:
        assert all(len(line) <= width for line in text.splitlines()), "a line is wider than the screen"
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
