"""The single facts of a snapshot that are compared, each with its weight; what changes by itself is not among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from soakctl.domain.wording import show_bytes

_LOW = 0.05  # a disk or a memory with less than this share free counts as nearly full
_MANY = 12
_HASH = 12


@dataclass(frozen=True, slots=True)
class Field:
    """A fact to compare.

    Attributes:
        section: the section it is in.
        key: its name there.
        what: its name for people.
        rank: how much it explains, 0 most.
        why: what it may lead to.
        unit: bytes, hash (its beginning is told), or "".
        part: how much of a version counts: its first parts, or 0 for all.
    """

    section: str
    key: str
    what: str
    rank: int
    why: str = ""
    unit: str = ""
    part: int = 0

    def of(self, document: Mapping[str, Any]) -> Any:
        """The value, None where it was not found out."""
        section = document.get(self.section)
        if not isinstance(section, Mapping):
            return None
        value = nearly_full(section, self.key) if self.key in _SHARES else section.get(self.key)
        return _first_parts(value, self.part) if self.part and isinstance(value, str) else value


_SHARES = {
    "disk nearly full": ("disk_free_bytes", "disk_total_bytes"),
    "memory nearly full": ("memory_available_bytes", "memory_bytes"),
}


def nearly_full(section: Mapping[str, Any], key: str) -> str | None:
    """Whether little is left; None where the numbers are missing."""
    left, total = (section.get(name) for name in _SHARES[key])
    if not isinstance(left, (int, float)) or not isinstance(total, (int, float)) or total <= 0:
        return None
    return "yes" if left / total < _LOW else "no"


def _first_parts(version: str, count: int) -> str:
    return ".".join(version.split(".")[:count])


def said(value: Any, unit: str = "") -> str:
    """A value for people, in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "bytes" and isinstance(value, (int, float)):
        return show_bytes(value)
    if unit == "hash":
        return str(value)[:_HASH]
    if isinstance(value, list | tuple):
        words = [said(each) for each in value]
        more = f" and {len(words) - _MANY} more" if len(words) > _MANY else ""
        return (", ".join(words[:_MANY]) + more) or "none"
    return str(value)


def sides(before: Any, after: Any, unit: str = "") -> tuple[str, str]:
    """Both values for people; of lists and of mappings only what the other one does not have."""
    if isinstance(before, list) and isinstance(after, list):
        only = [[each for each in one if each not in other] for one, other in ((before, after), (after, before))]
        return (said(only[0]), said(only[1])) if only[0] or only[1] else ("one order", "another order")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        told = [[f"{name} {said(one[name])}" for name in names if name in one] for one in (before, after)]
        return said(told[0]), said(told[1])
    return said(before, unit), said(after, unit)


FIELDS = (
    Field("python", "version", "Python", 2, "another minor version has other wheels and other behaviour", part=2),
    Field("python", "implementation", "kind of Python", 3),
    Field("system", "disk nearly full", "disk nearly full", 6, "writes fail once it is full"),
    Field("system", "memory nearly full", "memory nearly full", 7, "the kernel ends processes to free some"),
    Field("start", "command", "service command", 23, "another program, or the same with other options"),
    Field("limits", "memory_limit_bytes", "memory limit of the cgroup", 33, "beyond it the kernel ends the service",
          unit="bytes"),
    Field("limits", "cpu_limit", "CPU limit of the cgroup", 34, "the service is held back beyond it"),
    Field("limits", "open_files_soft", "limit of open files", 35, "'Too many open files' beyond it"),
    Field("limits", "processes_soft", "limit of processes", 36),
    Field("limits", "pids_limit", "limit of processes of the cgroup", 36),
    Field("limits", "address_space_bytes_soft", "limit of address space", 37, unit="bytes"),
    Field("limits", "stack_bytes_soft", "limit of the stack", 38, unit="bytes"),
    Field("limits", "file_size_bytes_soft", "limit of file size", 38, unit="bytes"),
    Field("limits", "open_files_hard", "hard limit of open files", 60),
    Field("limits", "processes_hard", "hard limit of processes", 60),
    Field("system", "architecture", "architecture", 41, "compiled packages are other ones"),
    Field("system", "timezone", "time zone", 43, "times without a zone, schedules, ends of days"),
    Field("git", "commit", "commit", 44, "other code", unit="hash"),
    Field("git", "changed", "changed files", 45, "code that no commit holds"),
    Field("system", "utc_offset_s", "offset from UTC in seconds", 46),
    Field("system", "locale", "locale", 47, "encodings, sorting, decimal points"),
    Field("python", "encoding", "encoding of text files", 47),
    Field("system", "os", "operating system", 48),
    Field("directory", "writable", "working directory can be written", 49),
    Field("python", "version", "Python in full", 51),
    Field("limits", "container", "container", 52),
    Field("python", "path", "where Python looks for modules", 53, "another module of the same name may come first"),
    Field("system", "cpu_usable", "usable CPUs", 54),
    Field("system", "memory_bytes", "memory", 56, unit="bytes"),
    Field("python", "executable", "Python's place", 57),
    Field("python", "libraries", "libraries of Python", 58),
    Field("service", "libraries", "loaded libraries", 71),
    Field("system", "swap_bytes", "swap", 62, unit="bytes"),
    Field("system", "distribution", "distribution", 64),
    Field("git", "branch", "branch", 70),
    Field("system", "cpu_count", "CPUs", 72),
    Field("system", "cpu_model", "CPU", 74),
    Field("system", "kernel", "kernel", 75),
    Field("limits", "cgroup_version", "version of cgroups", 78),
    Field("directory", "path", "working directory", 80),
    Field("system", "host", "host", 90),
)  # fmt: skip
