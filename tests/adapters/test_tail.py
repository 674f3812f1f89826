"""Log files are followed over everything that happens to log files."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soakctl.adapters.service_log import ServiceLog
from soakctl.adapters.tail import FileTail
from tests.support.lines import Heard, Ticker, watch_for
from tests.support.polling import eventually

_WATCH = watch_for(kpis=[{"name": "number", "source": {"log": r"number=(\d+)"}, "max": 1}])


class _Followed:
    """Files in a directory and a follower of them, which polls when it is told to."""

    def __init__(self, base: Path, *paths: str, **options: Any) -> None:
        self.base = base
        self.heard = Heard()
        self.tick = Ticker()
        self.tail = FileTail(
            paths or ("app.log",), base=base, watch=_WATCH, emit=self.heard, now=self.tick, sink=None, **options
        )

    def append(self, text: str, name: str = "app.log") -> None:
        with (self.base / name).open("ab") as file:
            file.write(text.encode())

    def poll(self, times: int = 1) -> None:
        for _ in range(times):
            self.tick.at += 0.25
            self.tail.poll_once()

    @property
    def numbers(self) -> list[int]:
        """What was found so far, everything told."""
        self.tick.at += 1
        self.tail.poll_once()
        return [int(hit.value) for hit in self.heard.hits if hit.value is not None]

    @property
    def drained(self) -> list[int]:
        """What was found once the service is gone, and nothing more is to come."""
        self.tick.at += 1
        self.tail.drain()
        self.tail.stop()
        return [int(hit.value) for hit in self.heard.hits if hit.value is not None]


def _lines(*numbers: int, pad: int = 0) -> str:
    return "".join(f"number={number} {'x' * pad}\n" for number in numbers)


def test_what_was_there_before_is_not_looked_at(tmp_path: Path) -> None:
    """A file that exists is read from its end, one that appears later from its beginning."""
    files = _Followed(tmp_path, "app.log", "later.log")
    files.append(_lines(1, 2))
    files.tail.begin()
    files.append(_lines(3))
    files.append(_lines(4), "later.log")
    assert files.drained == [3, 4]
    assert files.heard.notes == ["later.log appeared"]
    assert {line.stream for line in files.heard.tail} == {"file"}
    assert [line.seq for line in files.heard.tail] == [1, 2]


def test_a_line_is_found_once_it_is_whole(tmp_path: Path) -> None:
    """A number is not read from half a line; the last line counts without its newline once the service is gone."""
    files = _Followed(tmp_path)
    files.append("")
    files.tail.begin()
    files.append("number=1")
    files.poll(3)
    assert files.numbers == []
    files.append("2\nnumber=3")
    assert files.numbers == [12]
    assert files.drained == [12, 3]


@pytest.mark.parametrize("recreate_at_once", [True, False])
def test_rotation_by_rename_loses_nothing(tmp_path: Path, *, recreate_at_once: bool) -> None:
    """The old file is read to its end, first, then the new one from its beginning; late writers are still heard."""
    files = _Followed(tmp_path)
    files.append(_lines(1))
    files.tail.begin()
    files.append(_lines(2))
    files.poll()
    files.append(_lines(3))
    (tmp_path / "app.log").rename(tmp_path / "app.log.1")
    if recreate_at_once:
        files.append("")
    files.append(_lines(4), "app.log.1")
    if not recreate_at_once:
        files.poll(2)
    files.append(_lines(5))
    files.poll(2)
    files.append(_lines(6), "app.log.1")
    files.append(_lines(7))
    assert files.drained == [2, 3, 4, 5, 6, 7]
    assert files.heard.notes == ["app.log was rotated"]


def test_a_rotated_file_is_let_go_of_in_the_end(tmp_path: Path) -> None:
    """Descriptors of files that stay quiet without a name of theirs are closed."""
    files = _Followed(tmp_path)
    files.append(_lines(1))
    files.tail.begin()
    before = _open_files(tmp_path)
    for number in range(5):
        (tmp_path / "app.log").rename(tmp_path / "rotated")
        files.append(_lines(number))
        files.poll(30)
    assert _open_files(tmp_path) == before == 1
    assert files.drained == [0, 1, 2, 3, 4]
    assert _open_files(tmp_path) == 0


def _open_files(directory: Path) -> int:
    return sum(fd.resolve().is_relative_to(directory) for fd in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("longer", [True, False])
def test_truncation_is_noticed_and_said(tmp_path: Path, *, longer: bool) -> None:
    """A file that was emptied is read from its beginning, also when it has grown beyond the old place already."""
    files = _Followed(tmp_path)
    files.append(_lines(1, 2, 3, pad=50))
    files.tail.begin()
    files.append(_lines(4))
    files.poll()
    (tmp_path / "app.log").write_text(_lines(5, 6, pad=300 if longer else 0))
    files.poll()
    files.append(_lines(7))
    assert files.drained == [4, 5, 6, 7]
    assert files.heard.notes == ["app.log was truncated or overwritten, and read from its beginning"]


@pytest.mark.parametrize("banner", [True, False])
def test_overwriting_is_noticed_by_what_stands_at_the_place(tmp_path: Path, *, banner: bool) -> None:
    """The beginning alone can be the same banner each time, the place alone the same line."""
    files = _Followed(tmp_path)
    same = "=" * 1_500 + "\n" if banner else ""
    for number in (1, 2):
        (tmp_path / "app.log").write_text(same + _lines(number) + ("" if banner else "-" * 1_500 + "\n"))
        if number == 1:
            files.tail.begin()
        files.poll()
    assert files.drained == [2]


def test_a_hole_left_by_truncation_is_passed_over(tmp_path: Path) -> None:
    """A writer that was not told goes on at its old place; the zeros before it are no line."""
    files = _Followed(tmp_path)
    files.append("")
    files.tail.begin()
    with (tmp_path / "app.log").open("wb", buffering=0) as writer:
        writer.write(_lines(*range(100, 2_000)).encode())
        files.poll()
        os.truncate(tmp_path / "app.log", 0)
        writer.write(_lines(7).encode())
    files.poll()
    assert files.drained[1_900:] == [7]
    assert files.heard.count == 1_901
    assert "\0" not in files.heard.tail[-1].text


def test_a_file_replaced_in_place_is_read_again(tmp_path: Path) -> None:
    """Deleting and creating a file is noticed though its inode may be the same."""
    files = _Followed(tmp_path)
    files.append(_lines(1))
    files.tail.begin()
    for number in range(2, 6):
        files.append(_lines(number * 10))
        (tmp_path / "app.log").unlink()
        files.append(_lines(number))
        files.poll()
    assert files.drained == [20, 2, 30, 3, 40, 4, 50, 5]


def test_a_file_that_disappears_is_read_to_its_end(tmp_path: Path) -> None:
    """What its writer adds after that is still heard, and the file that comes in its place as well."""
    files = _Followed(tmp_path)
    files.append(_lines(1))
    files.tail.begin()
    with (tmp_path / "app.log").open("ab", buffering=0) as writer:
        writer.write(_lines(2).encode())
        (tmp_path / "app.log").unlink()
        files.poll(50)
        writer.write(_lines(3).encode())
        files.poll()
    files.append(_lines(4))
    assert files.drained == [2, 3, 4]


def test_a_copy_made_before_truncation_is_not_read_twice(tmp_path: Path) -> None:
    """Where a pattern finds the copy too, it is read from where the file had been read to."""
    files = _Followed(tmp_path, "app.log*")
    files.append("")
    files.tail.begin()
    files.append(_lines(*range(20), pad=100))
    files.poll()
    files.append(_lines(20))
    shutil.copy(tmp_path / "app.log", tmp_path / "app.log.1")
    (tmp_path / "app.log").write_text(_lines(21))
    files.poll()
    assert sorted(files.drained) == list(range(22))


def test_a_pattern_finds_files_as_they_come_and_follows_them_renamed(tmp_path: Path) -> None:
    """Files are known by what they are; packed ones are left out."""
    files = _Followed(tmp_path, "logs/**/*.log*")
    (tmp_path / "logs" / "deep").mkdir(parents=True)
    files.append(_lines(1), "logs/a.log")
    files.tail.begin()
    files.append(_lines(2), "logs/a.log")
    files.append(_lines(3), "logs/deep/b.log")
    files.poll()
    (tmp_path / "logs" / "a.log").rename(tmp_path / "logs" / "a.log.1")
    files.append(_lines(4), "logs/a.log")
    files.append(_lines(5), "logs/a.log.1")
    files.append(_lines(6), "logs/a.log.2.gz")
    assert sorted(files.drained) == [2, 3, 4, 5]


def test_more_files_than_may_be_open_are_followed(tmp_path: Path) -> None:
    """Of very many files only some are held open, and lines of all are found."""
    files = _Followed(tmp_path, "*.log", max_open=3)
    names = [f"{number}.log" for number in range(10)]
    for name in names:
        files.append(_lines(0), name)
    files.tail.begin()
    for turn in range(1, 4):
        for place, name in enumerate(names):
            files.append(_lines(turn * 100 + place), name)
            if place % 4 == 3:
                files.poll()
        assert _open_files(tmp_path) <= 3
    assert sorted(files.drained) == [turn * 100 + place for turn in range(1, 4) for place in range(10)]


def test_a_file_that_may_not_be_read_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read from its beginning once it may be, if it is new."""
    real = os.open

    def refused(path: str, _flags: int) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    files = _Followed(tmp_path)
    files.tail.begin()
    files.append(_lines(1))
    monkeypatch.setattr(os, "open", refused)
    files.poll(5)
    monkeypatch.setattr(os, "open", real)
    assert files.drained == [1]
    assert files.heard.notes == ["app.log is not followed: Permission denied", "app.log appeared"]


