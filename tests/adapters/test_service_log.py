"""The service's log: redacted, stamped, rotated, and no danger to those who write to it."""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING

from soakctl.adapters.service_log import ServiceLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

_UNIX = 1_763_708_400.0625  # 2025-11-21T07:00:00.062Z
_STAMP = "2025-11-21T07:00:00.062Z"


def _open() -> Callable[[str], str]:
    return lambda text: text


def _hides(secret: str) -> Callable[[], Callable[[str], str]]:
    return lambda: lambda text: text.replace(secret, "[REDACTED]")


def _log(
    tmp_path: Path, redact: Callable[[], Callable[[str], str]] = _open, *, max_bytes: int = 50_000_000
) -> ServiceLog:
    return ServiceLog(tmp_path / "service.log", redact, lambda: _UNIX, max_bytes=max_bytes)


def _texts(path: Path) -> list[str]:
    return [line.split(" ", 2)[2] for line in path.read_text("utf-8").splitlines()]


def test_lines_are_stamped_and_named(tmp_path: Path) -> None:
    """A line is time, stream and text."""
    log = _log(tmp_path)
    out, file = log.stream("out"), log.stream("file")
    out.write("one")
    file.write("zwei ä€😀")
    log.close()
    expected = f"{_STAMP} out one\n{_STAMP} file zwei ä€😀\n"
    assert (tmp_path / "service.log").read_text("utf-8") == expected
    assert (log.failed, log.lost) == ("", 0)


def test_lines_are_there_after_a_flush(tmp_path: Path) -> None:
    """Nothing has to be closed for others to read it."""
    log = _log(tmp_path)
    log.stream("out").write("one")
    log.flush()
    assert _texts(tmp_path / "service.log") == ["one"]
    log.close()


def test_each_stream_has_a_redactor_of_its_own(tmp_path: Path) -> None:
    """What a redactor remembers of one stream does not touch another."""

    def remembering() -> Callable[[str], str]:
        seen: list[str] = []

        def redact(text: str) -> str:
            seen.append(text)
            return f"{len(seen)}"

        return redact

    log = _log(tmp_path, remembering)
    out, err = log.stream("out"), log.stream("err")
    for stream in (out, out, err):
        stream.write("x")
    log.close()
    assert _texts(tmp_path / "service.log") == ["1", "2", "1"]


def test_a_secret_across_the_cut_is_hidden(tmp_path: Path) -> None:
    """A long line is redacted before it is cut, and what may be half a secret at its end is not shown."""
    secret = "s" * 40
    log = _log(tmp_path, _hides(secret))
    out = log.stream("out")
    out.write_long("x" * 80 + secret + "y" * 100, 100, 0, 220)
    out.write_long("x" * 40 + secret + "y" * 30 + "s" * 20, 100, 50, 1_000)
    out.write_long("x" * 20 + secret * 3, 100, 0, 140)
    log.close()
    across, unsure, whole = _texts(tmp_path / "service.log")
    assert across == "x" * 80 + "[REDACTED]" + "y" * 10 + " … [cut: 120 bytes]"
    assert unsure == "x" * 40 + "[REDACTED] … [cut: 900 bytes]"
    assert whole == "x" * 20 + "[REDACTED]" * 3


def test_a_cut_does_not_break_a_character(tmp_path: Path) -> None:
    """The cut is in bytes, the text stays readable."""
    log = _log(tmp_path)
    log.stream("out").write_long("€" * 100, 100, 0, 300)
    log.close()
    assert _texts(tmp_path / "service.log") == ["€" * 33 + " … [cut: 200 bytes]"]


def test_a_gap_is_marked_and_keys_behind_it_are_hidden(tmp_path: Path) -> None:
    """The beginning of a private key may be among what was dropped; its body is not shown for want of it."""
    log = _log(tmp_path)
    out = log.stream("out")
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
    for text in (body, body + "==", "-----END PRIVATE KEY-----", body):
        if text == body:
            out.gap(12)
        out.write(text)
    log.close()
    gap = "… [dropped: 12 lines that came too fast]"
    hidden = "[REDACTED:after-gap]"
    assert _texts(tmp_path / "service.log") == [gap, hidden, hidden, "-----END PRIVATE KEY-----", gap, hidden]


def test_files_are_rotated_by_size(tmp_path: Path) -> None:
    """The newest lines are in service.log, three older files are kept, none is above its size."""
    log = _log(tmp_path, max_bytes=2_000)
    out = log.stream("out")
    for number in range(500):
        out.write(f"line {number:04d}")
        if number % 10 == 9:
            log.flush()
    log.close()
    names = ["service.log.3", "service.log.2", "service.log.1", "service.log"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    kept = [text for name in names for text in _texts(tmp_path / name)]
    assert kept == [f"line {number:04d}" for number in range(500 - len(kept), 500)]
    assert all((tmp_path / name).stat().st_size <= 2_000 for name in names)
    assert len(kept) > 120


def test_an_older_log_is_gone_on_with(tmp_path: Path) -> None:
    """A resumed run adds to its log; a line that was torn by a kill does not swallow the next."""
    (tmp_path / "service.log").write_bytes(b"old out torn")
    log = _log(tmp_path)
    log.stream("out").write("new")
    log.close()
    assert (tmp_path / "service.log").read_text("utf-8") == f"old out torn\n{_STAMP} out new\n"


def test_a_log_that_cannot_be_written_is_said_and_tried_again(tmp_path: Path) -> None:
    """An error costs lines, which are counted, and never reaches the writer."""
    log = ServiceLog(tmp_path / "missing" / "service.log", _open, lambda: _UNIX)
    out = log.stream("out")
    out.write("lost")
    out.write("lost too")
    log.flush()
    assert log.failed == f"{tmp_path / 'missing' / 'service.log'}: No such file or directory"
    assert log.lost == 2
    (tmp_path / "missing").mkdir()
    out.write("kept")
    log.close()
    assert _texts(tmp_path / "missing" / "service.log") == ["kept"]
    assert log.lost == 2


def test_a_full_disk_costs_lines_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half-way is counted, and the log goes on when there is room again."""
    log = _log(tmp_path)
    out = log.stream("out")
    out.write("before")
    log.flush()
    real = os.write

    def full(fd: int, data: bytes) -> int:
        if len(data) > 5:
            return real(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    out.write("torn")
    log.flush()
    monkeypatch.setattr(os, "write", real)
    assert log.failed.endswith("No space left on device")
    assert log.lost == 1
    out.write("after")
    log.close()
    lines = (tmp_path / "service.log").read_text("utf-8").splitlines()
    assert [lines[0], lines[-1]] == [f"{_STAMP} out before", f"{_STAMP} out after"]


def test_several_threads_may_write(tmp_path: Path) -> None:
    """No line is lost or torn."""
    log = _log(tmp_path, max_bytes=10**9)

    def write(name: str) -> None:
        stream = log.stream(name)
        for number in range(3_000):
            stream.write(f"{name} {number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in ("out", "err", "file")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    texts = _texts(tmp_path / "service.log")
    for name in ("out", "err", "file"):
        expected = [f"{name} {number}" for number in range(3_000)]
        assert [text for text in texts if text.startswith(name)] == expected
