"""`summary.txt`: the verdict as plain text that can be read anywhere and compared byte by byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.run import Mode
from soakctl.report.verdict import verdict_line, verdict_report

if TYPE_CHECKING:
    from soakctl.domain.run import Manifest
    from soakctl.domain.verdict import Verdict

_WIDTH = 120


def summary_text(manifest: Manifest, verdict: Verdict) -> str:
    """The report at a fixed width, without colours."""
    text = verdict_report(manifest, verdict).plain(_WIDTH)
    return f"{text}{verdict_line(verdict, real=manifest.mode is Mode.REAL)}\n"
