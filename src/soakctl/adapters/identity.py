"""Which process is meant: boot, pid and start. A pid comes back, and a start in wall time moves with the clock."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from soakctl.keeper.system import LINUX
from soakctl.keeper.tree import look, send


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, told from every other one. `start` is in clock ticks since boot (elsewhere than on Linux 1/100 s)."""

    boot_id: str
    pid: int
    start: int

    @property
    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        return identity_of(self.pid) == self


def boot_id() -> str:
    """Names this boot of the machine."""
    if LINUX:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    import psutil  # noqa: PLC0415 - here and below: Linux needs none of it, and a gate would wait for it

    return str(int(psutil.boot_time()))


def identity_of(pid: int) -> Identity | None:
    """Identify the living process with this pid; None when there is none."""
    if pid <= 0:
        return None
    if LINUX:
        member = look(pid)
        return Identity(boot_id(), pid, member.start) if member is not None and not member.zombie else None
    import psutil  # noqa: PLC0415 - as above

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return Identity(boot_id(), pid, int(process.create_time() * 100))
    except psutil.Error:
        return None


def send_signals(identity: Identity, *signums: int) -> bool:
    """Send signals to this very process. False when it is gone or not ours to signal."""
    if LINUX:
        member = look(identity.pid)
        return member is not None and member.start == identity.start and send(member, *signums)
    import psutil  # noqa: PLC0415 - as above

    try:
        if identity.alive:
            for signum in signums:
                psutil.Process(identity.pid).send_signal(signum)
            return True
    except psutil.Error:
        return False
    return False


def started_unix(identity: Identity) -> float:
    """When the process started, for people: it moves when the clock is stepped."""
    if LINUX:
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - identity.start / os.sysconf("SC_CLK_TCK")
        return time.time() - age
    return identity.start / 100
