"""`soakctl logs` as people use it."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import json
import lzma
import re
import sys
import tracemalloc
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from soakctl.cli.app import app, run
from soakctl.cli.log_words import OPTIONS, values_of
from tests.support.log_files import a_log
from tests.test_schemas import wrong

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "hunter2-and-more"
STORY = f"""2026-11-21 12:00:00,000 INFO app: Risk Manager starting
2026-11-21 12:00:00,400 INFO app: Config loaded: 12 rules
2026-11-21 12:00:01,000 WARNING app: slow disk, password={SECRET}
2026-11-21 12:00:02,500 INFO app: Event loop running
2026-11-21 12:00:03,000 ERROR app: order 7 failed
Traceback (most recent call last):
  File "/srv/app.py", line 10, in run
    go()
  File "/srv/db.py", line 88, in fetch
    raise KeyError("x")
KeyError: 'x'
2026-11-21 12:10:00,000 ERROR app: order 8 failed
Traceback (most recent call last):
  File "/srv/db.py", line 88, in fetch
    raise KeyError("y")
KeyError: 'y'
2026-11-21 12:20:00,000 CRITICAL app: giving up
"""
CONFIG = """version: 1
service: {logs: [app.log]}
smoke:
  checkpoints:
    - {name: start, pattern: Risk Manager starting}
    - {name: config, pattern: 'Config loaded: \\d+ rules'}
    - {name: sdk, pattern: SDK connected, hints: [Check the credentials]}
    - {name: loop, pattern: Event loop running}
"""


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the command where app.log lies and gives what it prints; the exit code is 0 unless said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    monkeypatch.setenv("TZ", "UTC")
    (tmp_path / "app.log").write_text(STORY)

    def shown(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        assert run(["logs", *words]) == code
        return capsys.readouterr().out

    return shown


def test_everything_is_shown_redacted(logs: Callable[..., str]) -> None:
    """As it is, but for what is secret."""
    assert logs("app.log") == STORY.replace(SECRET, "[REDACTED:password]")


def test_the_last_lines(logs: Callable[..., str]) -> None:
    """Of the file, or of those that match."""
    assert logs("-n", "2", "app.log") == "".join(STORY.splitlines(keepends=True)[-2:])
    assert logs("-n", "1", "--level", "INFO", "--grep", "loaded", "app.log").endswith("Config loaded: 12 rules\n")
    assert logs("-n", "0", "app.log") == ""


def test_a_level_brings_the_traceback_along(logs: Callable[..., str]) -> None:
    """With the record that it belongs to."""
    shown = logs("--level", "error", "app.log")
    assert shown.count("KeyError: '") == 2
    assert "INFO" not in shown
    assert logs("--level", "CRITICAL", "app.log") == "2026-11-21 12:20:00,000 CRITICAL app: giving up\n"


def test_a_pattern_with_its_neighbours(logs: Callable[..., str]) -> None:
    """Groups are set apart, as grep does."""
    shown = logs("--grep", "loaded|giving", "-B", "1", "app.log").splitlines()
    assert [line[11:19] if line[:2] == "20" else line for line in shown] == [
        "12:00:00",
        "12:00:00",
        "--",
        "KeyError: 'y'",
        "12:20:00",
    ]


def test_a_span_of_time(logs: Callable[..., str]) -> None:
    """A line without a time has that of the line before it."""
    shown = logs("--since", "2026-11-21T12:05:00", "--until", "2026-11-21T12:15:00", "app.log")
    assert shown.startswith("2026-11-21 12:10:00,000 ERROR")
    assert shown.endswith("KeyError: 'y'\n")


@pytest.mark.usefixtures("logs")
def test_a_strange_zone_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Where times matter."""
    Path("pg.log").write_text("2026-11-21 10:00:23.123 AMT [12] ERROR:  relation\n" * 3)
    for words in (("--rate",), ("--since", "@0"), ("--json",), ("--errors",)):
        assert run(["logs", "pg.log", *words]) == 0
        assert capsys.readouterr().err.count("times with the zone AMT are read as this machine's") == 1


def test_the_inside_of_a_private_key_is_found_by_no_pattern(logs: Callable[..., str]) -> None:
    """A line of it by itself does not look like a secret, so it is hidden before anything is looked for."""
    body = "\n".join("MIIEpAIBAAKCAQEA" + chr(65 + n) * 48 for n in range(20))
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"
    Path("key.log").write_text("before\n" + key + "after\n")
    assert logs("--grep", "MIIE", "key.log") == ""
    assert "MIIE" not in logs("-n", "12", "key.log")
    assert "MIIE" not in logs("--grep", "after", "-B", "9", "key.log")


