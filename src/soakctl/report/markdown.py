"""A verdict as Markdown, for the summary of a CI job: the verdict first, what needs reading, then everything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.ansi import without_escapes
from soakctl.domain.verdict import Outcome, Severity
from soakctl.report.subject import over, plain, worth_reading
from soakctl.report.verdict import why
from soakctl.report.words import SEVERITY_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soakctl.domain.verdict import Check, Verdict
    from soakctl.report.subject import Subject

_OUTCOME_MARKS = {Outcome.PASS: "✅", Outcome.WARN: "⚠️", Outcome.FAIL: "❌"}
_MARKS = {Severity.OK: "✅", Severity.INFO: "📝", Severity.NO_DATA: "❓", Severity.WARN: "⚠️", Severity.FAIL: "❌"}
_MEANT = re.compile(r"([\\`*_{}\[\]<>|~$&#@])")
# A summary of over 1 MiB is refused as a whole, and a line of a service may be as long as 100,000 characters.
_LONGEST_CELL = 1_000
_LONGEST_EVIDENCE = 500
_MOST_EVIDENCE = 30


def markdown_text(subject: Subject, verdict: Verdict) -> str:
    """The summary. What stands in it is shown as it is: nothing in a reason becomes markup."""
    findings = worth_reading(verdict)
    head = f"## {_OUTCOME_MARKS[verdict.outcome]} {verdict.outcome.value} (exit {int(verdict.exit_code)})"
    blocks = [head, _escaped(subject.title), _escaped(why(verdict))]
    if findings:
        blocks.append(_table(findings, verdict))
        blocks += [_evidence(check) for check in findings if check.evidence]
    blocks.append(_folded(f"All {len(verdict.checks)} checks", _table(verdict.checks, verdict)))
    return "\n\n".join(blocks) + "\n"


def _table(checks: Iterable[Check], verdict: Verdict) -> str:
    rows = ["| | Check | Found | Allowed | Over | Why |", "| --- | --- | --- | --- | --- | --- |"]
    for check in checks:
        severity = Severity.FAIL if verdict.fails(check) else check.severity
        mark = f"{_MARKS[severity]} {SEVERITY_WORDS[check.severity]}"
        hint = f"Hint: {check.hint}" if check.hint else ""
        told = [_escaped(text) for text in (check.what, check.value, check.limit, over(check))]
        reason = "<br>".join(_escaped(text) for text in (check.reason, hint) if text)
        rows.append(f"| {mark} | {' | '.join([*told, reason])} |")
    return "\n".join(rows)


def _evidence(check: Check) -> str:
    lines = [_cut(without_escapes(line).rstrip(), _LONGEST_EVIDENCE) for line in check.evidence[:_MOST_EVIDENCE]]
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return _folded(f"{_html(plain(check.what))}: the lines behind it", f"{fence}text\n{text}\n{fence}")


def _folded(summary: str, block: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{block}\n\n</details>"


def _escaped(text: str) -> str:
    """The text in one line, with every character escaped that Markdown gives a meaning to."""
    return _MEANT.sub(r"\\\1", _cut(plain(text), _LONGEST_CELL))


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
