"""What machine and which software a run was made with."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Any

from soakctl.adapters.identity import boot_id
from soakctl.adapters.text_file import text_of

_DEPENDENCIES = ("numpy", "psutil", "pydantic", "pyyaml", "rich", "typer")


def fingerprint(proc: str = "/proc") -> dict[str, Any]:
    """Host, CPU, kernel, Python and versions of dependencies, for the manifest. What cannot be found out is None."""
    return {
        "host": platform.node() or None,
        "os": platform.system() or None,
        "kernel": platform.release() or None,
        "architecture": platform.machine() or None,
        "cpu_model": _cpu_model(proc),
        "cpu_count": os.cpu_count(),
        "cpu_usable": _cpu_usable(),
        "memory_bytes": _memory_bytes(),
        "boot_id": boot_id(),
        "python": platform.python_version(),
        "python_implementation": platform.python_implementation(),
        "dependencies": {name: _version(name) for name in _DEPENDENCIES},
    }


def _cpu_model(proc: str) -> str | None:
    fields: dict[str, str] = {}
    for line in text_of(f"{proc}/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    # Arm has no model name; some boards say what they are under Hardware or Model
    for name in ("model name", "Hardware", "Model", "cpu"):
        if fields.get(name):
            return fields[name]
    return platform.processor() or None


def _cpu_usable() -> int | None:
    """CPUs this process may run on."""
    count = os.cpu_count()
    if sys.platform == "linux":
        count = len(os.sched_getaffinity(0))
    return count


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
