"""`summary.txt`: the verdict as plain text that can be read anywhere and compared byte by byte."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from soakctl.domain.run import Mode
from soakctl.report.verdict import verdict_line, verdict_report

if TYPE_CHECKING:
    from soakctl.domain.run import Manifest
    from soakctl.domain.verdict import Verdict

_WIDTH = 120


def summary_text(manifest: Manifest, verdict: Verdict) -> str:
    """The report at a fixed width, without colours."""
    out = io.StringIO()
    console = Console(
        file=out, width=_WIDTH, no_color=True, force_terminal=False, highlight=False, markup=False, emoji=False
    )
    console.print(verdict_report(manifest, verdict))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join([*lines, verdict_line(verdict, real=manifest.mode is Mode.REAL), ""])
