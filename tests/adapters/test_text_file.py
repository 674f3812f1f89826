"""Reports at places that somebody chose."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.text_file import append_text, replace_text
from soakctl.errors import ExitCode, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """The folders are made, nothing is left beside it, and an old text is gone."""
    path = tmp_path / "reports" / "deep" / "junit.xml"
    replace_text(path, "an older and longer text")
    replace_text(path, "new: é")
    assert path.read_text(encoding="utf-8") == "new: é"
    assert [item.name for item in path.parent.iterdir()] == ["junit.xml"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_one(tmp_path: Path) -> None:
    """What it points to is replaced."""
    real, link = tmp_path / "real.xml", tmp_path / "link.xml"
    real.write_text("old")
    link.symlink_to(real)
    replace_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in the file system")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """`--junit /dev/stdout` works: what is no ordinary file is not renamed over."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    replace_text(path, "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)


def test_what_is_added_comes_last(tmp_path: Path) -> None:
    """The summary of a job belongs to every step of it."""
    path = tmp_path / "summary.md"
    append_text(path, "one\n")
    append_text(path, "two\n")
    assert path.read_text() == "one\ntwo\n"


@pytest.mark.parametrize("write", [replace_text, append_text])
def test_what_cannot_be_written_is_told_with_its_place(write: object, tmp_path: Path) -> None:
    """A folder in the place of the file is named, and nothing is left in it."""
    assert callable(write)
    with pytest.raises(UnavailableError) as told:
        write(tmp_path, "text")
    assert told.value.where == str(tmp_path)
    assert told.value.exit_code is ExitCode.UNAVAILABLE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [replace_text, append_text])
def test_half_a_character_does_not_stop_a_report(write: object, tmp_path: Path) -> None:
    """What UTF-8 cannot hold becomes a question mark."""
    assert callable(write)
    write(tmp_path / "report", "a\ud800b")
    assert (tmp_path / "report").read_text() == "a?b"