def test_what_is_no_file_is_said_once(tmp_path: Path) -> None:
    """A directory or a pipe under the name of a log is not read."""
    os.mkfifo(tmp_path / "app.log")
    files = _Followed(tmp_path)
    files.tail.begin()
    files.poll(3)
    assert files.drained == []
    assert files.heard.notes == ["app.log is not followed: it is not a regular file"]


def test_a_name_with_brackets_is_no_pattern_if_it_exists(tmp_path: Path) -> None:
    """The file of that very name is followed."""
    (tmp_path / "app[1].log").touch()
    files = _Followed(tmp_path, "app[1].log")
    files.tail.begin()
    files.append(_lines(1), "app[1].log")
    assert files.drained == [1]


def test_an_absolute_path_and_home_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths need not lie below the service's directory."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("home", "other", "cwd"):
        (tmp_path / name).mkdir()
    files = _Followed(tmp_path / "cwd", "~/a.log", str(tmp_path / "other" / "b.log"), "../other/c.log")
    files.tail.begin()
    files.append(_lines(1), "../home/a.log")
    files.append(_lines(2), "../other/b.log")
    files.append(_lines(3), "../other/c.log")
    assert sorted(files.drained) == [1, 2, 3]


def test_an_open_line_is_looked_at_when_nothing_follows(tmp_path: Path) -> None:
    """As on a pipe, a line without its newline is found after a pause, though not its numbers."""
    heard, tick = Heard(), Ticker()
    watch = watch_for(service={"ready": {"log": "ready"}})
    (tmp_path / "app.log").touch()
    tail = FileTail(["app.log"], base=tmp_path, watch=watch, emit=heard, now=tick, sink=None)
    tail.begin()
    with (tmp_path / "app.log").open("ab", buffering=0) as file:
        file.write(b"ready")
        tail.poll_once()
        assert heard.hits == []
        tick.at += 0.25
        tail.poll_once()
        assert [hit.line.text for hit in heard.hits] == ["ready"]
        file.write(b" to serve\n")
    tick.at += 1
    tail.drain()
    tail.stop()
    assert (len(heard.hits), heard.count) == (1, 1)


