"""A trace on a terminal: findings first, a tree, and nothing that should not be shown."""

from __future__ import annotations

from soakctl.awaits.trace import Process, conclude
from soakctl.report.trace import trace_line, trace_report
from tests.support import looks


def test_the_whole_report() -> None:
    """A circle of two locks, as somebody sees it at 80 columns."""
    process = looks.Process()
    process.lock("a", "one", since_s=8.0)
    process.lock("b", "two", since_s=9.0)
    process.wants("one", "b")
    process.wants("two", "a")
    process.waits_for("main", "one", "two")
    seen = {42: tuple(process.looks())}
    trace = conclude("Trace of app", [Process(42, "python app.py", how="agent")], seen, window_s=3.0)
    report = trace_report(trace, hide=lambda text: text, here="/srv")
    assert report.plain(80) == _SCREEN
    assert trace_line(trace) == "Trace: 1 finding: deadlock (exit 1)"


_SCREEN = """\
Trace of app

DEADLOCK (certain)
  one and two wait for each other and can never go on
    app.py:1
      one waits here for a Lock held by two
    app.py:2
      two took that Lock here, 4.0 s ago
    app.py:2
      two waits here for a Lock held by one
    app.py:1
      one took that Lock here, 5.0 s ago
  Held up by it: main (Task-main)
  hint: Take the locks in the same order everywhere.

Process 42: python app.py
  Python 3.12.1, 3 tasks, 3 looks by agent
  Event loop (Loop): answers in 0.1 ms
    main (Task-main): waits for 2 tasks, 13.0s old at app.py:5
    ├─ one (Task-one): waits for Lock.acquire, 13.0s old at app.py:1
    └─ two (Task-two): waits for Lock.acquire, 13.0s old at app.py:2

"""


def test_secrets_are_hidden_before_a_line_is_wrapped() -> None:
    """Wherever they stand: a name, a command, a file."""
    process = looks.Process()
    process.task("main", {"kind": "future"})
    process.tasks["main"]["name"] = "hunter2" * 3
    trace = conclude("hunter2", [Process(42, "app hunter2", how="agent")], {42: tuple(process.looks())}, window_s=3.0)
    plain = trace_report(trace, hide=lambda text: text.replace("hunter2", "*"), here="/").plain(20)
    assert "hunter2" not in plain.replace("\n", "").replace(" ", "")


def test_a_look_at_threads_alone_is_no_pass() -> None:
    """What could not be seen is not well."""
    seen = {42: tuple(looks.Process().looks())}
    trace = conclude("x", [Process(42, "app", how="py-spy", whole=False)], seen, window_s=3.0)
    assert trace_line(trace) == "Trace: tasks could not be seen (exit 69, UNAVAILABLE)"
