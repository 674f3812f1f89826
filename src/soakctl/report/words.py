"""The words and colours of verdicts, the same in every report; the colours read on light and on dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.verdict import Outcome, Severity

if TYPE_CHECKING:
    from soakctl.report.layout import Piece

SEVERITY_WORDS = {
    Severity.OK: "ok",
    Severity.INFO: "note",
    Severity.NO_DATA: "NO DATA",
    Severity.WARN: "WARN",
    Severity.FAIL: "FAIL",
}
_STYLES = {
    Severity.OK: "green",
    Severity.INFO: "cyan",
    Severity.NO_DATA: "bold magenta",
    Severity.WARN: "black on yellow",
    Severity.FAIL: "bold red",
}
# Bright yellow and green cannot be read on white: on a ground of their own they can, on light and dark alike.
_OUTCOME_STYLES = {Outcome.PASS: "black on green", Outcome.WARN: "black on yellow", Outcome.FAIL: "bold white on red"}
_SPARKS = "▁▂▃▄▅▆▇█"


def severity_piece(severity: Severity) -> Piece:
    """The word of a severity, in its colour."""
    return SEVERITY_WORDS[severity], _STYLES[severity]


def outcome_piece(outcome: Outcome) -> Piece:
    """The verdict, in its colour."""
    return outcome.value, _OUTCOME_STYLES[outcome]


def shortened(line: str, most: int = 400) -> str:
    """A line of evidence that fits on a screen; the whole of it is in the record."""
    return line if len(line) <= most else f"{line[:most]}... ({len(line)} characters)"


def sparkline(values: list[float], width: int) -> str:
    """The last `width` values as bars between their least and most; flat when they are equal."""
    shown = values[-width:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    span = high - low
    if span <= 0:
        return _SPARKS[0] * len(shown)
    top = len(_SPARKS) - 1
    return "".join(_SPARKS[round((value - low) / span * top)] for value in shown)