def test_the_thread_follows_by_itself(tmp_path: Path) -> None:
    """Started, it reads without being asked, logs, and is silent after its end."""
    heard = Heard()
    sink = ServiceLog(tmp_path / "service.log", lambda: lambda text: text, lambda: 0.0)
    tail = FileTail(["app.log"], base=tmp_path, watch=_WATCH, emit=heard, now=time.monotonic, sink=sink, poll_s=0.01)
    tail.start()
    (tmp_path / "app.log").write_text(_lines(1))
    eventually(lambda: len(heard.hits) == 1)
    (tmp_path / "app.log").write_text("number=23")
    tail.drain()
    assert [hit.value for hit in heard.hits] == [1.0, 23.0]
    tail.stop()
    sink.close()
    assert [line.split(" ", 1)[1] for line in (tmp_path / "service.log").read_text().splitlines()] == [
        "file number=1 ",
        "file number=23",
    ]
    assert tail.fault is None


def test_a_stopped_follower_stays_stopped(tmp_path: Path) -> None:
    """What is asked of it afterwards reads nothing, least of all from the beginning again."""
    files = _Followed(tmp_path)
    files.tail.begin()
    files.append(_lines(1))
    assert files.drained == [1]
    files.append(_lines(2))
    files.tail.drain()
    files.tail.stop()
    assert files.numbers == [1]
    assert _open_files(tmp_path) == 0


