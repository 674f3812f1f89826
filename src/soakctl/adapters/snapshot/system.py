"""The machine and the system on it: what a service cannot choose."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psutil

from soakctl.adapters.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
_ZONES = "/zoneinfo/"


def look_at_system(env: Mapping[str, str], cwd: Path) -> dict[str, Any]:
    """Operating system, CPU, memory, disk, clock, time zone and locale, as the service with this `env` meets them."""
    found = fingerprint()
    names = ("host", "os", "kernel", "architecture", "cpu_model", "cpu_count", "cpu_usable", "memory_bytes")
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    disk_total, disk_free = _disk(cwd)
    now = datetime.now(UTC)
    return {
        **{name: found[name] for name in names},
        "distribution": _distribution(),
        "memory_available_bytes": memory.available,
        "swap_bytes": swap.total,
        "disk_total_bytes": disk_total,
        "disk_free_bytes": disk_free,
        "load": _load(),
        "uptime_s": round(time.time() - psutil.boot_time()),
        "clock_utc": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "clock_synchronized": True if os.path.exists("/run/systemd/timesync/synchronized") else None,
        "timezone": _zone(env),
        "utc_offset_s": _offset(now),
        "locale": next((env[name] for name in _LOCALE if env.get(name)), "C"),
    }


def _distribution() -> str | None:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    with suppress(OSError):
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    return None


def _disk(path: Path) -> tuple[int | None, int | None]:
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return None, None
    return usage.total, usage.free


def _load() -> list[float] | None:
    try:
        return [round(each, 2) for each in os.getloadavg()]
    except OSError:
        return None


def _zone(env: Mapping[str, str]) -> str | None:
    """The name of the zone, such as Europe/Berlin, else its short name."""
    if env.get("TZ"):
        return env["TZ"]
    with suppress(OSError):
        target = os.path.realpath("/etc/localtime")
        if _ZONES in target:
            return target.split(_ZONES, 1)[1]
    return time.tzname[0]


def _offset(now: datetime) -> int | None:
    offset = now.astimezone().utcoffset()
    return None if offset is None else int(offset.total_seconds())
