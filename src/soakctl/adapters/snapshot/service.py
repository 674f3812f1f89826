"""The running service: its processes, what they use, what they listen on, which libraries they have loaded."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psutil

from soakctl.adapters.ports_listening import ListeningPorts
from soakctl.errors import UnavailableError

_CPU_WINDOW_S = 0.1
_MOST_PROCESSES = 100
# Those whose version or presence changes how a service behaves: allocators, TLS, databases, numbers, event loops.
_OF_INTEREST = re.compile(
    r"(lib(?:ssl|crypto|pq|mysqlclient|sqlite3|jemalloc|tcmalloc|mimalloc|curl|uv|zmq|rdkafka|openblas|mkl_rt|cuda|c|"
    r"musl|stdc\+\+|gomp|snappy|zstd)[-.\w]*?\.(?:so|dylib)[.\d]*)$"
)


class Running(NamedTuple):
    """What of a running process the other questions need; None where it may not be read."""

    executable: str | None
    command: list[str] | None
    cwd: str | None
    environ: dict[str, str] | None


def running_process(pid: int) -> Running:
    """The process itself. Raises UnavailableError when there is none, or it may not be read."""
    process = _process(pid)
    return Running(
        executable=_ask(process.exe) or None,
        command=_ask(process.cmdline),
        cwd=_ask(process.cwd),
        environ=_ask(process.environ),
    )


def look_at_service(pid: int, *, window_s: float = _CPU_WINDOW_S) -> dict[str, Any]:
    """The tree under a process: CPU in per cent of a core over `window_s`, bytes, open ports. Raises UnavailableError.

    With a window of 0 there is no waiting, and CPU is None.
    """
    root = _process(pid)
    tree = [root, *(_ask(lambda: root.children(recursive=True)) or [])][:_MOST_PROCESSES]
    cpu_percent = _cpu_percent(tree, window_s) if window_s else None
    processes = [_one(process) for process in tree]
    started = _ask(root.create_time)
    if started is None:
        message = f"process {pid} has just ended"
        raise UnavailableError(message)
    return {
        "pid": pid,
        "started_utc": datetime.fromtimestamp(started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "age_s": round(time.time() - started),
        "cpu_percent": cpu_percent,
        **{name: _sum(processes, name) for name in ("rss_bytes", "fds", "threads")},
        "processes": processes,
        "ports": _ports(pid) or ([] if all(each["fds"] is not None for each in processes) else None),
        "libraries": _libraries(pid),
    }


def _process(pid: int) -> psutil.Process:
    try:
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return process
        message, hint = f"process {pid} has ended", "it is a zombie: its parent has not waited for it"
    except psutil.NoSuchProcess:
        message, hint = f"process {pid} does not exist", "it has ended, or the number is wrong"
    except psutil.AccessDenied:
        message, hint = f"process {pid} may not be read", "run soakctl as the user of the process, or as root"
    raise UnavailableError(message, hint=hint)


def _ask(question: Any) -> Any:
    """The answer of psutil, or None where the process is gone or may not be asked."""
    try:
        return question()
    except (psutil.Error, OSError):
        return None


def _cpu_percent(tree: list[psutil.Process], window_s: float) -> float | None:
    before, began = _cpu_seconds(tree), time.monotonic()
    time.sleep(window_s)
    used, took = _cpu_seconds(tree), time.monotonic() - began
    return None if before is None or used is None else round(max(0.0, used - before) / took * 100, 1)


def _cpu_seconds(tree: list[psutil.Process]) -> float | None:
    times = [_ask(process.cpu_times) for process in tree]
    known = [each.user + each.system for each in times if each is not None]
    return sum(known) if known else None


def _one(process: psutil.Process) -> dict[str, Any]:
    memory = _ask(process.memory_info)
    return {
        "pid": process.pid,
        "parent": _ask(process.ppid),
        "command": _ask(process.cmdline) or [_ask(process.name) or "?"],
        "state": _ask(process.status),
        "rss_bytes": None if memory is None else memory.rss,
        "fds": _ask(process.num_fds) if hasattr(process, "num_fds") else None,
        "threads": _ask(process.num_threads),
    }


def _sum(processes: list[dict[str, Any]], name: str) -> int | None:
    known = [each[name] for each in processes if each[name] is not None]
    return sum(known) if known else None


def _ports(pid: int) -> list[str] | None:
    try:
        found = ListeningPorts(include_root=True).look(pid)
    except UnavailableError:
        return None
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in found]


def _libraries(pid: int) -> list[str] | None:
    """Names of shared libraries of interest that the process has mapped, where /proc tells."""
    found: set[str] = set()
    with suppress(OSError):
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            for line in file:
                match = _OF_INTEREST.search(os.path.basename(line.rstrip("\n")))
                if match:
                    found.add(match[1])
        return sorted(found)
    return None
