"""A trace for a terminal: what is wrong first, then who waits for whom as a tree, then threads and loops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soakctl.domain.ansi import without_escapes
from soakctl.domain.wording import counted
from soakctl.errors import ExitCode
from soakctl.report.layout import Columns, Paragraph, Report
from soakctl.report.trace_tree import tree_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soakctl.awaits.finding import Finding
    from soakctl.awaits.groups import Group
    from soakctl.awaits.model import Look, Place, Thread
    from soakctl.awaits.trace import Process, Trace

_MOST_VICTIMS = 5
# The way to an installed library, and to Python's own: what comes behind it says which.
_LIBRARY = re.compile(r"^/.*/lib/python3[.0-9]*/((site|dist)-packages/)?(?=[^/])")
_STYLES = {"certain": "bold red", "likely": "bold yellow", "information": "cyan"}


def trace_report(trace: Trace, *, hide: Callable[[str], str], here: str, details: bool = False) -> Report:
    """The whole report without its last line. Files below the directory `here` are shown from there on.

    `hide` redacts each text before it is cut or wrapped, after which no secret would be recognised. With `details`:
    every thread's stack and every task's await chain.
    """
    near = _shortener(hide, here)
    parts: list[Paragraph | Columns] = [_line(near(trace.about))]
    for finding in trace.findings:
        parts += [_line(), *_finding(finding, near, several=len(trace.seen) > 1)]
    for process in trace.processes:
        looks = trace.seen.get(process.pid)
        if looks:
            groups = [group for group in trace.groups() if group.pid == process.pid]
            parts += [_line(), *_process(process, looks, groups, near, details=details)]
    unseen = [process for process in trace.processes if process.pid not in trace.seen]
    if unseen:
        parts.append(_line())
        parts += [
            _line(f"Not looked into: process {one.pid}, {near(one.command)[:60]}: {near(one.note)}") for one in unseen
        ]
    return Report((*parts, _line()))


def trace_line(trace: Trace) -> str:
    """The last line: how many findings, and the exit code."""
    count = sum(1 for finding in trace.findings if finding.counts)
    if trace.exit_code is ExitCode.UNAVAILABLE:
        return f"Trace: {trace.doubt} (exit 69, UNAVAILABLE)"
    kinds = ", ".join(dict.fromkeys(str(finding.kind) for finding in trace.findings if finding.counts))
    return f"Trace: {counted(count, 'finding')}: {kinds} (exit 1)" if count else "Trace: no problem found (exit 0)"


def _shortener(hide: Callable[[str], str], here: str) -> Callable[[str], str]:
    prefix = here.rstrip("/") + "/"

    def near(text: str) -> str:
        return without_escapes(hide(_LIBRARY.sub("", text.removeprefix(prefix))))

    return near


def _finding(finding: Finding, near: Callable[[str], str], *, several: bool) -> Iterator[Paragraph]:
    kind = str(finding.kind).replace("_", " ").upper()
    where = f", process {finding.pid}" if several else ""
    yield Paragraph(((kind, _STYLES[str(finding.confidence)]), (f" ({finding.confidence}{where})", "")))
    yield _indented(near(finding.summary), 2)
    for evidence in finding.evidence:
        yield Paragraph(((near(evidence.at), "bold"),), indent=4)
        yield _indented(near(evidence.text), 6)
    if finding.victims:
        shown = ", ".join(finding.victims[:_MOST_VICTIMS])
        more = len(finding.victims) - _MOST_VICTIMS
        yield _indented(f"Held up by it: {near(shown)}{f' and {more} more' if more > 0 else ''}", 2)
    if finding.hint:
        yield _indented(f"hint: {finding.hint}", 2)


def _process(
    process: Process, looks: tuple[Look, ...], groups: list[Group], near: Callable[[str], str], *, details: bool
) -> Iterator[Paragraph | Columns]:
    last = looks[-1]
    yield Paragraph(((f"Process {process.pid}", "bold"), (f": {near(process.command)[:120]}", "")))
    pause = max(look.pause_ms for look in looks)
    about = f"Python {last.python}, {counted(len(last.tasks), 'task')}, {counted(len(looks), 'look')}"
    held = f", which held the loop up for {pause:.1f} ms at most" if pause > 0 else ""
    yield _indented(f"{about} by {process.how}{held}", 2)
    if process.note:
        yield _indented(f"note: {near(process.note)}", 2)
    for number, loop in enumerate(last.loops, start=1):
        said = f"answers in {loop.lag_ms:.1f} ms" if loop.answered else f"silent for {loop.lag_ms / 1000:.1f} s"
        several = f" {number}" if len(last.loops) > 1 else ""
        mine = [group for group in groups if group.loop == loop.id]
        yield _indented(f"Event loop{several} ({near(loop.kind)}): {said}", 2)
        yield from tree_lines(mine, near, details=details)
    known = {loop.id for loop in last.loops}
    rest = [group for group in groups if group.loop not in known]
    if rest:
        yield _indented("Event loops that do not run", 2)
        yield from tree_lines(rest, near, details=details)
    yield from _threads(last, near, details=details)


def _threads(look: Look, near: Callable[[str], str], *, details: bool) -> Iterator[Paragraph | Columns]:
    shown = [one for one in look.threads if details or one.loop is None]
    if not shown:
        return
    yield _indented("Threads", 2)
    for thread in shown:
        stack = look.stack(thread.stack)
        at = _own_line(look, stack)
        inner = f" at {near(at[0])}:{at[1]} ({near(at[2])})" if at is not None else ""
        yield _indented(f"{near(thread.name)}: {near(_doing(thread))}{inner}", 4)
        if details:
            for file, line, name in stack:
                yield Paragraph(((f"{near(file)}:{line} {near(name)}", "dim"),), indent=8)


def _own_line(look: Look, stack: tuple[Place, ...]) -> Place | None:
    """The innermost line of the program itself, else the innermost there is."""
    own = (place for place in reversed(stack) if not place[0].startswith(("<", *look.library)))
    return next(own, None) or (stack[-1] if stack else None)


def _doing(thread: Thread) -> str:
    wait = thread.wait
    if wait is None:
        return "runs"
    words = {
        "idle": "idle, waits for work",
        "select": "waits for events",
        "result": f"waits for the result of {(wait.coro or 'a future').rpartition('<locals>.')[2]}",
        "join": "waits for a thread to end",
        "lock": f"waits for {wait.how or 'a lock'}",
    }
    return words.get(wait.kind, wait.kind)


def _line(text: str = "") -> Paragraph:
    return Paragraph(((text, ""),))


def _indented(text: str, indent: int) -> Paragraph:
    return Paragraph(((text, ""),), indent=indent)