def test_nothing_to_follow_needs_no_thread(tmp_path: Path) -> None:
    """Without log files all of it does nothing."""
    tail = FileTail([], base=tmp_path, watch=_WATCH, emit=Heard(), now=time.monotonic, sink=None)
    tail.start()
    tail.drain()
    tail.stop()


_STEPS = st.lists(st.sampled_from(["write", "half", "poll", "rename", "recreate", "truncate", "late"]), max_size=25)


class _Model:
    """A service that writes numbered lines, with what can be known of them from outside."""

    def __init__(self, base: Path, path: str) -> None:
        self.files = _Followed(base, path)
        self.keeps_all = "*" in path
        self.base = base
        self.number = self.rotations = 0
        self.open_line = False
        self.expected: list[int] = []
        self.unread: list[int] = []  # of the present file, since the last poll
        self.seen = False  # the present file was there at a poll
        self.rotated_was_seen = False

    def write(self, end: str = "\n") -> None:
        self.number += 1
        self.files.append(f"{'' if not self.open_line else chr(10)}number={self.number} {end}")
        self.open_line = end == ""
        self.expected.append(self.number)
        self.unread.append(self.number)

    def half(self) -> None:
        self.write("")

    def poll(self) -> None:
        self.files.poll()
        self.seen = self.seen or (self.base / "app.log").exists()
        self.unread.clear()

    def rename(self) -> None:
        if not (self.base / "app.log").exists():
            return
        self.rotations += 1
        (self.base / "app.log").rename(self.base / f"app.log.{self.rotations}")
        self._keep_if(known=True)
        self.rotated_was_seen, self.seen = self.seen, False

    def recreate(self) -> None:
        if (self.base / "app.log").exists():
            (self.base / "app.log").unlink()
            self._keep_if(known=self.seen)
        (self.base / "app.log").touch()
        self.rotated_was_seen = self.seen = False

    def truncate(self) -> None:
        if (self.base / "app.log").exists():
            self._keep_if(known=False)
            os.truncate(self.base / "app.log", 0)

    def late(self) -> None:
        """A writer that was not told of the rotation yet."""
        name = self.base / f"app.log.{self.rotations}"
        if name.exists() and (self.rotated_was_seen or self.keeps_all):
            self.number += 1
            self.files.append(f"\nnumber={self.number}\n", name.name)
            self.expected.append(self.number)

    def _keep_if(self, *, known: bool) -> None:
        if not known:
            self.expected = [number for number in self.expected if number not in self.unread]
        self.unread.clear()
        self.open_line = False


@pytest.mark.parametrize("path", ["app.log", "app.log*"])
@given(steps=_STEPS)
@settings(deadline=None, max_examples=150)
def test_whatever_happens_to_a_file_each_line_is_found_once(path: str, steps: list[str]) -> None:
    """Over any sequence of writes, rotations and polls nothing is lost that could be known, and nothing comes twice."""
    with TemporaryDirectory() as directory:
        model = _Model(Path(directory), path)
        model.files.tail.begin()
        for step in steps:
            getattr(model, step)()
        assert sorted(model.files.drained) == sorted(model.expected)


