"""Sizes of directories: what counts, what does not, and how little at a time."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.disk_usage import DiskUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _size(*paths: Path, skip: tuple[Path, ...] = ()) -> int | None:
    """What the first look finds; the clock stands still, so one look is enough."""
    return DiskUsage(paths, skip=skip, clock=lambda: 0.0).look(0.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with 10,000 bytes in it and 20,000 below it."""
    folder = tmp_path / "data"
    (folder / "below" / "deeper").mkdir(parents=True)
    (folder / "a").write_bytes(bytes(10_000))
    (folder / "below" / "deeper" / "b").write_bytes(bytes(20_000))
    return folder


def test_files_at_all_depths(data: Path) -> None:
    """Every file below the directory counts with its length."""
    assert _size(data) == 30_000


def test_a_file(data: Path) -> None:
    """A file can be watched like a directory."""
    assert _size(data / "a") == 10_000


def test_links(data: Path, tmp_path: Path) -> None:
    """Symbolic links are not followed, loops of them end nothing, and a file with two names counts once."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "big").write_bytes(bytes(1_000_000))
    before = _size(data)
    (data / "loop").symlink_to(data)
    (data / "out").symlink_to(outside)
    (data / "hard").hardlink_to(data / "a")
    links = sum(os.lstat(data / name).st_size for name in ("loop", "out"))
    found = _size(data)
    assert before is not None
    assert found is not None
    assert before <= found <= before + links


def test_a_link_that_was_named(data: Path, tmp_path: Path) -> None:
    """A link that is itself the directory to watch is followed."""
    (tmp_path / "link").symlink_to(data)
    assert _size(tmp_path / "link") == 30_000


def test_a_sparse_file(data: Path) -> None:
    """A file with holes counts with what is stored of it."""
    os.truncate(data / "a", 10**12)
    found = _size(data)
    assert found is not None
    assert found < 10**6


def test_directories_within_each_other(data: Path) -> None:
    """What lies in two of the directories counts once, and what is to be skipped not at all."""
    assert _size(data, data / "below", data) == 30_000
    assert _size(data, skip=(data / "below",)) == 10_000


def test_lost_and_found(data: Path) -> None:
    """The file system's own directory, which none but root may read, is not the service's."""
    (data / "lost+found").mkdir()
    (data / "lost+found" / "x").write_bytes(bytes(5000))
    assert _size(data) == 30_000


def test_what_does_not_exist(data: Path, tmp_path: Path) -> None:
    """A path that does not exist holds nothing; when none of them exists nothing is known; no paths are no bytes."""
    assert _size(data, tmp_path / "none") == 30_000
    assert _size(tmp_path / "none") is None
    assert _size() == 0


def test_what_may_not_be_read(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that may not be read leaves the sum unknown."""
    real: Any = os.scandir

    def guarded(path: str) -> Any:
        if path.endswith("deeper"):
            raise PermissionError
        return real(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert _size(data) is None


def _ticking() -> Callable[[], float]:
    """A clock that moves a second whenever it is read."""
    seconds = itertools.count()
    return lambda: float(next(seconds))


def test_a_large_tree_takes_many_looks(tmp_path: Path) -> None:
    """A look takes no longer than its slice; the size comes when the walk is complete."""
    for number in range(10):
        folder = tmp_path / f"d{number}"
        folder.mkdir()
        (folder / "file").write_bytes(bytes(100))
    usage = DiskUsage([tmp_path], clock=_ticking(), slice_s=3.0)
    looks = [usage.look(float(second)) for second in range(30)]
    assert [size for size in looks if size is not None] == [1000]
    assert looks.index(1000) >= 3


def test_a_directory_that_vanishes_during_the_walk(tmp_path: Path) -> None:
    """What is deleted while a walk is under way is ignored."""
    for number in range(6):
        (tmp_path / f"d{number}" / "deep").mkdir(parents=True)
        (tmp_path / f"d{number}" / "deep" / "file").write_bytes(bytes(100))
    usage = DiskUsage([tmp_path], clock=_ticking(), slice_s=1.0)
    assert usage.look(0.0) is None
    for number in range(6):
        shutil.rmtree(tmp_path / f"d{number}")
    assert next(size for second in range(1, 40) if (size := usage.look(float(second))) is not None) == 0


@pytest.mark.parametrize(("tick_s", "silent_s", "again_s"), [(0.0, 30.0, 60.0), (1.0, 90.0, 10_000.0)])
def test_how_often(data: Path, tick_s: float, silent_s: float, again_s: float) -> None:
    """The next walk begins after 60 s or 100 times the cost, and there is no size in between."""
    ticks = _ticking()
    usage = DiskUsage([data], clock=lambda: ticks() * tick_s, slice_s=1e9)
    assert usage.look(0.0) == 30_000
    (data / "more").write_bytes(bytes(5000))
    assert usage.look(silent_s) is None
    assert usage.look(again_s) == 35_000


def test_pipes_and_sockets(data: Path) -> None:
    """Special files hold no bytes, and looking at them does not block."""
    os.mkfifo(data / "pipe")
    assert stat.S_ISFIFO(os.lstat(data / "pipe").st_mode)
    assert _size(data) == 30_000
