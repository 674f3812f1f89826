"""Logs made up for tests: random lines of the usual formats, junk among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_NAMES = ("app", "app.db", "feed", "risk.engine")
_LEVELS = ("DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR", "CRITICAL")
_WORDS = ("request failed", "timed out", "error=0", "no critical errors", "héllo wörld", "connected", "a (b) [c]", "")


def a_line(random: Random, second: int) -> str:
    """One record, of one line or several."""
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    level, name, words = random.choice(_LEVELS), random.choice(_NAMES), random.choice(_WORDS)
    text = f"{words} n={random.randint(0, 99)}"
    status = random.choice((200, 404, 502))
    forms = (
        f"2026-11-21 {clock},123 {level} {name}: {text}",
        f"2026-11-21 {clock},123 - {name} - {level} - {text}",
        f"2026-11-21 {clock}.123 | {level:<8} | {name}:run:7 - {text}",
        f'{{"time": "2026-11-21T{clock}Z", "level": "{level.lower()}", "msg": "{text}"}}',
        f'{{"event": "{text}", "level": "{level.lower()}", "timestamp": "2026-11-21T{clock}Z"}}',
        f'time=2026-11-21T{clock}Z level={level.lower()} msg="{text}"',
        f"2026-11-21T{clock}Z [{level.lower():<8}] {text}",
        f"{level}:     {text}",
        f"Nov 21 {clock} host {name}[12]: {level}: {text}",
        f"2026/11/21 {clock} [error] 12#0: *7 {text}",
        f'10.0.0.7 - - [21/Nov/2026:{clock} +0000] "GET /x HTTP/1.1" {random.choice((200, 404, 502))} 12 "-" "-"',
        f'{level}:     10.0.0.7:{random.randint(1, 9)} - "GET /x HTTP/1.1" {status} OK',
        f'2026-11-21 {clock} [{level}] [::1]:5 - "POST /{random.choice("xy")} HTTP/1.1" {status}',
        f'2026-11-21 {clock},123 INFO uvicorn.access - 10.0.0.7:5 - "GET /x HTTP/1.1" {status}',
        f'10.0.0.7 - - [21/Nov/2026:{clock} +0000] "GET /{level}: {text}',
        f'HTTP/1.1" {status} {level}: "GET',
        f'{{"a": {random.randint(0, 9)}, "level": "{level}", "msg": "{text}"',
        f"2026-11-21T{clock}.123Z out {level} {text}",
        f'{{"event": "{text} \\"x\\"", "n": 7, "level": "{level.lower()}", "logger": "{name}"}}',
        f'{{"name":"{name}","tags":["a"],"level":"{level}"}}',
        f'{{"level":{random.choice((30, 50, 60))},"time":1700000000123,"msg":"{text}"}}',
        f'{{"levelname": "{level}", "lineno": 10, "message": "{text}"}}',
        f"web-1  | {random.choice('IWEF')}1121 {clock}.123456    7 main.go:1] {text}",
        f"<{random.randint(0, 7)}>Nov 21 {clock} host {name}: {text}",
        f"7:M 21 Nov 2026 {clock}.123 {random.choice('.-*#')} {text}",
        "\n".join(
            (
                f"2026-11-21 {clock},123 ERROR {name}: {text}",
                "Traceback (most recent call last):",
                f'  File "/srv/{name}.py", line {random.randint(1, 9)}, in run',
                "    go()",
                f"ValueError: {text}",
            )
        ),
        (
            f"2026-11-21T{clock}Z {level} {text}\njava.lang.IllegalStateException: {text}\n\tat a.B.c(B.java:7)\n"
            f"Caused by: a.b.OtherException: {text}\n\tat a.B.d(B.java:8)"
        ),
        (
            f"2026-11-21 {clock} WARNING {name}: {text}\nTraceback (most recent call last):\n"
            f'  File "/srv/a.py", line 3, in run\nKeyError: {text}\n{random.choice(("Uncaught x", "panic: x", ""))}'
        ),
        text,
        f"    {text}",
        "",
    )
    return random.choice(forms)


def a_log(random: Random, lines: int, *, junk: bool = False) -> bytes:
    """Many of them. With `junk`, NUL bytes, invalid UTF-8, colours, returns and no newline at the end, too."""
    styles = random.sample(range(1_000), random.randint(1, 3))
    rows = []
    for number in range(lines):
        style = random.choice(styles)
        row = a_line(type(random)(style * 7 + number % 3) if random.random() < 0.5 else random, number).encode()
        if junk and random.random() < 0.1:
            row += random.choice(
                (b"\0\0", b"\xff\xfe", b"\x1b[31mred\x1b[0m", b"\r", b"\x1b]0;title\x07x", b"\xe2\x82")
            )
        rows.append(row)
    return b"\n".join(rows) + (b"" if junk and random.random() < 0.5 else b"\n")