@pytest.mark.parametrize("rotated", ["app.log.1", "app.log-20261121", "app-2026-11-21.log", "app.1.log"])
@pytest.mark.parametrize("anew", [True, False])
def test_a_file_that_is_rotated_right_after_its_birth_is_read(tmp_path: Path, rotated: str, anew: bool) -> None:
    """It never had its own name when somebody looked; whether a next one is there yet or not."""
    (tmp_path / "app.log.7").write_text("number=7\n")
    followed = _Followed(tmp_path)
    followed.tail.begin()
    followed.append("number=1\n")
    (tmp_path / "app.log").rename(tmp_path / rotated)
    if anew:
        followed.append("number=2\n")
    followed.append("number=99\n", "app.log.err")
    followed.append("number=98\n", "app-errors.log")
    assert sorted(followed.numbers) == ([1, 2] if anew else [1])
    followed.poll(40)
    if anew:
        (tmp_path / rotated).rename(tmp_path / "app.log.2")
        (tmp_path / "app.log").rename(tmp_path / "app.log.1")
    followed.append("number=3\n")
    assert sorted(followed.drained) == ([1, 2, 3] if anew else [1, 3])


def test_two_rotations_between_two_looks_lose_nothing(tmp_path: Path) -> None:
    """The file in the middle was there for no look at all."""
    followed = _Followed(tmp_path)
    followed.tail.begin()
    followed.append("number=1\n")
    assert followed.numbers == [1]
    for number in (2, 3):
        for old in (2, 1):
            if (tmp_path / f"app.log.{old}").exists():
                (tmp_path / f"app.log.{old}").rename(tmp_path / f"app.log.{old + 1}")
        (tmp_path / "app.log").rename(tmp_path / "app.log.1")
        followed.append(f"number={number}\n")
    assert sorted(followed.drained) == [1, 2, 3]


def test_a_copy_that_was_made_to_truncate_is_not_read_again(tmp_path: Path) -> None:
    """The name leads to the same file as before: nothing was rotated away, however short the copy."""
    followed = _Followed(tmp_path)
    followed.tail.begin()
    followed.append("number=1\n")
    assert followed.numbers == [1]
    shutil.copy(tmp_path / "app.log", tmp_path / "app.log.1")
    os.truncate(tmp_path / "app.log", 0)
    followed.poll(2)
    followed.append("number=2\n")
    assert followed.drained == [1, 2]


def test_rotations_of_two_files_in_one_directory_are_both_found(tmp_path: Path) -> None:
    """Each has its own look at the directory."""
    followed = _Followed(tmp_path, "app.log", "web.log")
    followed.tail.begin()
    for number, name in enumerate(("app.log", "web.log")):
        followed.append(f"number={number}\n", name)
        (tmp_path / name).rename(tmp_path / f"{name}.1")
    os.utime(tmp_path, (1, 1))  # one that changed just now is looked at again anyway
    assert sorted(followed.drained) == [0, 1]


@pytest.mark.parametrize("paths", [("app.log",), ("app.log*",)])
def test_short_copies_count_only_what_was_not_read(tmp_path: Path, paths: tuple[str, ...]) -> None:
    """Moved on from .1 to .2, whether a pattern finds them or not; lines that were written before the copy count."""
    followed = _Followed(tmp_path, *paths)
    followed.append("")
    followed.tail.begin()
    for turn in range(4):
        followed.append(_lines(turn * 10 + 1))
        followed.poll()
        followed.append(_lines(turn * 10 + 2))
        for old in (3, 2, 1):
            if (tmp_path / f"app.log.{old}").exists():
                (tmp_path / f"app.log.{old}").rename(tmp_path / f"app.log.{old + 1}")
        shutil.copy(tmp_path / "app.log", tmp_path / "app.log.1")
        os.truncate(tmp_path / "app.log", 0)
        followed.append(_lines(turn * 10 + 3))
    assert followed.drained == [turn * 10 + each for turn in range(4) for each in (1, 2, 3)]
