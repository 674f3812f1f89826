"""Following shows each line once, whatever happens to the files."""

from __future__ import annotations

import json
import os
import shutil
from random import Random
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.logs import group
from soakctl.adapters.logs.cursor import Cursor
from soakctl.adapters.logs.follow import Follower
from soakctl.errors import UnavailableError
from tests.test_schemas import wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soakctl.domain.logs.block import Block


class Shown:
    """What a follower of some files has shown so far."""

    def __init__(self, *paths: Path) -> None:
        """Of the files, by their names."""
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.follower = Follower({str(path): path.name for path in paths}, opened=self._opened, say=self.notes.append)

    def _opened(self, _name: str) -> Callable[[Block], None]:
        return lambda block: self.lines.extend(block.text(block.start, block.end - 1).split("\n"))


class Writer:
    """Writes numbered lines, in pieces, into a log that is rotated."""

    def __init__(self, path: Path, random: Random) -> None:
        """Nothing was written yet."""
        self.path = path
        self.random = random
        self.written: list[str] = []
        self._open = ""
        self.file = path.open("ab", buffering=0)

    def write(self) -> None:
        """Some lines, the last of which may not be ended yet."""
        for _ in range(self.random.randint(0, 4)):
            line = f"line {len(self.written)} {'x' * self.random.choice((0, 5, 2_000))}"
            self.written.append(line)
            self.file.write(line.encode() + b"\n")
            if self.random.random() < 0.2:  # the logger is slow in the middle of a line
                self.file.write(b"line ")
                self.written.append("line tail")
                self.file.write(b"tail\n")

    def rename(self, keep: int) -> None:
        """app.log becomes app.log.1 and so on; the logger may write on into the old one for a while."""
        for number in range(keep, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            if newer.exists():
                newer.replace(older)
        if self.random.random() < 0.5:
            self.write()
        self.file.close()
        self.file = self.path.open("ab", buffering=0)

    def recreate(self) -> None:
        """The file is removed and made anew."""
        self.path.unlink()
        self.file.close()
        self.file = self.path.open("ab", buffering=0)

    def copy(self, keep: int) -> None:
        """app.log is copied to app.log.1 and emptied; the logger writes on into it."""
        for number in range(keep, 1, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path.with_name(f"{self.path.name}.{number - 1}")
            if newer.exists():
                newer.replace(older)
        shutil.copy(self.path, self.path.with_name(f"{self.path.name}.1"))
        os.truncate(self.path, 0)


def follow_through(root: Path, seed: int, rotations: int, *, restarts: bool, copies: bool = False) -> None:
    """Rotate so often, with looks between, and check that every line was shown once, in order."""
    random = Random(seed)
    path, cursor_path = root / "app.log", root / "cursor.json"
    writer, shown = Writer(path, random), Shown(path)
    shown.follower.begin(0)
    for _ in range(rotations):
        writer.write()
        shown.follower.look()
        if restarts and random.random() < 0.1:
            shown.follower.keep(Cursor(cursor_path))
            shown.follower.close()
            if random.random() < 0.5:  # something happens while nobody looks
                writer.write()
                writer.rename(5)
                writer.write()
            again = Shown(path)
            again.lines = shown.lines
            cursor = Cursor(cursor_path)
            cursor.load()
            again.follower.go_on(cursor)
            shown = again
        if random.random() < 0.6:
            way = random.choice((writer.rename, writer.copy)) if copies else writer.rename
            for _ in range(random.randint(1, 3)):  # more than once between two looks
                way(5)
                writer.write()
        else:
            shown.follower.look()
            writer.write()
            writer.recreate()
        if random.random() < 0.7:
            shown.follower.look()
    shown.follower.look()
    shown.follower.look()
    shown.follower.close()
    writer.file.close()
    assert sorted(shown.lines) == sorted(writer.written)
    if not restarts:
        assert shown.lines == writer.written


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("restarts", [False, True])
def test_rotations_lose_and_repeat_nothing(seed: int, restarts: bool, tmp_path: Path) -> None:
    """By renaming and by making anew, several times between two looks, over restarts with a cursor."""
    follow_through(tmp_path, seed, 60, restarts=restarts)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("restarts", [False, True])
def test_copies_made_to_truncate_repeat_nothing(seed: int, restarts: bool, tmp_path: Path) -> None:
    """What a copy has beyond what was read is shown, the rest of it not again."""
    follow_through(tmp_path, seed, 60, restarts=restarts, copies=True)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("restarts", [False, True])
def test_ten_thousand_rotations_lose_and_repeat_nothing(restarts: bool, copies: bool, tmp_path: Path) -> None:
    """As above, for long."""
    follow_through(tmp_path, 1_000, 10_000, restarts=restarts, copies=copies)


@pytest.mark.parametrize("size", [1, 40])
def test_a_copy_may_be_seen_before_the_truncation(size: int, tmp_path: Path) -> None:
    """While it is being made, before and after the log itself goes on; nothing is said of it."""
    path, copy = tmp_path / "app.log", tmp_path / "app.log.1"
    shown = Shown(path)
    path.write_text("".join(f"{n} {'x' * size}\n" for n in range(60)))
    shown.follower.begin(None)
    shown.follower.look()
    data = path.read_bytes()
    for part in (b"", data[:50], data + b"60\n6"):
        copy.write_bytes(part)
        if part > data:
            path.write_bytes(part)
        shown.follower.look()
    assert shown.lines[-1] == "60"
    with path.open("a") as file:
        file.write("1\n")
    copy.write_bytes(path.read_bytes() + b"62\n")
    os.truncate(path, 0)
    shown.follower.look()
    path.write_text("63\n")
    shown.follower.look()
    shown.follower.close()
    assert [line.split()[0] for line in shown.lines] == [str(n) for n in range(64)]
    assert shown.notes == ["app.log was truncated or overwritten, and read from its beginning"]


def test_the_same_copy_may_be_made_over_and_over(tmp_path: Path) -> None:
    """Of an empty log too; what it has beyond what was read is shown."""
    path, copy = tmp_path / "app.log", tmp_path / "app.log.1"
    path.touch()
    shown = Shown(path)
    shown.follower.begin(None)
    for turn in range(0, 60, 3):
        if turn % 4 != 1:
            for number in (turn, turn + 1):
                with path.open("a") as file:
                    file.write(f"{number}\n")
                if number == turn:
                    shown.follower.look()
        shutil.copy(path, copy)
        os.truncate(path, 0)
        with path.open("a") as file:
            file.write(f"{turn + 2}\n")
        shown.follower.look()
    shown.follower.close()
    assert shown.lines == [str(n) for n in range(60) if n % 3 == 2 or n // 3 * 3 % 4 != 1]


def test_what_only_begins_like_a_log_is_no_copy(tmp_path: Path) -> None:
    """It is read whole once it goes on otherwise."""
    path, other = tmp_path / "app.log", tmp_path / "app.log.1"
    path.write_text("banner\n1\n")
    shown = Shown(path)
    shown.follower.begin(None)
    shown.follower.look()
    other.write_text("banner\n")
    shown.follower.look()
    with other.open("a") as file:
        file.write("2\n")
    shown.follower.look()
    shown.follower.close()
    assert shown.lines == ["banner", "1", "banner", "2"]
    assert shown.notes == [f"{other} appeared"]


@pytest.mark.parametrize("when", range(4))
def test_a_rotation_in_the_middle_of_a_look(when: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may mean another file by the time it is opened, and a file may be missed under both of its names."""
    path, cursor_path = tmp_path / "app.log", tmp_path / "cursor.json"
    path.write_text("1\n2\n")
    shown = Shown(path)
    shown.follower.begin(None)
    shown.follower.look()
    shown.follower.keep(Cursor(cursor_path))
    shown.follower.close()
    with path.open("a") as file:
        file.write("3\n")
    looks: list[str] = []

    def rotated(live: str) -> list[str]:
        found = group.rotated(live)
        looks.append(live)
        if len(looks) == when + 1:
            path.rename(tmp_path / "app.log.1")
            path.write_text("4\n")
        return found

    monkeypatch.setattr("soakctl.adapters.logs.follow.rotated", rotated)
    again = Shown(path)
    cursor = Cursor(cursor_path)
    cursor.load()
    again.follower.go_on(cursor)
    for _ in range(3):
        again.follower.look()
    again.follower.close()
    assert (shown.lines, sorted(again.lines)) == (["1", "2"], ["3", "4"])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("seed", range(4))
def test_a_byte_order_mark_is_believed(encoding: str, seed: int, tmp_path: Path) -> None:
    """In whatever pieces it is written, from the last lines on, over rotation, a restart, and truncation to UTF-8."""
    random, path, cursor_path = Random(seed), tmp_path / "app.log", tmp_path / "cursor.json"
    path.write_bytes("\ufeffėins\n\u0a0a\u0a00 zwei\ndrei\n".encode(encoding))
    shown = Shown(path)
    shown.follower.begin(2)
    shown.follower.look()
    assert shown.lines == ["\u0a0a\u0a00 zwei", "drei"]

    def write(text: str) -> None:
        data = text.encode(encoding)
        while data:
            size = random.randint(1, 7)
            with path.open("ab") as file:
                file.write(data[:size])
            data = data[size:]
            shown.follower.look()

    write("vier 𝄞\nfünf\nse")
    shown.follower.keep(Cursor(cursor_path))
    shown.follower.close()
    cursor = Cursor(cursor_path)
    cursor.load()
    before, shown = shown, Shown(path)
    shown.follower.go_on(cursor)
    write("chs\n")
    path.rename(tmp_path / "app.log.1")
    write("\ufeffsieben\nacht\n")
    assert before.lines[2:] == ["vier 𝄞", "fünf"]
    assert shown.lines == ["sechs", "sieben", "acht"]
    path.write_text("neun\n")
    shown.follower.look()
    shown.follower.close()
    assert shown.lines[3:] == ["neun"]


def test_a_private_key_before_the_last_wide_lines_is_looked_back_at(tmp_path: Path) -> None:
    """As much of it as of other logs."""
    path, seen = tmp_path / "app.log", []
    path.write_bytes(("\ufeff" + "x" * 40_000 + "\nBEGIN ä\nbody\n").encode("utf-16-le"))

    def opened(_name: str) -> Callable[[Block], None]:
        return lambda block: seen.append((block.text(block.floor, block.start), block.text(block.start, block.end)))

    follower = Follower({str(path): "app.log"}, opened=opened, say=lambda _note: None)
    follower.begin(1)
    follower.look()
    follower.close()
    assert seen == [("BEGIN ä\n", "body\n")]


def test_the_last_lines_come_first(tmp_path: Path) -> None:
    """Then what is written; a line once it is whole."""
    path = tmp_path / "app.log"
    path.write_text("1\n2\n3\nhal")
    shown = Shown(path)
    shown.follower.begin(3)
    shown.follower.look()
    assert shown.lines == ["2", "3"]
    with path.open("a") as file:
        file.write("f\n4\n")
    shown.follower.look()
    assert shown.lines == ["2", "3", "half", "4"]
    shown.follower.close()


def test_a_last_line_without_newline_is_shown_at_the_end(tmp_path: Path) -> None:
    """When following ends."""
    path = tmp_path / "app.log"
    path.write_text("1\n")
    shown = Shown(path)
    shown.follower.begin(None)
    with path.open("a") as file:
        file.write("half")
    shown.follower.look()
    assert shown.lines == ["1"]
    shown.follower.finish()
    shown.follower.close()
    assert shown.lines == ["1", "half"]


def test_a_file_may_come_later(tmp_path: Path) -> None:
    """It is followed from its beginning."""
    path = tmp_path / "app.log"
    shown = Shown(path)
    shown.follower.begin(10)
    shown.follower.look()
    path.write_text("1\n")
    shown.follower.look()
    shown.follower.close()
    assert shown.lines == ["1"]
    assert shown.notes == ["app.log is not there yet", "app.log appeared"]


def test_truncation_is_said(tmp_path: Path) -> None:
    """What was written before it was seen is shown, and what comes after it."""
    path = tmp_path / "app.log"
    path.write_text("1\n2\n")
    shown = Shown(path)
    shown.follower.begin(0)
    shown.follower.look()
    os.truncate(path, 0)
    with path.open("a") as file:
        file.write("3\n")
    shown.follower.look()
    shown.follower.close()
    assert shown.lines == ["3"]
    assert shown.notes == ["app.log was truncated or overwritten, and read from its beginning"]


def test_a_cursor_tells_what_is_gone(tmp_path: Path) -> None:
    """A file that was overwritten while nobody looked is read anew; one that is gone is said."""
    one, two, kept = tmp_path / "one.log", tmp_path / "two.log", tmp_path / "cursor.json"
    one.write_text("1\n")
    two.write_text("a\n")
    shown = Shown(one, two)
    shown.follower.begin(None)
    shown.follower.look()
    shown.follower.keep(Cursor(kept))
    shown.follower.close()
    one.write_text("other\n")
    two.unlink()
    cursor = Cursor(kept)
    cursor.load()
    again = Shown(one, two)
    again.follower.go_on(cursor)
    again.follower.look()
    again.follower.close()
    assert shown.lines == ["1", "a"]
    assert again.lines == ["other"]
    assert again.notes == [
        "one.log was truncated or overwritten, and is read from its beginning",
        "two.log is gone: what was written to it since is not shown",
    ]
    assert "other" not in kept.read_text()
    assert wrong("log-cursor", json.loads(kept.read_text())) == []


def test_a_cursor_that_is_none_is_refused(tmp_path: Path) -> None:
    """Another file is never overwritten by mistake."""
    path = tmp_path / "cursor.json"
    for text in ("{}", "not JSON", '{"schema": "soakctl.run/1", "files": []}'):
        path.write_text(text)
        with pytest.raises(UnavailableError, match="no cursor"):
            Cursor(path).load()
