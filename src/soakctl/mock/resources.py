"""What the process tree of the simulated service looks like over time, healthy or with a fault."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

from soakctl.domain.sample import Sample

if TYPE_CHECKING:
    from soakctl.domain.plan import Plan
    from soakctl.domain.signal import Moment

_PAGE = 4096
_RSS = 118e6
_WARM_UP = 9e6
_WARM_UP_S = 900.0
_CPU_SHARE = 0.07
_FULL_RUN_S = 86400.0


class Resources:
    """Samples of the simulated tree. The leak is three times what fails a run of the planned length."""

    def __init__(self, plan: Plan, *, seed: int, fault: str | None) -> None:
        """`fault` is leak, zombie or disk; others leave the resources healthy."""
        self._plan = plan
        self._seed = seed
        self._fault = fault
        ratio = max(1.0, _FULL_RUN_S / max(plan.duration_s, 60.0))
        self._leak_per_s = 3.0 * 1e6 * ratio**1.1 / 3600.0
        self.start(1, 0.0)

    def start(self, life: int, at_s: float) -> None:
        """A new process: memory and CPU begin again."""
        self._began_s = at_s
        self._random = Random(f"{self._seed}:{life}:resources")  # noqa: S311 - a simulation, not a secret
        self._cpu = 0.35
        self._last_s = at_s
        self._reads = 0

    def sample(self, moment: Moment, life: int, pid: int) -> Sample:
        """The sample of a moment."""
        random, age = self._random, moment.elapsed_s - self._began_s
        passed = moment.elapsed_s - self._last_s
        share = _CPU_SHARE * (1.0 + 0.15 * random.uniform(-1.0, 1.0))
        first = self._reads == 0
        self._cpu += share * passed
        self._last_s = moment.elapsed_s
        self._reads += 1
        rss = self._memory(age)
        return Sample(
            elapsed_s=round(moment.elapsed_s, 6),
            timestamp_unix=round(moment.unix, 6),
            timestamp_utc=_utc(moment.unix),
            life=life,
            service_pid=pid,
            service_started_unix=round(moment.unix - age, 3),
            rss_bytes=rss,
            uss_bytes=rss - 21_000_000 // _PAGE * _PAGE,
            pss_bytes=rss - 14_000_000 // _PAGE * _PAGE,
            vms_bytes=rss + 390_000_000 // _PAGE * _PAGE,
            cpu_seconds_total=round(self._cpu, 3),
            cpu_percent=None if first or passed <= 0 else round(100.0 * share, 2),
            num_fds=42 + random.choice((0, 0, 0, 1, 1, 2)),
            num_threads=12,
            num_processes=1,
            zombies=self._zombies(age),
            io_read_bytes=2_400_000,
            io_write_bytes=int(1_000_000 + 900.0 * age),
            data_bytes=self._data(age),
            artifacts_bytes=int(200_000 + 12.0 * age),
            system_cpu_percent=round(18.0 + random.uniform(-3.0, 3.0), 1),
            system_memory_used_bytes=6_200_000_000,
            system_memory_available_bytes=9_800_000_000,
            system_disk_used_bytes=80_000_000_000,
            system_disk_free_bytes=120_000_000_000,
            system_net_sent_bytes=int(4_000.0 * age),
            system_net_received_bytes=int(11_000.0 * age),
            self_rss_bytes=38_000_000,
            self_cpu_percent=0.3,
        )

    def _zombies(self, age: float) -> int:
        return 3 if self._fault == "zombie" and age > 0.5 * self._plan.duration_s else 0

    def _memory(self, age: float) -> int:
        level = _RSS + _WARM_UP * (1.0 - math.exp(-age / _WARM_UP_S)) + self._random.gauss(0.0, 250_000.0)
        if self._fault == "leak":
            level += self._leak_per_s * age
        return int(level // _PAGE) * _PAGE

    def _data(self, age: float) -> int:
        base = 40_000_000 + 300.0 * age
        if self._fault == "disk":
            base += 8e9 * age / self._plan.duration_s
        return int(base)


def _utc(unix: float) -> str:
    moment = datetime.fromtimestamp(unix, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
