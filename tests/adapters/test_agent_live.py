"""The agent in real programs: what hangs is named with its lines, and what is well is left alone."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.hangs import HANGS, HEALTHY, Known, Programs, marked

if TYPE_CHECKING:
    from soakctl.awaits.trace import Trace

PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
# Loops whose inside nobody can see: whether a process stands still is not known then.
_NEEDS_SIGHT = {"never_set", "never_done", "lent", "answer_needs_lock"}


def answers(trace: Trace, known: Known) -> None:
    """The finding is there, alone, and names the lines."""
    assert [str(one.kind) for one in trace.findings] == [known.kind], (known.name, trace.findings, trace.processes)
    named = {evidence.at for evidence in trace.findings[0].evidence}
    lines = marked(known.name)
    assert {lines[word] for word in known.lines} <= named, (known.name, trace.findings)


def is_well(trace: Trace, name: str) -> None:
    """It was looked into three times, and nothing was found."""
    assert trace.findings == (), name
    assert [len(looks) for looks in trace.seen.values()] == [3], (name, trace.processes)


def test_each_hang_is_named_with_its_lines() -> None:
    """All of them at once: each needs a moment, and none needs the machine. No second explanation beside the first."""
    with Programs(known.name for known in HANGS) as running:
        traces = running.traces()
    for known in HANGS:
        answers(traces[known.name], known)


def test_healthy_programs_have_no_finding() -> None:
    """Busy, idle, parked, slow, growing and large ones; ten thousand tasks at one place are one line."""
    with Programs(HEALTHY) as running:
        traces = running.traces()
    for name, trace in traces.items():
        is_well(trace, name)
    largest = max(traces["many"].groups(), key=lambda group: group.count)
    assert (largest.count, largest.waits) == (10_000, "Event.wait")


def _python(name: str) -> str:
    path = shutil.which(name)
    if path is None or subprocess.run([path, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
def test_every_python_gives_the_same_answers(python: str) -> None:
    """All programs on each version that is there."""
    names = [*(known.name for known in HANGS), *HEALTHY, "blocked_by_work"]
    with Programs(names, python=_python(python)) as running:
        traces = running.traces(over_s=2.0)
    for known in HANGS:
        answers(traces[known.name], known)
    for name in HEALTHY:
        is_well(traces[name], name)
    answers(traces["blocked_by_work"], Known("blocked_by_work", "blocked_loop", ()))


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
def test_uvloop_gives_the_same_answers(python: str) -> None:
    """Its loop shows less of itself, and is read through its tasks."""
    found = _python(python)
    if subprocess.run([found, "-c", "import uvloop"], capture_output=True, check=False).returncode:
        pytest.skip(f"{python} has no uvloop")
    hangs = [known for known in HANGS if known.name not in _NEEDS_SIGHT]
    with Programs([*(known.name for known in hangs), *HEALTHY], python=found, words=("uvloop",)) as running:
        traces = running.traces(over_s=2.0)
    for known in hangs:
        answers(traces[known.name], known)
    for name in HEALTHY:
        is_well(traces[name], name)
