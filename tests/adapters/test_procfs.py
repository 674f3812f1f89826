"""Reading a tree from /proc, and everything that can be missing there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.procfs import ProcFs
from soakctl.errors import UnavailableError
from tests.support.fake_proc import PAGE, TICK, FakeProc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KERNEL_THREAD = b"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 1 0 0 20 0 1 0 3 0 0 18446744073709551615 0 0 0\n"


def _nobody(_pid: int, _signal: int) -> None:
    """A machine where no process exists besides those in /proc."""
    raise ProcessLookupError


def _others(_pid: int, _signal: int) -> None:
    """A machine where every process belongs to someone else."""
    raise PermissionError


def _reader(fake: FakeProc) -> ProcFs:
    return ProcFs(str(fake.root), signal=_nobody)


@pytest.fixture
def fake(tmp_path: Path) -> FakeProc:
    """A /proc with a service (10) and its worker (11)."""
    proc = FakeProc(tmp_path)
    proc.add(10, own=100, reaped=50, threads=2, rss=10, vms=100, fds=4, io=(1, 2))
    proc.add(11, 10, own=1, start=200, rss=5, vms=50, fds=2, io=(10, 20))
    return proc


@pytest.fixture
def before_reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], None]], None]:
    """Lets something happen right before a path with the given end is read; what it raises stands for the answer."""
    events: dict[str, Callable[[], None]] = {}

    def watch(name: str) -> None:
        real: Any = getattr(os, name)

        def read(path: Any, *args: Any, **options: Any) -> Any:
            for end, event in events.items():
                if isinstance(path, str) and path.endswith(end):
                    event()
            return real(path, *args, **options)

        monkeypatch.setattr(os, name, read)

    for name in ("open", "stat", "listdir"):
        watch(name)
    return events.__setitem__


def _forbidden() -> None:
    raise PermissionError


def test_a_kernel_thread(fake: FakeProc) -> None:
    """A kernel thread, with nothing of its own but a name, is a process without memory."""
    folder = fake.add(2, state="S", start=3, rss=0, vms=0, fds=0)
    (folder / "stat").write_bytes(KERNEL_THREAD)
    (folder / "smaps_rollup").unlink()
    root = _reader(fake).look(2).root
    assert (root.identity, root.zombie, root.cpu_own, root.rss, root.threads) == ((2, 3), False, 0.01, 0, 1)


def test_what_a_look_holds(fake: FakeProc) -> None:
    """A look holds the root and its descendants with times in seconds and memory in bytes."""
    look = _reader(fake).look(10)
    assert look.hidden == 0
    assert tuple(look.root) == ((10, 100), False, 100 / TICK, 50 / TICK, 2, 10 * PAGE, 100 * PAGE, 4, 1, 2)
    assert [tuple(process) for process in look.descendants] == [
        ((11, 200), False, 1 / TICK, 0, 1, 5 * PAGE, 50 * PAGE, 2, 10, 20)
    ]


def test_huge_values(fake: FakeProc) -> None:
    """Terabytes, centuries of CPU time and millions of threads are read exactly."""
    fake.add(12, 10, own=2**62, threads=4_000_000, rss=2**40, vms=2**50, io=(2**63, 2**63))
    huge = _reader(fake).look(10).descendants[0]
    assert (huge.threads, huge.rss, huge.vms, huge.io_read) == (4_000_000, 2**40 * PAGE, 2**50 * PAGE, 2**63)
    assert huge.cpu_own == 2**62 / TICK


def test_no_such_root(fake: FakeProc) -> None:
    """A root that is not there is said to be so."""
    with pytest.raises(UnavailableError, match="process 99 does not exist"):
        _reader(fake).look(99)


def test_a_root_of_another_user(fake: FakeProc) -> None:
    """A root that is there, but hidden from this user, is told from one that is not."""
    with pytest.raises(UnavailableError, match="process 99 may not be read"):
        ProcFs(str(fake.root), signal=_others).look(99)


def test_a_listed_child_that_has_ended(fake: FakeProc) -> None:
    """A child that ends between the list of children and its own file is no part of the tree."""
    fake.adopt(10, 12, 13)
    look = _reader(fake).look(10)
    assert [process.identity for process in look.descendants] == [(11, 200)]
    assert look.hidden == 0


def test_a_listed_child_that_is_hidden(fake: FakeProc) -> None:
    """A child that exists but is not shown is counted as hidden."""
    fake.adopt(10, 12)
    assert ProcFs(str(fake.root), signal=_others).look(10).hidden == 1


@pytest.mark.parametrize("file", ["io", "statm", "fd"])
def test_a_process_that_ends_while_it_is_read(
    fake: FakeProc, before_reading: Callable[[str, Callable[[], None]], None], file: str
) -> None:
    """A process that vanishes between two of its files is no part of the tree, rather than one without values."""

    def end() -> None:
        if (fake.root / "11").exists():
            fake.remove(11)

    before_reading(f"/11/{file}", end)
    look = _reader(fake).look(10)
    assert list(look.descendants) == []
    assert look.hidden == 0


def test_a_process_that_becomes_a_zombie_while_it_is_read(
    fake: FakeProc, before_reading: Callable[[str, Callable[[], None]], None]
) -> None:
    """A process that ends while it is read, and is not yet waited for, is a zombie and not an unreadable one."""

    def end() -> None:
        fake.add(11, 10, state="Z", own=9, start=200)
        raise PermissionError

    before_reading("/11/fd", end)
    (worker,) = _reader(fake).look(10).descendants
    assert (worker.zombie, worker.cpu_own, worker.rss, worker.fds) == (True, 9 / TICK, 0, 0)


def test_a_number_used_again_while_it_is_read(
    fake: FakeProc, before_reading: Callable[[str, Callable[[], None]], None]
) -> None:
    """A process that ends while it is read, and whose number is taken at once, is no part of the tree."""

    def end() -> None:
        fake.add(11, 10, start=999)
        raise FileNotFoundError

    before_reading("/11/statm", end)
    assert list(_reader(fake).look(10).descendants) == []


@pytest.mark.parametrize(
    ("file", "missing"),
    [("io", {"io_read", "io_write"}), ("statm", {"rss", "vms"}), ("fd", {"fds"})],
)
def test_a_file_without_permission(
    fake: FakeProc, before_reading: Callable[[str, Callable[[], None]], None], file: str, missing: set[str]
) -> None:
    """What may not be read of a process is None, and only that."""
    before_reading(f"/11/{file}", _forbidden)
    look = _reader(fake).look(10)
    assert {name for name, value in look.descendants[0]._asdict().items() if value is None} == missing
    assert look.hidden == 0


@pytest.mark.parametrize("file", ["stat", "task/11/children"])
def test_a_process_without_permission(
    fake: FakeProc, before_reading: Callable[[str, Callable[[], None]], None], file: str
) -> None:
    """A process that may not be read, or whose children are unknown, leaves the tree incomplete."""
    before_reading(f"/11/{file}", _forbidden)
    assert _reader(fake).look(10).hidden == 1


def test_a_stat_file_of_another_shape(fake: FakeProc) -> None:
    """A stat file that cannot be understood leaves the tree incomplete."""
    (fake.root / "11" / "stat").write_bytes(b"11 (x) S 10")
    assert _reader(fake).look(10).hidden == 1


def test_children_of_every_thread(fake: FakeProc) -> None:
    """Children are found whichever thread has started them."""
    fake.add(12, start=300)
    thread = fake.root / "10" / "task" / "1010"
    thread.mkdir()
    (thread / "children").write_text("12 ")
    (fake.root / "10" / "task" / "1011").mkdir()  # a thread that has ended
    assert {process.identity[0] for process in _reader(fake).look(10).descendants} == {11, 12}


def test_a_kernel_without_lists_of_children(tmp_path: Path) -> None:
    """Without CONFIG_PROC_CHILDREN the tree is found by the parents of all processes."""
    fake = FakeProc(tmp_path, children_files=False)
    for pid, ppid in ((10, 1), (11, 10), (12, 11), (20, 1)):
        fake.add(pid, ppid)
    reader = _reader(fake)
    for _look in range(2):
        assert {process.identity[0] for process in reader.look(10).descendants} == {11, 12}


def test_more_threads_than_processes(fake: FakeProc) -> None:
    """A service with more threads than the machine has processes is followed by parents, which costs less."""
    fake.add(10, threads=1000)
    reader = _reader(fake)
    reader.look(10)
    fake.add(12, 10)
    fake.disown(10, 12)
    assert {process.identity[0] for process in reader.look(10).descendants} == {11, 12}


def test_a_child_missed_by_the_kernel(fake: FakeProc) -> None:
    """A known process that is not listed this time, or has left the tree, is still followed with its children."""
    fake.add(12, 11)
    fake.disown(10, 11)
    reader = _reader(fake)
    assert list(reader.look(10).descendants) == []
    assert {look.identity[0] for look in reader.look(10, known=[(11, 200)]).descendants} == {11, 12}


def test_a_number_used_again(fake: FakeProc) -> None:
    """Another process that got the number of a known one is not taken for it."""
    fake.disown(10, 11)
    assert list(_reader(fake).look(10, known=[(11, 199)]).descendants) == []


def test_a_zombie(fake: FakeProc, before_reading: Callable[[str, Callable[[], None]], None]) -> None:
    """A zombie keeps its time and holds nothing else; its counters may belong to root."""
    fake.add(11, 10, state="Z", own=7, start=200)
    for file in ("io", "fd"):
        before_reading(f"/11/{file}", _forbidden)
    (zombie,) = _reader(fake).look(10).descendants
    assert tuple(zombie) == ((11, 200), True, 7 / TICK, 0, 0, 0, 0, 0, None, None)


def test_a_leader_that_ended_before_its_threads(fake: FakeProc) -> None:
    """A process whose first thread has ended lives on in the others, whose memory and descriptors are its own."""
    fake.add(11, 10, state="Z", threads=3, start=200, rss=0, fds=0)
    thread = fake.root / "11" / "task" / "1111"
    (thread / "fd").mkdir(parents=True)
    (thread / "fd" / "0").touch()
    (thread / "statm").write_text("40 30 0 0 0 0 0\n")
    (worker,) = _reader(fake).look(10).descendants
    assert (worker.zombie, worker.threads, worker.rss, worker.fds) == (False, 3, 30 * PAGE, 1)


def test_unique_memory(fake: FakeProc) -> None:
    """USS is what is private and PSS the fair share, over all processes; zombies and the vanished have none."""
    fake.add(12, 10, state="Z")
    fake.add(13, 10, rss=1000)
    reader = _reader(fake)
    look = reader.look(10)
    fake.remove(13)
    assert reader.unique_memory([look.root, *look.descendants]) == (2 * 15 * 1024, 3 * 15 * 1024)


def test_unique_memory_without_permission(
    fake: FakeProc, before_reading: Callable[[str, Callable[[], None]], None]
) -> None:
    """One process that may not be read leaves no sum."""
    before_reading("/11/smaps_rollup", _forbidden)
    reader = _reader(fake)
    look = reader.look(10)
    assert reader.unique_memory([look.root, *look.descendants]) == (None, None)
