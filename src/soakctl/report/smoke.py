"""The report of a smoke test: a table of checkpoints, what failed, the lines around it, and hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from soakctl.errors import ExitCode
from soakctl.report.words import shortened

if TYPE_CHECKING:
    from soakctl.domain.smoke import SmokeResult


def smoke_report(result: SmokeResult, *, service: str) -> RenderableType:
    """The whole report, without its last line."""
    # Where nothing could be started there is nothing to put into a table.
    parts: list[RenderableType] = [_table(result, service) if result.rows else Text(f"Smoke test of {service}")]
    if result.sign:
        parts.append(Text(f"Proof of life: {result.sign}"))
    if result.exit_code is not ExitCode.SUCCESS:
        parts += _failure(result)
    if result.stop is not None:
        parts.append(Text(f"Stop: {result.stop.value}, {result.stop.reason}"))
    parts.append(Text(f"Exit {int(result.exit_code)} ({result.exit_code.label})"))
    return Group(*parts)


def _table(result: SmokeResult, service: str) -> Table:
    table = Table(title=f"Smoke test of {service}", title_justify="left", pad_edge=False, box=None)
    table.add_column("checkpoint")
    table.add_column("")
    table.add_column("at", justify="right")
    table.add_column("took", justify="right")
    table.add_column("captured", overflow="fold")
    for row in result.rows:
        fields = ", ".join(f"{name}={value}" for name, value in row["fields"].items())
        reached = row["at_s"] is not None
        if not reached:
            mark = Text("missing", style="bold red") if row["required"] else Text("not seen", style="dim")
        elif not row["in_order"]:
            mark = Text("out of order", style="black on yellow")
        else:
            mark = Text("ok", style="green")
        at = f"{row['at_s']:.2f}s" if reached else ""
        took = f"+{row['took_s']:.2f}s" if reached else ""
        table.add_row(Text(row["name"]), mark, at, took, Text(fields))
    return table


def _failure(result: SmokeResult) -> list[RenderableType]:
    if result.sign:  # the boot itself passed
        return [Text("Expected: a clean stop"), Text(f"Found: {result.reason}", style="bold")]
    if result.exit_code >= ExitCode.HANGUP:
        return [Text(f"Found: {result.reason}", style="bold")]
    expected = f"within {result.deadline_s:g}s"
    wanted = f"checkpoint {result.missing[0]} {expected}" if result.missing else f"a proof of life {expected}"
    parts: list[RenderableType] = [Text(f"Expected: {wanted}"), Text(f"Last checkpoint: {result.last or 'none'}")]
    if result.reason:
        parts.append(Text(f"Found: {result.reason}", style="bold"))
    if result.evidence:
        parts.append(Text("Output around it:"))
        parts += [Text(f"  | {shortened(line)}", style="dim") for line in result.evidence]
    elif result.rows:
        parts.append(Text("The service printed no whole line."))
    parts += [Text(f"Trace: {text}", style="bold") for text in result.trace]
    parts += [Text(f"Hint: {hint}") for hint in result.hints]
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
