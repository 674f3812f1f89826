"""The machine around the service, and soakctl's own use of it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


T = TypeVar("T")


class MachineLook(NamedTuple):
    """The machine at one moment; the names are those of the columns. None means "could not be read"."""

    system_cpu_percent: float | None
    system_memory_used_bytes: int | None
    system_memory_available_bytes: int | None
    system_disk_used_bytes: int | None
    system_disk_free_bytes: int | None
    system_net_sent_bytes: int | None
    system_net_received_bytes: int | None
    self_rss_bytes: int | None
    self_cpu_percent: float | None


class Counters(NamedTuple):
    """What the operating system counts: CPU seconds busy and in all, bytes sent and received on all but loopback."""

    cpu: tuple[float, float] | None
    memory: tuple[int, int] | None
    net: tuple[int, int] | None
    self_rss: int | None


class Machine:
    """Looks at the machine. CPU is over the time since the look before, so it is None in the first."""

    def __init__(
        self,
        disk_path: Path,
        *,
        counters: Callable[[], Counters] | None = None,
        own_cpu_s: Callable[[], float] = time.process_time,
    ) -> None:
        """`disk_path` is on the disk to look at; it need not exist yet."""
        self._disk_path = disk_path
        self._counters = counters or default_counters()
        self._own_cpu_s = own_cpu_s
        self._cpu: tuple[float, float] | None = None
        self._self: tuple[float, float] | None = None

    def look(self, elapsed_s: float) -> MachineLook:
        """Read everything once; `elapsed_s` is the second of the run."""
        now = self._counters()
        system_cpu = _share(self._cpu, now.cpu)
        self._cpu = now.cpu
        own = (self._own_cpu_s(), elapsed_s)
        self_cpu = _share(self._self, own)
        self._self = own
        used, available = now.memory or (None, None)
        sent, received = now.net or (None, None)
        disk_used, disk_free = self._disk()
        return MachineLook(
            # iowait can run backwards, which would make the machine busier than it can be
            system_cpu_percent=None if system_cpu is None else min(100.0, system_cpu),
            system_memory_used_bytes=used,
            system_memory_available_bytes=available,
            system_disk_used_bytes=disk_used,
            system_disk_free_bytes=disk_free,
            system_net_sent_bytes=sent,
            system_net_received_bytes=received,
            self_rss_bytes=now.self_rss,
            self_cpu_percent=self_cpu,
        )

    def _disk(self) -> tuple[int | None, int | None]:
        path = self._disk_path
        while not path.exists() and path != path.parent:
            path = path.parent
        try:
            usage = shutil.disk_usage(path)
        except OSError:
            return None, None
        return usage.used, usage.free


def _share(before: tuple[float, float] | None, now: tuple[float, float] | None) -> float | None:
    """Per cent of the second number's growth that the first one grew by."""
    if before is None or now is None or now[1] <= before[1]:
        return None
    return round(max(0.0, now[0] - before[0]) / (now[1] - before[1]) * 100.0, 3)


def default_counters() -> Callable[[], Counters]:
    """What reads this platform's counters: /proc on Linux, psutil elsewhere."""
    if sys.platform == "linux" and os.path.exists("/proc/self/statm"):
        return ProcCounters()
    return psutil_counters


class ProcCounters:
    """Reads the counters from /proc."""

    def __init__(self, root: str = "/proc") -> None:
        """Remember where /proc is mounted."""
        self._root = root
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._tick = os.sysconf("SC_CLK_TCK")

    def __call__(self) -> Counters:
        """Read them all; one that cannot be read is None."""
        return Counters(
            self._try("stat", self._parse_cpu),
            self._try("meminfo", _parse_memory),
            self._try("self/net/dev", _parse_net),
            self._try("self/statm", lambda data: int(data.split()[1]) * self._page),
        )

    def _try(self, name: str, parse: Callable[[bytes], T]) -> T | None:
        try:
            with open(f"{self._root}/{name}", "rb", buffering=0) as file:
                return parse(file.read())
        except (OSError, ValueError, IndexError, KeyError):
            return None

    def _parse_cpu(self, data: bytes) -> tuple[float, float]:
        # user nice system idle iowait irq softirq steal; guest time is within user
        ticks = [int(field) for field in data.split(b"\n", 1)[0].split()[1:9]]
        total = sum(ticks)
        return (total - ticks[3] - ticks[4]) / self._tick, total / self._tick


def _parse_memory(data: bytes) -> tuple[int, int]:
    fields = {line.split(b":")[0]: int(line.split()[1]) * 1024 for line in data.splitlines()[:5]}
    return fields[b"MemTotal"] - fields[b"MemAvailable"], fields[b"MemAvailable"]


def _parse_net(data: bytes) -> tuple[int, int]:
    sent = received = 0
    for line in data.splitlines()[2:]:
        name, _, numbers = line.rpartition(b":")
        if name.strip() != b"lo":
            fields = numbers.split()
            received, sent = received + int(fields[0]), sent + int(fields[8])
    return sent, received


def psutil_counters() -> Counters:
    """Read the counters with psutil."""
    import psutil  # noqa: PLC0415 - 40 ms that a Linux run need not pay

    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    memory = psutil.virtual_memory()
    cards = [
        card for name, card in psutil.net_io_counters(pernic=True).items() if not name.startswith(("lo", "Loopback"))
    ]
    return Counters(
        (total - idle, total),
        (memory.total - memory.available, memory.available),
        (sum(card.bytes_sent for card in cards), sum(card.bytes_recv for card in cards)),
        psutil.Process().memory_info().rss,
    )
