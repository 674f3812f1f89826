"""The verdict of a run for a terminal: what needs reading first, then the whole table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.ansi import without_escapes
from soakctl.domain.verdict import Outcome, Severity
from soakctl.domain.wording import counted, show_bytes, show_count, show_number, show_seconds
from soakctl.report.layout import Columns, Paragraph, Report
from soakctl.report.words import outcome_piece, severity_piece, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soakctl.domain.run import Manifest
    from soakctl.domain.verdict import Check, Verdict


def verdict_report(manifest: Manifest, verdict: Verdict) -> Report:
    """The report on a run: a table of every check, the findings with their reasons and hints, the verdict line."""
    return report_under(headline(manifest, verdict), verdict)


def report_under(title: str, verdict: Verdict) -> Report:
    """The report under a title of its own."""
    parts: list[Paragraph | Columns] = [_line(title), _table(verdict), *_look(verdict)]
    findings = [check for check in verdict.findings if weight(check, verdict) is not Severity.INFO]
    if findings:
        parts.append(_line())
        for alike in _alike(sorted(findings, key=lambda check: weight(check, verdict) is not Severity.FAIL), verdict):
            parts += _finding(alike, verdict)
    parts += [_line(), Paragraph((outcome_piece(verdict.outcome), (f"  {why(verdict)}", "")))]
    return Report(tuple(parts))


def weight(check: Check, verdict: Verdict) -> Severity:
    """What a check came to in the verdict: strictly, what is missing or open fails."""
    return Severity.FAIL if verdict.outcome is Outcome.FAIL and verdict.fails(check) else check.severity


def verdict_line(verdict: Verdict, *, real: bool) -> str:
    """The last line of a report: the verdict, the exit code with its name, and mock limits on a real run."""
    code = verdict.exit_code
    named = f"exit {int(code)}" if code <= 1 else f"exit {int(code)}, {code.label}"
    by_mock = ", judged by mock thresholds" if real and verdict.mock else ""
    return f"Verdict: {verdict.outcome.value} ({named}){by_mock}"


def headline(manifest: Manifest, verdict: Verdict) -> str:
    """What was judged: the run, its length, its mode."""
    command = " ".join(manifest.command) if manifest.command else "the simulated service"
    if manifest.pid is not None:
        command = f"process {manifest.pid}"
    observed = show_seconds(float(verdict.facts.get("observed_s", 0.0)))
    planned = show_seconds(manifest.planned_s)
    strict = ", strict" if verdict.strict else ""
    mock = ", mock thresholds" if verdict.mock else ""
    return f"Run {manifest.run_id}: {command}, {observed} of {planned} observed{mock}{strict}"


def why(verdict: Verdict) -> str:
    """The verdict in a sentence."""
    counts = dict.fromkeys(Severity, 0)
    for check in verdict.checks:
        counts[weight(check, verdict)] += 1
    looked_at = verdict.facts.get("looked_at", 0)
    passed = f"; {verdict.facts.get('pass_count', 0)} of the last {looked_at} iterations passed" if looked_at else ""
    words = [
        f"{counts[severity]} {word}"
        for severity, word in (
            (Severity.FAIL, "failed"),
            (Severity.WARN, "warned"),
            (Severity.NO_DATA, "without data"),
        )
        if counts[severity]
    ]
    made = f"{counted(len(verdict.checks), 'check')}: {', '.join(words) if words else 'none to worry about'}"
    return f"{made}{passed}"


def _look(verdict: Verdict) -> list[Paragraph]:
    """A line each for memory, events and exhaustion, as far as there is something to say."""
    seen = verdict.facts.get("look") or {}
    lines = []
    if seen.get("start_bytes") is not None:
        start, end, peak, growth = (seen[f"{name}_bytes"] for name in ("start", "end", "peak", "growth"))
        more = show_bytes(growth) if growth < 0 else f"+{show_bytes(growth)}"
        lines.append(
            f"memory  {show_bytes(start)} at the start, {show_bytes(end)} at the end ({more}), peak {show_bytes(peak)}"
        )
    if seen.get("events") is not None:
        rate = show_number(seen["events_per_second"] or 0.0)
        lines.append(f"events  {show_count(seen['events'])} processed, {rate} per second")
    if seen.get("exhaustion_s") is not None:
        expected, earliest, latest = (show_seconds(value) for value in seen["exhaustion_s"])
        lines.append(f"memory of this machine is used up in {expected} ({earliest} to {latest}) if it goes on so")
    return [_line(text) for text in ("", *lines)] if lines else []


def _table(verdict: Verdict) -> Columns:
    """One line a check at 80 columns: what, value against limit, over what and how many points."""
    rows = []
    for check in verdict.checks:
        cells = (check.what, _value(check, verdict), check.limit, _over(check, verdict))
        rows.append((severity_piece(weight(check, verdict)), *((without_escapes(cell), "") for cell in cells)))
    return Columns(("", "check", "value", "limit", "over"), tuple(rows))


def _value(check: Check, verdict: Verdict) -> str:
    missing = check.severity is Severity.NO_DATA and weight(check, verdict) is Severity.FAIL
    return check.value or ("no data" if missing else "")


def _over(check: Check, verdict: Verdict) -> str:
    points = f"n={show_count(check.points)}" if check.points else ""
    reason = check.reason if weight(check, verdict) in {Severity.OK, Severity.INFO} else "see below"
    return ", ".join(part for part in (check.window, points, reason) if part)


def _alike(findings: Iterable[Check], verdict: Verdict) -> Iterable[list[Check]]:
    """Findings that came out so for one and the same reason, with nothing else to tell, together."""
    groups: dict[tuple[object, ...], list[Check]] = {}
    for place, check in enumerate(findings):
        alone = check.evidence or not check.reason
        same = (weight(check, verdict), check.reason, check.hint, place if alone else None)
        groups.setdefault(same, []).append(check)
    return groups.values()


def _about(check: Check, verdict: Verdict) -> str:
    value = _value(check, verdict)
    limit = f"(allowed {check.limit})" if check.limit else ""
    said = " ".join(part for part in (value, limit) if part)
    return f"{check.what}: {said}" if said else check.what


def _finding(alike: Sequence[Check], verdict: Verdict) -> list[Paragraph]:
    check = alike[0]
    # Limits of several that have no value would only hide their names; the table has them.
    named = len(alike) > 1 and not any(_value(each, verdict) for each in alike)
    about = ", ".join(each.what if named else _about(each, verdict) for each in alike)
    shown = without_escapes(f"  {about}{'' if ': ' in about else ':'}")
    parts = [Paragraph((severity_piece(weight(check, verdict)), (shown, "")))]
    if check.reason:
        parts.append(_indented(without_escapes(check.reason)))
    parts += [_indented(f"| {shortened(without_escapes(line))}", style="dim") for line in check.evidence]
    if check.hint:
        parts.append(_indented(f"hint: {check.hint}"))
    return parts


def _line(text: str = "") -> Paragraph:
    return Paragraph(((text, ""),))


def _indented(text: str, *, style: str = "") -> Paragraph:
    return Paragraph(((text, style),), indent=6)