def test_packed_logs(logs: Callable[..., str]) -> None:
    """Are read as they are; one that is damaged as far as it goes, and that is said."""
    data = STORY.encode()
    Path("a.log.gz").write_bytes(gzip.compress(data))
    Path("a.log.bz2").write_bytes(bz2.compress(data))
    Path("a.log.xz").write_bytes(lzma.compress(data))
    for name in ("a.log.gz", "a.log.bz2", "a.log.xz"):
        assert logs("-n", "1", name) == STORY.splitlines(keepends=True)[-1]


@pytest.mark.parametrize(("name", "pack"), [("a.gz", gzip.compress), ("a.bz2", bz2.compress), ("a.xz", lzma.compress)])
def test_a_damaged_packed_log_is_shown_as_far_as_it_goes(
    name: str, pack: Callable[[bytes], bytes], logs: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Junk behind it costs no line, and what is cut short loses no more than what was cut."""
    lines = "".join(f"line {n} of {n * n % 7}\n" for n in range(3_000))
    data = pack(lines.encode())
    for junk, members in ((b"junk behind it", 1), (data + b"\0" * 9 + b"junk", 2)):
        Path(name).write_bytes(data + junk)
        assert run(["logs", name]) == 69
        shown = capsys.readouterr()
        assert shown.out == lines * members
        assert "could not be read to its end" in shown.err
    Path(name).write_bytes(data + b"\0" * 8 + data)
    assert logs(name) == lines * 2
    damaged = bytearray(data)
    damaged[-2] ^= 255
    damages = (data[:-9], bytes(damaged)) if name == "a.gz" else (data[: len(data) // 2],)
    for each in damages:
        Path(name).write_bytes(each)
        shown_lines = logs(name, code=69)[:-1]
        assert lines.startswith(shown_lines)
        if name == "a.gz":
            assert len(shown_lines) > len(lines) - 20
    Path("empty.gz").write_bytes(b"")
    assert logs("empty.gz") == ""


def test_zstandard(logs: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    """Needs a library on older Pythons; without it that is said, with what to install."""
    Path("a.zst").write_bytes(b"")
    try:
        zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    except ImportError:
        assert run(["logs", "a.zst"]) == 5
        assert "soakctl[zstd]" in capsys.readouterr().err
        return
    Path("a.zst").write_bytes(zstd.compress(STORY.encode()))
    assert logs("-n", "1", "a.zst") == STORY.splitlines(keepends=True)[-1]
    Path("a.zst").write_bytes(zstd.compress(STORY.encode()) * 2 + b"junk")
    assert logs("--grep", "Config", "a.zst", code=69).count("loaded") == 2


def test_several_logs_are_merged_by_time(logs: Callable[..., str]) -> None:
    """Each line behind the name of its log."""
    Path("one.log").write_text("2026-11-21 12:00:01 a\n  more\n2026-11-21 12:00:03 c\n")
    Path("two.log").write_text("2026-11-21T12:00:02Z b\n2026-11-21T12:00:04Z d\n")
    shown = logs("one.log", "two.log").splitlines()
    assert [(line[:9], line[-1]) for line in shown] == [
        ("one.log |", "a"),
        ("one.log |", "e"),
        ("two.log |", "b"),
        ("one.log |", "c"),
        ("two.log |", "d"),
    ]
    assert [line[-1] for line in logs("-n", "2", "one.log", "two.log").splitlines()] == ["c", "d"]


def test_a_log_that_is_not_there_is_said(logs: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    """The others are shown."""
    assert run(["logs", "none.log", "app.log", "-n", "1"]) == 69
    told = capsys.readouterr()
    assert "giving up" in told.out
    assert "none.log: cannot be read: No such file" in told.err
    logs("none.log", code=69)


def test_the_service_and_what_was_rotated(logs: Callable[..., str]) -> None:
    """Without a file the logs of the configuration, with what they were rotated into, oldest first."""
    Path("soakctl.yaml").write_text(CONFIG)
    Path("app.log.2.gz").write_bytes(gzip.compress(b"oldest\n"))
    Path("app.log.1").write_text("older\n")
    Path("app.log.special").write_text("other\n")
    shown = logs().splitlines()
    assert shown[:3] == ["oldest", "older", "2026-11-21 12:00:00,000 INFO app: Risk Manager starting"]
    assert len(logs("-n", "19").splitlines()) == 19
    assert logs("-n", "18").startswith("older\n")


def test_the_log_of_a_run_is_shown_as_the_service_wrote_it(logs: Callable[..., str]) -> None:
    """With soakctl's own time only where a line has none, and with its stream in JSON."""
    home = Path("artifacts/soak/20261121T120000Z-0a0a0a0a/logs")
    home.mkdir(parents=True)
    (home.parent / "run.json").write_text("{}")
    stamp = "2026-11-21T12:00:00.500Z"
    (home / "service.log").write_text(
        f"{stamp} out started\n"
        f"{stamp} err 2026-11-21 12:00:00,498 ERROR app: it broke\n"
        f"{stamp} err Traceback (most recent call last):\n"
        f'{stamp} err   File "/srv/a.py", line 1, in run\n'
        f"{stamp} err ValueError: 7\n"
        f"{stamp} err warning from a library\n"
    )
    assert logs("--run", "latest") == (
        f"{stamp} started\n"
        "2026-11-21 12:00:00,498 ERROR app: it broke\n"
        "Traceback (most recent call last):\n"
        '  File "/srv/a.py", line 1, in run\n'
        "ValueError: 7\n"
        f"{stamp} err warning from a library\n"
    )
    assert logs("--run", "latest", "--grep", "^.*ValueError") == f"{stamp} err ValueError: 7\n"
    told = json.loads(logs("--run", "latest", "--json"))
    assert wrong("logs", told) == []
    assert [(row["stream"], row["text"][:11]) for row in told["lines"][:2]] == [
        ("out", "started"),
        ("err", "2026-11-21 "),
    ]
    assert told["lines"][0]["time_unix"] == 1795262400.5
    assert stamp not in logs("--run", "latest", "--errors")


def test_lines_without_a_time_count_with_the_one_before(logs: Callable[..., str]) -> None:
    """A traceback belongs to the second in which it was logged."""
    Path("app.log").write_text("2026-11-21 12:00:00 ERROR a\nTraceback\n  b\n  c\n2026-11-21 12:00:01 INFO d\n")
    told = json.loads(logs("--rate", "app.log", "--json"))
    assert [(row["lines"], row["errors"]) for row in told["buckets"]] == [(4, 1), (1, 0)]


def test_what_was_thrown_belongs_to_the_line_that_reports_it(logs: Callable[..., str]) -> None:
    """As Node's loggers print it; two that were only printed are two."""
    Path("app.log").write_text(
        "2026-11-21T12:00:16Z error: boom\nTypeError: x is undefined\n    at Foo.bar (/srv/foo.js:10:5)\n"
        "2026-11-21T12:00:17Z info: ok\nRangeError: 1\nRangeError: 2\n"
    )
    told = json.loads(logs("--errors", "app.log", "--json"))
    assert told["total"] == 3
    assert told["groups"][0]["what"] == "TypeError: x is undefined" or told["groups"][0]["count"] == 2


def test_nothing_to_read_is_said(logs: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do."""
    capsys.readouterr()
    assert run(["logs"]) == 3
    assert "Name a file" in capsys.readouterr().err
    assert logs("--run", "nonesuch", code=3) == ""


def test_checkpoints(logs: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    """In order, with the time between them, and the one that is missing with its hints."""
    Path("soakctl.yaml").write_text(CONFIG)
    Path("app.log").write_text("2026-11-21 11:00:00,000 INFO Risk Manager starting\nSDK connected\n" + STORY)
    shown = logs("--checkpoints")
    assert "newest of 2 boots" in shown
    assert re.search(r"config +ok +12:00:00Z +\+0.4s", shown)
    assert re.search(r"loop +ok +12:00:02Z +\+2.1s", shown)
    assert "First missing: sdk" in shown
    assert "hint: Check the credentials" in shown
    told = json.loads(logs("--checkpoints", "--json"))
    assert wrong("log-checkpoints", told) == []
    assert [step["state"] for step in told["checkpoints"]] == ["reached", "reached", "missing", "reached"]
    Path("soakctl.yaml").write_text("version: 1\n")
    assert run(["logs", "--checkpoints", "app.log"]) == 3
    assert "smoke.checkpoints" in capsys.readouterr().err


def test_checkpoints_within_a_time(logs: Callable[..., str]) -> None:
    """The newest boot that was then."""
    Path("soakctl.yaml").write_text(CONFIG)
    Path("app.log").write_text("2026-11-21 11:00:00,000 INFO Risk Manager starting\nSDK connected\n" + STORY)
    shown = logs("--checkpoints", "--until", "2026-11-21T11:30:00")
    assert "newest of 2" not in shown
    assert "First missing: config" in shown
    told = json.loads(logs("--checkpoints", "--since", "2026-11-21T12:00:01", "--json"))
    assert [step["state"] for step in told["checkpoints"]] == ["missing", "missing", "missing", "reached"]


@pytest.mark.parametrize("words", [(), ("--errors",), ("--rate",), ("--checkpoints",)])
def test_what_cannot_be_read_is_in_the_document(words: tuple[str, ...], logs: Callable[..., str]) -> None:
    """A file that is missing, and a directory."""
    Path("soakctl.yaml").write_text(CONFIG)
    told = json.loads(logs("nofile.log", ".", "app.log", "--json", *words, code=69))
    assert wrong(told["schema"].removeprefix("soakctl.").partition("/")[0], told) == []
    assert told["unread"] == [
        "nofile.log: cannot be read: No such file or directory",
        ".: is a directory; name the files in it",
    ]


def test_no_neighbours_are_set_apart_too(logs: Callable[..., str]) -> None:
    """As GNU grep does with -C 0."""
    Path("x.log").write_text("x1\na\nx2\nx3\n")
    assert logs("--grep", "x", "-C", "0", "x.log") == "x1\n--\nx2\nx3\n"
    assert logs("--grep", "x", "x.log") == "x1\nx2\nx3\n"


def test_one_line_comes(logs: Callable[..., str]) -> None:
    """Before the first with a time."""
    Path("x.log").write_text("x\n" + STORY)
    assert "1 line comes before the first that says its time" in logs("--rate", "x.log")


@pytest.mark.usefixtures("logs")
def test_a_cursor_is_looked_at_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is shown where it cannot be kept, is none, or is about another log."""
    Path("file").write_text("text")
    Path("other").write_text(
        '{"schema": "soakctl.log-cursor/1", "files":'
        ' [{"device": 1, "inode": 2, "path": "a.log", "offset": 3, "hash": "x"}]}'
    )
    for name, code, message in (
        ("file/cursor", 69, "file/cursor"),
        ("file", 69, "soakctl: file is no cursor of soakctl's"),
        ("other", 64, "the cursor is about a.log, not about app.log"),
    ):
        capsys.readouterr()
        assert run(["logs", "-f", "app.log", "--cursor", name]) == code
        told = capsys.readouterr()
        assert told.out == ""
        assert message in told.err


def test_errors_alike_are_told_together(logs: Callable[..., str]) -> None:
    """By what was raised and where, with how often and when."""
    shown = logs("--errors", "app.log")
    assert "3 errors of 2 kinds" in shown
    assert "2 x  KeyError: 'y'" in shown
    assert "at /srv/db.py:88 in fetch" in shown
    told = json.loads(logs("--errors", "--json", "app.log"))
    assert wrong("log-errors", told) == []
    assert [(group["count"], group["kind"]) for group in told["groups"]] == [(2, "python"), (1, "line")]
    assert told["groups"][0]["last_unix"] - told["groups"][0]["first_unix"] == pytest.approx(597)
    assert "No errors" in logs("--errors", "--grep", "nowhere", "app.log")


def test_rate(logs: Callable[..., str]) -> None:
    """Lines and errors a bucket of time; together they are all lines."""
    told = json.loads(logs("--rate", "--json", "app.log"))
    assert wrong("log-rate", told) == []
    assert told["lines"] == sum(bucket["lines"] for bucket in told["buckets"]) == len(STORY.splitlines())
    assert (told["errors"], told["warnings"]) == (3, 1)
    assert told["bucket_s"] == 30
    assert "17 lines, 3 errors, 1 warning; 30s a row" in logs("--rate", "app.log")


@pytest.mark.parametrize("behind", ["INFO", "WARNING"])
def test_what_is_raised_behind_a_record_is_the_same_to_all(behind: str, logs: Callable[..., str]) -> None:
    """The chart, the groups and the level agree: a warning has its traceback, behind what is milder a program dies."""
    group = (
        '  + Exception Group Traceback (most recent call last):\n  |   File "g.py", line 1, in <module>\n'
        "  | ExceptionGroup: m (1 sub-exception)\n  +-+---------------- 1 ----------------\n"
        '    | Traceback (most recent call last):\n    |   File "h.py", line 2, in a\n    | ValueError: boom\n'
        "    +------------------------------------\n"
    )
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\nKeyError: 1\n'
    java = "java.lang.IllegalStateException: x\n\tat a.B.c(B.java:7)\nCaused by: a.b.Other: y\n\tat a.D.e(D.java:8)\n"
    said, then = f"2026-11-21 10:00:00 {behind} app: slow\n", "2026-11-21 10:00:01 INFO app: on\n"
    Path("w.log").write_text("".join(said + each + then for each in (trace, group, java)))
    errors = trace + group + java if behind == "INFO" else ""
    warnings = "".join(said + each for each in (trace, group, java))
    assert logs("--level", "ERROR", "w.log") == errors
    assert logs("--level", "WARNING", "w.log") == (errors or warnings)
    told = json.loads(logs("--rate", "--json", "w.log"))
    assert (told["errors"], told["warnings"]) == ((3, 0) if errors else (0, 3))
    groups = json.loads(logs("--errors", "--json", "w.log"))["groups"]
    assert len(groups) == (3 if errors else 0)
    if errors:
        assert [(each["what"], each["frame"]) for each in groups][:2] == [
            ("KeyError: 1", "x.py:1 in f"),
            ("ValueError: boom", "h.py:2 in a"),
        ]
    groups = json.loads(logs("--errors", "--level", "WARNING", "--json", "w.log"))["groups"]
    assert {each["level"] for each in groups} == {None if errors else "WARNING"}


def test_a_death_right_behind_a_warning_is_an_error(logs: Callable[..., str]) -> None:
    """What no logger prints is none of the warning's."""
    died = 'Exception in thread "main" java.lang.Error: x\n\tat a.B.c(B.java:7)\n'
    Path("w.log").write_text("2026-11-21 10:00:00 WARN a: slow\n" + died)
    assert logs("--level", "ERROR", "w.log") == died
    assert json.loads(logs("--rate", "--json", "w.log"))["errors"] == 1


def test_the_rows_of_a_packed_log_are_as_few(logs: Callable[..., str]) -> None:
    """Its span is known only at the end; a clock that was wrong once does not change that."""
    clocks = [f"2026-11-21 {n // 60:02d}:{n % 60:02d}:00" for n in range(1_400)]
    text = "".join(f"{clock} INFO x\n" for clock in ("2001-01-01 00:00:00", *clocks))
    Path("day.log").write_text(text)
    Path("day.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("day.log", "day.gz"):
        told = json.loads(logs("--rate", "--json", name))
        assert told["lines"] == sum(bucket["lines"] for bucket in told["buckets"]) == 1_401
        assert len(told["buckets"]) < 62
        assert told["bucket_s"] == 1_800


@pytest.mark.parametrize("seed", range(4))
def test_rate_counts_every_line_once(seed: int, logs: Callable[..., str]) -> None:
    """However times jump about."""
    data = a_log(Random(seed), 2_000)
    Path("random.log").write_bytes(data)
    told = json.loads(logs("--rate", "--json", "random.log"))
    assert told["lines"] == data.count(b"\n")
    assert wrong("log-rate", told) == []


def test_json_is_one_document(logs: Callable[..., str]) -> None:
    """With each line, its level and its time."""
    told = json.loads(logs("--json", "--level", "WARNING", "app.log"))
    assert wrong("logs", told) == []
    assert told["shown"] == len(told["lines"]) == 14
    assert told["lines"][0]["level"] == "WARNING"
    assert told["lines"][0]["time_unix"] == pytest.approx(1795262401.0)
    assert SECRET not in json.dumps(told)
    assert json.loads(logs("--json", "--grep", "nowhere", "app.log"))["lines"] == []


def test_colours_on_a_terminal(logs: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """By level, with what was looked for made bold; none with NO_COLOR."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert logs("--grep", "giving", "app.log").count("\x1b[1;31m") == 2
    assert "\x1b[1;7mgiving" in logs("--grep", "giving", "app.log")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in logs("--grep", "giving", "app.log")


def test_a_terminal_is_not_made_to_read_backwards(logs: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What turns the order of letters around is shown as an escape there, and is left alone in a pipe."""
    Path("odd.log").write_text("ok \u202e gnp.exe\n")
    assert logs("odd.log") == "ok \u202e gnp.exe\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert logs("odd.log") == "ok \\u202e gnp.exe\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--grep", "("],
        ["--level", "loud"],
        ["--since", "soon"],
        ["-n", "-1"],
        ["--errors", "--rate"],
        ["--run", "x", "app.log"],
        ["-f", "--errors"],
        ["-f", "a.gz"],
        ["--cursor", "c"],
        ["-C", "3", "app.log"],
        ["--errors", "-A", "1"],
        ["--rate", "-n", "3"],
        ["--rate", "--level", "ERROR"],
        ["--checkpoints", "--grep", "x"],
        ["--checkpoints", "--level", "ERROR", "-n", "3"],
        ["--since", "12:00", "--until", "11:00", "app.log"],
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], logs: Callable[..., str]) -> None:
    """With exit code 64 and no traceback."""
    logs(*words, code=64)


def test_standard_input_is_filtered_a_line_for_a_line(
    logs: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Junk and all."""
    data = b"a\0b\n\xff\n\n\x1b[31mpassword=" + SECRET.encode() + b"\x1b[0m\nlast"
    import soakctl.adapters.logs.opened as module  # noqa: PLC0415 - only here is it replaced

    monkeypatch.setattr(module, "open", lambda *_a, **_k: io.BytesIO(data), raising=False)
    assert logs("-") == "ab\n\ufffd\n\npassword=[REDACTED:password]\nlast\n"


def test_one_long_line_is_cut_and_takes_little_memory(logs: Callable[..., str]) -> None:
    """It says how much is left out."""
    with Path("long.log").open("wb") as file:
        file.writelines(b"x" * 1_000_000 for _ in range(60))
        file.write(b"\nend\n")
    tracemalloc.start()
    try:
        shown = logs("long.log")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    first, last, _ = shown.split("\n")
    assert first.endswith("… [cut: 59900000 bytes]")
    assert last == "end"
    assert peak < 20_000_000


def test_a_long_secret_is_said_to_be_one(logs: Callable[..., str]) -> None:
    """Though its end lies behind the cut."""
    Path("long.log").write_text("password=" + "S" * 200_000 + "\nend\n")
    assert logs("long.log") == "[REDACTED:password] … [cut: 100009 bytes]\nend\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed(encoding: str, logs: Callable[..., str]) -> None:
    """As of logs that Windows wrote."""
    Path("wide.log").write_bytes("2026-11-21 10:00:00 ERROR hällo\r\n2026-11-21 10:00:01 INFO x".encode(encoding))
    assert logs("--grep", "hällo", "wide.log") == logs("--level", "ERROR", "wide.log")
    assert logs("-n", "1", "wide.log") == "2026-11-21 10:00:01 INFO x\n"


def _params() -> dict[str, Any]:
    group: Any = get_command(app)
    return {name: param for param in group.commands["logs"].params for name in param.opts if name.startswith("-")}


def test_the_quick_way_knows_the_same_options() -> None:
    """Those that `--help` shows, each for the same field, and the global ones."""
    params = _params()
    own = {name: entry for name, entry in OPTIONS.items() if name not in {"--no-color", "-q", "--quiet"}}
    assert {name: field for name, (field, _) in own.items()} == {
        name: param.name for name, param in params.items() if name != "--help"
    }
    assert {name for name, (_, kind) in own.items() if kind is bool} == {
        name for name, param in params.items() if param.is_flag and name != "--help"
    }


@pytest.mark.parametrize(
    "words", [["--help"], ["-n", "x"], ["-n"], ["--nonsense"], ["-n5"], ["--grep=x"], ["--", "-f"]]
)
def test_the_quick_way_leaves_the_rest_to_typer(words: list[str]) -> None:
    """What it does not know, it does not guess."""
    assert values_of(words) is None


def test_the_quick_way_reads_words() -> None:
    """In any order."""
    assert values_of(["a", "-n", "3", "-f", "--grep", "-x", "-", "--json"]) == {
        "files": ("a", "-"),
        "lines": 3,
        "follow": True,
        "grep": "-x",
        "json": True,
    }


def test_schemas_of_lines() -> None:
    """A line when following keeps to its own."""
    line = {"schema": "soakctl.log-line/1", "level": None, "log": "a", "matches": True, "stream": None, "text": "x"}
    line["time_unix"] = None
    assert wrong("log-line", line) == []
    assert wrong("log-line", {**line, "level": "LOUD"}) != []
