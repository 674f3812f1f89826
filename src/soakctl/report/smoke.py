"""The report of a smoke test: a table of checkpoints, what failed, the lines around it, and hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.errors import ExitCode
from soakctl.report.layout import Columns, Paragraph, Report
from soakctl.report.words import shortened

if TYPE_CHECKING:
    from soakctl.domain.smoke import SmokeResult
    from soakctl.report.layout import Piece


def smoke_report(result: SmokeResult, *, service: str) -> Report:
    """The whole report, without its last line."""
    parts: list[Paragraph | Columns] = [_line(f"Smoke test of {service}")]
    if result.rows:  # where nothing could be started there is nothing to put into a table
        parts.append(_table(result))
    if result.sign:
        parts.append(_line(f"Proof of life: {result.sign}"))
    if result.exit_code is not ExitCode.SUCCESS:
        parts += _failure(result)
    if result.stop is not None:
        parts.append(_line(f"Stop: {result.stop.value}, {result.stop.reason}"))
    parts.append(_line(f"Exit {int(result.exit_code)} ({result.exit_code.label})"))
    return Report(tuple(parts))


def _line(text: str, style: str = "") -> Paragraph:
    return Paragraph(((text, style),))


def _table(result: SmokeResult) -> Columns:
    at = _right("at", ["" if row["at_s"] is None else f"{row['at_s']:.2f}s" for row in result.rows])
    took = _right("took", ["" if row["at_s"] is None else f"+{row['took_s']:.2f}s" for row in result.rows])
    rows = []
    for row, when, since in zip(result.rows, at[1:], took[1:], strict=True):
        fields = ", ".join(f"{name}={value}" for name, value in row["fields"].items())
        rows.append(((row["name"], ""), _mark(row), (when, ""), (since, ""), (fields, "")))
    return Columns(("checkpoint", "", at[0], took[0], "captured"), tuple(rows))


def _right(title: str, cells: list[str]) -> list[str]:
    """A column of figures, each ending in the same place."""
    widest = max(map(len, (title, *cells)))
    return [cell.rjust(widest) for cell in (title, *cells)]


def _mark(row: dict[str, Any]) -> Piece:
    if row["at_s"] is None:
        return ("missing", "bold red") if row["required"] else ("not seen", "dim")
    return ("ok", "green") if row["in_order"] else ("out of order", "black on yellow")


def _failure(result: SmokeResult) -> list[Paragraph | Columns]:
    if result.sign:  # the boot itself passed
        return [_line("Expected: a clean stop"), _line(f"Found: {result.reason}", "bold")]
    if result.exit_code >= ExitCode.HANGUP:
        return [_line(f"Found: {result.reason}", "bold")]
    expected = f"within {result.deadline_s:g}s"
    wanted = f"checkpoint {result.missing[0]} {expected}" if result.missing else f"a proof of life {expected}"
    parts: list[Paragraph | Columns] = [
        _line(f"Expected: {wanted}"),
        _line(f"Last checkpoint: {result.last or 'none'}"),
    ]
    if result.reason:
        parts.append(_line(f"Found: {result.reason}", "bold"))
    if result.evidence:
        parts.append(_line("Output around it:"))
        parts += [_line(f"  | {shortened(line)}", "dim") for line in result.evidence]
    elif result.rows:
        parts.append(_line("The service printed no whole line."))
    parts += [_line(f"Trace: {text}", "bold") for text in result.trace]
    parts += [_line(f"Hint: {hint}") for hint in result.hints]
    return parts


def smoke_document(result: SmokeResult) -> dict[str, Any]:
    """What `smoke --json` prints."""
    return {
        "schema": "soakctl.smoke/1",
        "passed": result.exit_code is ExitCode.SUCCESS,
        "exit_code": int(result.exit_code),
        "exit_name": result.exit_code.label,
        "headline": result.headline,
        "took_s": result.took_s,
        "deadline_s": result.deadline_s,
        "first_event_s": result.first_event_s,
        "sign": result.sign,
        "checkpoints": list(result.rows),
        "reason": result.reason,
        "missing": list(result.missing),
        "last": result.last,
        "hints": list(result.hints),
        "evidence": list(result.evidence),
        "trace": list(result.trace),
        "stop": None if result.stop is None else result.stop.to_json(),
    }
