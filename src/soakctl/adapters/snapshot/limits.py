"""What bounds the service: limits of processes, of its cgroup, and the container around it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from soakctl.adapters.text_file import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Limit = int | str | None
UNLIMITED = "unlimited"
_NAMES = {
    "open_files": "RLIMIT_NOFILE",
    "processes": "RLIMIT_NPROC",
    "address_space_bytes": "RLIMIT_AS",
    "stack_bytes": "RLIMIT_STACK",
    "locked_memory_bytes": "RLIMIT_MEMLOCK",
    "file_size_bytes": "RLIMIT_FSIZE",
    "core_bytes": "RLIMIT_CORE",
}
_KINDS = ("kubepods", "docker", "libpod", "containerd", "lxc")
_LEAST_OF_ALL = 1 << 60  # cgroup v1 says "none" as the largest page-aligned number


def look_at_limits(env: Mapping[str, str], pid: int | None, *, proc: str = "/proc", root: str = "") -> dict[str, Any]:
    """The limits of process `pid`, or, where there is none yet, soakctl's own, which a service inherits."""
    groups, top = _groups(f"{proc}/{pid or 'self'}/cgroup"), f"{root}/sys/fs/cgroup"
    return {
        "container": _container(env, groups, root) or "none",
        "cgroup_version": None if not groups else 2 if list(groups) == [""] else 1,
        "cpu_limit": _least(_cpu(groups, top)) if groups else None,
        "memory_limit_bytes": _least(_memory(groups, top)) if groups else None,
        "pids_limit": _least(_pids(groups, top)) if groups else None,
        **_process_limits(pid),
    }


def _process_limits(pid: int | None) -> dict[str, Any]:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return {}
    found: dict[str, Any] = {}
    for name, constant in _NAMES.items():
        pair: tuple[int, int] | None = None
        with suppress(OSError, ValueError, AttributeError):
            which = getattr(resource, constant)
            if pid is None or sys.platform != "linux":
                pair = resource.getrlimit(which)
            else:
                pair = resource.prlimit(pid, which)
        for suffix, place in (("soft", 0), ("hard", 1)):
            found[f"{name}_{suffix}"] = None if pair is None else _said(pair[place], resource.RLIM_INFINITY)
    return found


def _said(value: int, infinity: int) -> Limit:
    return UNLIMITED if value == infinity else value


def _groups(path: str) -> dict[str, str]:
    """The path of the cgroup by controller; under "" that of version 2."""
    found: dict[str, str] = {}
    for line in text_of(path).splitlines():
        _, controllers, group = [*line.split(":", 2), "", ""][:3]
        for controller in controllers.split(","):
            found[controller] = group
    return {"": found[""]} if set(found) == {""} else {name: path for name, path in found.items() if name}


def _upwards(base: str, group: str) -> Iterator[str]:
    """The directory of a group and those above it, which limit it too."""
    parts = [part for part in group.split("/") if part and part != ".."]
    for count in range(len(parts), -1, -1):
        yield "/".join([base, *parts[:count]])


def _cpu(groups: Mapping[str, str], base: str) -> Iterator[float | None]:
    """In cores."""
    if "" in groups:
        for directory in _upwards(base, groups[""]):
            yield _share(*[*text_of(f"{directory}/cpu.max").split(), "", ""][:2])
        return
    for directory in _upwards(f"{base}/cpu", groups.get("cpu", "/")):
        yield _share(
            text_of(f"{directory}/cpu.cfs_quota_us").strip(), text_of(f"{directory}/cpu.cfs_period_us").strip()
        )


def _share(quota: str, period: str) -> float | None:
    return round(int(quota) / int(period), 3) if quota.isdecimal() and period.isdecimal() and int(period) else None


def _memory(groups: Mapping[str, str], base: str) -> Iterator[int | None]:
    new = "" in groups
    top, group = (base, groups[""]) if new else (f"{base}/memory", groups.get("memory", "/"))
    for directory in _upwards(top, group):
        yield _number(f"{directory}/{'memory.max' if new else 'memory.limit_in_bytes'}")


def _pids(groups: Mapping[str, str], base: str) -> Iterator[int | None]:
    new = "" in groups
    top, group = (base, groups[""]) if new else (f"{base}/pids", groups.get("pids", "/"))
    for directory in _upwards(top, group):
        yield _number(f"{directory}/pids.max")


def _least(values: Iterator[Any]) -> Any:
    return min((value for value in values if value is not None), default=UNLIMITED)


def _number(path: str) -> int | None:
    text = text_of(path).strip()
    return int(text) if text.isdecimal() and int(text) < _LEAST_OF_ALL else None


def _container(env: Mapping[str, str], groups: Mapping[str, str], root: str) -> str | None:
    """What kind of container this is in; None for none that shows."""
    if env.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    if os.path.exists(f"{root}/.dockerenv"):
        return "docker"
    if os.path.exists(f"{root}/run/.containerenv"):
        return "podman"
    named = text_of(f"{root}/run/systemd/container").strip()
    return named or next((kind for kind in _KINDS for path in groups.values() if kind in path), None)
