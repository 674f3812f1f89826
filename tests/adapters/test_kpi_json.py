"""KPIs from JSON files."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters import kpi_json
from soakctl.adapters.kpi_json import read_json_file
from soakctl.adapters.kpi_value import NoValueError

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = 1_700_000_000.0


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report written at a known time."""
    path = tmp_path / "report.json"
    path.write_text('{"totals": {"p95": 222.5}}', encoding="utf-8")
    os.utime(path, (WRITTEN, WRITTEN))
    return path


def _read(
    path: Path,
    pointer: str = "/totals/p95",
    *,
    max_age_s: float | None = None,
    not_before: float = WRITTEN - 60,
    now: float = WRITTEN + 30,
) -> float:
    return read_json_file(path, pointer, max_age_s=max_age_s, not_before_unix=not_before, now_unix=now)


def _reason(path: Path, **given: Any) -> str:
    with pytest.raises(NoValueError) as caught:
        _read(path, **given)
    return str(caught.value)


def test_a_number_is_read(report: Path) -> None:
    """The pointer's number is the value, as long as the file is new enough."""
    assert _read(report) == 222.5
    assert _read(report, max_age_s=30) == 222.5


def test_a_file_of_an_earlier_run_has_no_value(report: Path) -> None:
    """What was written before the run began says nothing about it."""
    assert _reason(report, not_before=WRITTEN + 10) == (
        f"{report} is older than this run: it was last written 10.0s before"
    )


def test_the_coarse_clock_of_files_is_forgiven(report: Path) -> None:
    """A file written right after the run began may carry a stamp of some milliseconds before."""
    assert _read(report, not_before=WRITTEN + 0.02) == 222.5


def test_a_file_that_is_no_longer_written_has_no_value(report: Path) -> None:
    """A report that stopped growing up is not taken for a good one."""
    assert _reason(report, max_age_s=29) == f"{report} was last written 30.0s ago, more than max_age 29.0s"


def test_a_stamp_in_the_future_is_not_old(report: Path) -> None:
    """A file from a machine whose clock is ahead counts as new."""
    assert _read(report, max_age_s=5, now=WRITTEN - 100) == 222.5


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The reason names the file that was looked for."""
    path = tmp_path / "none.json"
    assert _reason(path) == f"{path} does not exist"


def test_a_directory_is_no_report(tmp_path: Path) -> None:
    """A path that leads to a directory is explained."""
    assert _reason(tmp_path) in {
        f"{tmp_path} cannot be read: Is a directory",
        f"{tmp_path} cannot be opened: Is a directory",
        f"{tmp_path} is not a regular file",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of the file system are POSIX")
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    """A pipe without a writer is refused at once instead of waited for."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert _reason(path) == f"{path} is not a regular file"


def test_a_file_that_may_not_be_read(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing permission is named (root reads everything, so the refusal is played)."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert _reason(report) == f"{report} cannot be opened: Permission denied"


def test_a_file_too_large_is_not_loaded(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the file is left alone."""
    monkeypatch.setattr(kpi_json, "LARGEST", 10)
    assert _reason(report) == f"{report} is larger than 10 B"


def test_a_truncated_file_says_where(report: Path) -> None:
    """A report that stays cut off is explained with the place."""
    report.write_text('{"totals": {"p95": 22', encoding="utf-8")
    assert _reason(report) == f"{report} ends in the middle at line 1 column 22: Expecting ',' delimiter"


def test_a_file_met_half_written_is_read_again(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report rewritten in place is not lost because it was met in the middle."""
    whole = report.read_text(encoding="utf-8")
    report.write_text(whole[:12], encoding="utf-8")
    pauses: list[float] = []

    def finish(pause: float) -> None:
        pauses.append(pause)
        report.write_text(whole, encoding="utf-8")

    monkeypatch.setattr(time, "sleep", finish)
    assert _read(report) == 222.5
    assert len(pauses) == 1


def test_a_file_replaced_all_the_time_always_has_a_value(tmp_path: Path) -> None:
    """Whoever replaces the file by rename never makes a read fail."""
    path, over = tmp_path / "r.json", threading.Event()
    path.write_text("1", encoding="utf-8")

    def replace() -> None:
        while not over.is_set():
            fresh = tmp_path / "r.tmp"
            fresh.write_text("1", encoding="utf-8")
            fresh.replace(path)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        assert {_read(path, "", not_before=0) for _ in range(200)} == {1.0}
    finally:
        over.set()
        writer.join()
