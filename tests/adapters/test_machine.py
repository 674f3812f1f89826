"""The machine's columns: shares of time, what is missing, and the same from /proc and from psutil."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.machine import Counters, Machine, ProcCounters, psutil_counters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAT = "cpu  100 10 40 800 50 5 5 10 77 0\ncpu0 100 10 40 800 50 5 5 10 77 0\nintr 1 2 3\n"
MEMINFO = (
    "MemTotal:    1000 kB\nMemFree:      100 kB\nMemAvailable: 600 kB\nBuffers: 1 kB\nCached: 1 kB\nSwapCached: 0 kB\n"
)
NET = """\
Inter-|   Receive                                                |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo: 9999 1 0 0 0 0 0 0 9999 1 0 0 0 0 0 0
  eth0: 1000 1 0 0 0 0 0 0  200 1 0 0 0 0 0 0
 wlan0:50 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
"""


def _machine(folder: Path, *counters: Counters, own: tuple[float, ...] = ()) -> Machine:
    looks: Iterator[Counters] = iter(counters)
    return Machine(folder, counters=looks.__next__, own_cpu_s=iter(own or (0.0,) * len(counters)).__next__)


def test_shares_of_time(tmp_path: Path) -> None:
    """CPU is what was busy of the time since the look before; soakctl's own is of one core."""
    machine = _machine(
        tmp_path,
        Counters((10.0, 100.0), (1, 2), (3, 4), 5),
        Counters((25.0, 120.0), (1, 2), (3, 4), 5),
        own=(1.0, 1.5),
    )
    first, second = machine.look(0.0), machine.look(10.0)
    assert (first.system_cpu_percent, first.self_cpu_percent) == (None, None)
    assert (second.system_cpu_percent, second.self_cpu_percent) == (75.0, 5.0)
    assert (second.system_memory_used_bytes, second.system_memory_available_bytes) == (1, 2)
    assert (second.system_net_sent_bytes, second.system_net_received_bytes) == (3, 4)
    assert second.self_rss_bytes == 5


@pytest.mark.parametrize(
    ("before", "now", "share"),
    [((10.0, 100.0), (9.0, 110.0), 0.0), ((10.0, 100.0), (30.0, 110.0), 100.0), ((10.0, 100.0), (10.0, 100.0), None)],
)
def test_counters_that_run_backwards(
    tmp_path: Path, before: tuple[float, float], now: tuple[float, float], share: float | None
) -> None:
    """The machine is never less than idle nor more than busy, whatever its counters do."""
    machine = _machine(tmp_path, Counters(before, None, None, None), Counters(now, None, None, None))
    machine.look(0.0)
    assert machine.look(1.0).system_cpu_percent == share


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """Counters that are missing are None, not 0."""
    look = _machine(tmp_path, Counters(None, None, None, None)).look(0.0)
    missing = {name for name, value in look._asdict().items() if value is None}
    assert missing == set(look._fields) - {"system_disk_used_bytes", "system_disk_free_bytes"}


def test_a_disk_path_that_does_not_exist_yet(tmp_path: Path) -> None:
    """The disk is that of the nearest directory that exists."""
    here = _machine(tmp_path, Counters(None, None, None, None)).look(0.0)
    there = _machine(tmp_path / "not" / "yet", Counters(None, None, None, None)).look(0.0)
    assert here.system_disk_free_bytes
    assert there.system_disk_free_bytes
    assert abs(there.system_disk_free_bytes - here.system_disk_free_bytes) < 100_000_000


def test_files_of_proc(tmp_path: Path) -> None:
    """Idle and waiting time is not busy, guests count once, and the loopback device does not count."""
    (tmp_path / "stat").write_text(STAT)
    (tmp_path / "meminfo").write_text(MEMINFO)
    (tmp_path / "self" / "net").mkdir(parents=True)
    (tmp_path / "self" / "net" / "dev").write_text(NET)
    counters = ProcCounters(str(tmp_path))()
    assert counters.cpu == pytest.approx((1.70, 10.20))
    assert counters.memory == (400 * 1024, 600 * 1024)
    assert counters.net == (207, 1050)
    assert counters.self_rss is None


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_psutil_counts_the_same() -> None:
    """Both ways of reading agree on a live machine."""
    ours, theirs = ProcCounters()(), psutil_counters()
    assert ours.cpu
    assert theirs.cpu
    assert ours.cpu == pytest.approx(theirs.cpu, rel=0.01, abs=1.0)
    assert ours.memory
    assert theirs.memory
    assert sum(ours.memory) == sum(theirs.memory)
    assert ours.net
    assert ours.net == pytest.approx(theirs.net, rel=0.1, abs=1_000_000)
    assert ours.self_rss == pytest.approx(theirs.self_rss, rel=0.1)
