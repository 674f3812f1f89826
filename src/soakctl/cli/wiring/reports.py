"""Where reports go that lie outside a run's directory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from soakctl.adapters.text_file import append_text, replace_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soakctl.awaits.trace import Trace

__all__ = ["append_text", "append_trace_log", "replace_text", "utc_now"]

_COLUMNS = 100


def utc_now() -> str:
    """The time, as 2026-11-21T10:00:23Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def append_trace_log(path: Path, trace: Trace, *, hide: Callable[[str], str], here: str, details: bool) -> None:
    """Add a trace to a log, with its time. Raises UnavailableError."""
    from soakctl.report.trace import trace_line, trace_report

    report = trace_report(trace, hide=hide, here=here, details=details)
    append_text(path, f"=== {utc_now()}\n{report.plain(_COLUMNS)}{trace_line(trace)}\n")
