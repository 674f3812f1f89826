"""What was found in logs, for people: errors, the story of a boot, lines over time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from soakctl.domain.wording import counted, show_seconds
from soakctl.report.layout import Columns, Paragraph, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.report.layout import Piece

_BAR = 24
_EXAMPLE_INDENT = 6
_LONGEST = 160
_A_DAY_S = 86_400


def errors_report(document: Mapping[str, Any]) -> Report:
    """Each kind of error: how often, when first and last, where from, and the newest of them."""
    groups = document["groups"]
    if not groups:
        return Report((_line(f"No errors in {', '.join(document['logs'])}."),))
    kinds = counted(len(groups), "kind")
    parts: list[Paragraph | Columns] = [_line(f"{counted(document['total'], 'error')} of {kinds}")]
    for group in groups:
        parts += [_line(), Paragraph(((f"{group['count']:,} x  ", "bold"), (_cut(group["what"]), "bold red")))]
        if group["frame"]:
            parts.append(Paragraph(((f"at {group['frame']}", ""),), indent=4))
        parts.append(Paragraph(((_span(group), "dim"),), indent=4))
        if group["kind"] != "line":
            parts += [Paragraph(((_cut(line), "dim"),), indent=_EXAMPLE_INDENT) for line in group["example"]]
    if document["left_out"]:
        parts += [_line(), _line(f"and {counted(document['left_out'], 'more error')} of other kinds")]
    return Report(tuple(parts))


def checkpoints_report(document: Mapping[str, Any]) -> Report:
    """The checkpoints in order, with the time between them, and what to do about the first missing one."""
    rows: list[tuple[Piece, ...]] = []
    for step in document["checkpoints"]:
        text = "" if step["text"] is None else _cut(step["text"])
        took = "" if step["since_previous_s"] is None else f"+{show_seconds(step['since_previous_s'])}"
        at = "" if step["time_unix"] is None else _clock(step["time_unix"], seconds=True)
        rows.append(((step["name"], ""), _state(step), (at, ""), (took, ""), (text, "dim")))
    boots = document["boots"]
    title = f"The newest of {boots} boots" if boots > 1 else "The boot"
    parts: list[Paragraph | Columns] = [
        _line(f"{title} in {', '.join(document['logs'])}"),
        Columns(("checkpoint", "", "at", "took", "line"), tuple(rows)),
    ]
    if document["first_missing"] is not None:
        parts += [_line(), Paragraph(((f"First missing: {document['first_missing']}", "bold red"),))]
        parts += [Paragraph(((f"hint: {hint}", ""),), indent=2) for hint in document["hints"]]
    return Report(tuple(parts))


def rate_report(document: Mapping[str, Any], *, bars: str) -> Report:
    """A row a bucket of time, with a bar for its lines. `bars` is what bars are made of."""
    buckets = document["buckets"]
    parts: list[Paragraph | Columns] = []
    if buckets:
        most = max(*(bucket["lines"] for bucket in buckets), 1)
        rows = tuple(_bucket(bucket, most, bars, document["bucket_s"]) for bucket in buckets)
        parts.append(Columns(("from", "lines", "", "errors", "warnings"), rows))
    width = show_seconds(document["bucket_s"]).replace(".0s", "s").replace("m00s", "m").replace("h00m", "h")
    found = f"{counted(document['errors'], 'error')}, {counted(document['warnings'], 'warning')}"
    parts.append(_line(f"{document['lines']:,} lines, {found}; {width} a row" if buckets else "No line says its time."))
    if document["untimed"]:
        come = "comes" if document["untimed"] == 1 else "come"
        parts.append(_line(f"{counted(document['untimed'], 'line')} {come} before the first that says its time"))
    return Report(tuple(parts))


def _bucket(bucket: Mapping[str, Any], most: int, bars: str, width_s: float) -> tuple[Piece, ...]:
    lines, errors, warnings = bucket["lines"], bucket["errors"], bucket["warnings"]
    length = max(1, round(lines / most * _BAR)) if lines else 0
    return (
        (_clock(bucket["start_unix"], seconds=width_s < 60, day=True), ""),  # noqa: PLR2004 - shorter than a minute
        (f"{lines:,}", ""),
        (bars * length, "cyan"),
        (f"{errors:,}" if errors else "", "red"),
        (f"{warnings:,}" if warnings else "", "yellow"),
    )


def _state(step: Mapping[str, Any]) -> Piece:
    if step["state"] == "missing":
        return ("missing", "bold red") if step["required"] else ("not seen", "dim")
    return ("out of order", "bold yellow") if step["state"] == "early" else ("ok", "green")


def _span(group: Mapping[str, Any]) -> str:
    where = f"in {', '.join(group['logs'])}"
    if group["first_unix"] is None:
        return where
    first, last = group["first_unix"], group["last_unix"]
    if group["count"] == 1:
        return f"{_clock(first, seconds=True, day=True)}, {where}"
    shown_last = _clock(last, seconds=True, day=last - first > _A_DAY_S or _day(first) != _day(last))
    return f"first {_clock(first, seconds=True, day=True)}, last {shown_last}, {where}"


def _clock(unix: float, *, seconds: bool, day: bool = False) -> str:
    moment = datetime.fromtimestamp(unix, UTC)
    return moment.strftime(("%Y-%m-%d " if day else "") + ("%H:%M:%S" if seconds else "%H:%M") + "Z")


def _day(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _line(text: str = "") -> Paragraph:
    return Paragraph(((text, ""),))
