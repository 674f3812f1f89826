"""Levels, on one scale, of every format that is recognised."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.critical import is_critical
from soakctl.domain.logs.heads import Heads
from soakctl.domain.logs.levels import Level, is_dying_word, line_level
from soakctl.domain.logs.records import Record, body_of
from tests.support.log_files import a_line


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("2026-11-01 00:00:00,123 INFO app.http: GET", Level.INFO),
        ('INFO:     127.0.0.1:1 - "GET / HTTP/1.1" 200 OK', Level.INFO),
        ("INFO:root:hello", Level.INFO),
        ("2026/11/21 12:00:00 [error] 123#0: *1 open() failed", Level.ERROR),
        ('10.0.0.1 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 502 12 "-" "x"', Level.ERROR),
        ('10.0.0.1 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 404 12', Level.WARNING),
        ('{"level":"error","msg":"x"}', Level.ERROR),
        ('{"level":50,"msg":"x"}', Level.ERROR),
        ('{"level":30,"msg":"x"}', Level.INFO),
        ('{"levelno":30,"msg":"x"}', Level.WARNING),
        ('{"short_message":"x","level":3}', Level.ERROR),
        ('{"event": "x", "level": "warning", "timestamp": "2026"}', Level.WARNING),
        ("time=2026-11-21T12:00:00Z level=warn msg=x", Level.WARNING),
        ("t=2026-11-21T12:00:00+0000 lvl=eror msg=x", Level.ERROR),
        ("t=2026-11-21T12:00:00+0000 lvl=trce msg=x", Level.TRACE),
        ("2026-11-21 12:00:00.123 | SUCCESS  | m:f:1 - hi", Level.INFO),
        ("Nov 21 12:00:00 host prog[12]: ERROR something bad", Level.ERROR),
        ("Nov 21 12:00:00 host prog[12]: something bad", None),
        ("I1121 12:00:00.123456  1 x.go:1] m", Level.INFO),
        ("[W 2026-11-21 12:00:00 x] m", Level.WARNING),
        ("2026-11-21T12:00:00Z [info     ] started   port=1", Level.INFO),
        ("12:M 21 Nov 2026 12:00:00.123 # WARNING", Level.WARNING),
        ("fail: Foo[0]", Level.ERROR),
        ("<27>Nov 21 12:00:00 host x: m", Level.ERROR),
        ("2026-11-21 12:00:00 - app - CRITICAL - boom it is", Level.CRITICAL),
        ("2026-11-21T16:41:19+0000 ERROR worker: boom", Level.ERROR),
        ("2026-11-21T16:41:19Z INFO foo: ERROR disk dead", Level.INFO),
        ("2026-11-21T16:41:19 app ERROR: boom", Level.ERROR),
        ("2026-11-21T16:41:19Z info-7 app[12]: ERROR boom", Level.ERROR),
        ('INFO:     127.0.0.1:5 - "GET /x HTTP/1.1" 500 Internal Server Error', Level.ERROR),
        ('2026-11-21 12:00:00,123 INFO uvicorn.access: 127.0.0.1:5 - "GET /x HTTP/1.1" 404', Level.WARNING),
        ("[2026-11-21 10:00:25] production.ERROR: no table", Level.ERROR),
        ("[2026-11-21 10:00:25] production.INFO: ERROR is none", Level.INFO),
        ("  File x", None),
        ("error count is 0", None),
    ],
)
def test_levels(text: str, level: Level | None) -> None:
    """As the line says it."""
    assert line_level(body_of(text)) is level


@given(st.integers(0, 10**6), st.text(max_size=12))
def test_critical_is_what_judging_counts(seed: int, text: str) -> None:
    """`logs --level CRITICAL` shows the lines that a verdict counts."""
    line = a_line(Random(seed), seed % 86_400).split("\n")[0] + text
    assert (line_level(line) is Level.CRITICAL) == is_critical(line)


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):",
        'Exception in thread "main" java.lang.NullPointerException',
        "java.lang.IllegalStateException: outer",
        "TypeError: Cannot read properties of undefined",
        "Error [ERR_X]: no",
        "  + Exception Group Traceback (most recent call last):",
        "panic: runtime error",
    ],
)
def test_what_dies_without_a_logger_is_seen(text: str) -> None:
    """By how it is printed."""
    assert is_dying_word(text)


@pytest.mark.parametrize("text", ["all fine", "Errors: 0 of 7", "https://example.org/Error: x", "ErrorBudget left"])
def test_what_lives_is_left_alone(text: str) -> None:
    """A word alone is none."""
    assert not is_dying_word(text)


def test_a_head_is_learned_once_it_decides() -> None:
    """Lines below a level are passed over together; a line that only begins like them is looked at."""
    heads = Heads()
    data = b"2026-11-21 12:00:00 INFO a\n2026-11-21 12:00:01 INFO b\n2026-11-21 12:00:02 ERROR c\n"
    assert heads.skipping(Level.ERROR, data, len(data))(0) == 0
    assert heads.level(data, 0, 26) is Level.INFO
    assert heads.skipping(Level.ERROR, data, len(data))(0) == 54
    assert heads.skipping(Level.INFO, data, len(data))(0) == 0


def test_a_learned_head_hides_no_failed_request() -> None:
    """Of uvicorn's lines, which all begin with INFO, the status counts."""
    heads = Heads()
    lines = [
        b"INFO:     Started",
        *(b'INFO:     ::1:5 - "GET / HTTP/1.1" ' + status for status in (b"200 OK", b"500 No")),
    ]
    assert [heads.level(line + b"\n", 0, len(line)) for line in lines] == [Level.INFO, Level.INFO, Level.ERROR]
    data = b"\n".join(lines) + b"\n"
    assert heads.skipping(Level.ERROR, data, len(data))(0) <= data.index(lines[2])


@pytest.mark.parametrize(
    ("lines", "belong"),
    [
        (["x", "Traceback (most recent call last):", '  File "a", line 1', "ValueError: y", "next"], 4),
        (["x", "\tat a.b(C.java:1)", "Caused by: y.Z: w", "\t... 3 more", "next"], 4),
        (["TypeError: x", "    at a (b.js:1:2)", "next"], 2),
        (["x", "next"], 1),
        (["x {", "  a: 1", "}", "next"], 3),
    ],
)
def test_what_belongs_together(lines: list[str], belong: int) -> None:
    """A traceback to its last line, and what is indented."""
    record = Record()
    record.begin(lines[0])
    assert [record.takes(line) for line in lines[1:]] == [n < belong for n in range(1, len(lines))]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("2026-11-21T12:00:00.123Z err Traceback", "Traceback"),
        ("Nov 21 12:00:00 host app[7]:   File x", "  File x"),
        ("web-1  | INFO x", "INFO x"),
        ("INFO x", "INFO x"),
    ],
)
def test_what_a_collector_puts_before_a_line(text: str, body: str) -> None:
    """Is no part of it."""
    assert body_of(text) == body
