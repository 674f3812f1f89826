"""How the sections of a validation are told on a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.validation import Status
from soakctl.domain.wording import show_seconds
from soakctl.report.layout import Paragraph, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soakctl.domain.validation import SectionResult

_MOST_PROBLEMS = 12
_MOST_TAIL = 12
_INDENT = 6
_RULE = re.compile(r"([=_-])\1{9,}")  # drawn as wide as a terminal that is not this one


def section_report(result: SectionResult, *, reproducible: bool, tail: bool = True) -> Report:
    """A section that has ended: one line; what is wrong, why, the end of its output and its log where it failed."""
    mark, style = ("FAIL", "bold red") if not result.ok else ("ok", "green")
    if result.status is Status.SKIP and result.ok:
        mark, style = "skip", "yellow"
    took = f"  {show_seconds(round(result.took_s, 1))}" if result.attempts and not reproducible else ""
    head = Paragraph(((f"{mark:<6}", style), (f"{result.name:<18} {result.details}{took}", "")))
    return Report((head, *(_failure(result, tail=tail) if not result.ok else ()), *_notes(result)))


def _notes(result: SectionResult) -> Iterator[Paragraph]:
    if result.ok and result.reason:
        yield Paragraph(((result.reason, "dim"),), _INDENT)
    for note in result.notes:
        yield Paragraph(((note, "dim"),), _INDENT)


def _failure(result: SectionResult, *, tail: bool) -> Iterator[Paragraph]:
    for problem in result.problems[:_MOST_PROBLEMS]:
        yield Paragraph(((problem, ""),), _INDENT)
    if len(result.problems) > _MOST_PROBLEMS:
        yield Paragraph(((f"and {len(result.problems) - _MOST_PROBLEMS} more, see the record", ""),), _INDENT)
    for cause in result.causes:
        yield Paragraph((("cause: ", "bold"), (cause, "")), _INDENT)
    if tail and result.tail:
        yield Paragraph((("last lines of its output:", "dim"),), _INDENT)
        for text in result.tail[-_MOST_TAIL:]:
            yield Paragraph((("| ", "dim"), (_RULE.sub(r"\1\1\1", text)[:400], "")), _INDENT)
    if result.log:
        yield Paragraph((("log: ", "dim"), (result.log, "")), _INDENT)


def closing_report(results: Sequence[SectionResult]) -> Report:
    """How many sections there were, and what to look at first."""
    passed = sum(result.status is Status.PASS for result in results)
    skipped = sum(result.status is Status.SKIP and result.ok for result in results)
    failed = [result for result in results if not result.ok]
    words = [f"{passed} passed", *([f"{skipped} skipped"] if skipped else [])]
    words += [f"{len(failed)} failed: {', '.join(result.name for result in failed)}"] if failed else []
    count = f"{len(results)} section{'s' if len(results) != 1 else ''}: "
    return Report((Paragraph(((count + ", ".join(words), "bold"),)),))


def table(rows: Sequence[tuple[str, str, str]]) -> Report:
    """The sections that there are: name, what it needs or is, what it does."""
    return Report(tuple(Paragraph(((f"{name:<18} {kind:<10} {what}", ""),)) for name, kind, what in rows))
