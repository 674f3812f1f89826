"""Snapshots of environments for tests: a whole one, and any that hypothesis can think of."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st


def environment(**changes: Any) -> dict[str, Any]:
    """A snapshot; `python__version="3.12.1"` changes one value."""
    document = copy.deepcopy(_WHOLE)
    for path, value in changes.items():
        *way, last = path.split("__")
        place: Any = document
        for key in way:
            place = place[key]
        place[last] = value
    return document


_WHOLE: dict[str, Any] = {
    "schema": "soakctl.environment/1",
    "soakctl_version": "0.1.0",
    "moment": "asked",
    "taken_unix": 1763690400.0,
    "taken_utc": "2025-11-21T02:00:00Z",
    "key": {"source": "state", "id": "0011223344556677"},
    "notes": [],
    "service": {
        "pid": 4711,
        "started_utc": "2025-11-21T01:00:00Z",
        "age_s": 3600,
        "cpu_percent": 3.5,
        "rss_bytes": 123_000_000,
        "fds": 45,
        "threads": 8,
        "processes": [
            {"pid": 4711, "parent": 1, "command": ["python", "-m", "risk_manager"], "state": "sleeping",
             "rss_bytes": 123_000_000, "fds": 45, "threads": 8},
        ],
        "ports": ["127.0.0.1:8000"],
        "libraries": ["libssl.so.3"],
    },
    "start": {"command": "python app.py --port 8000"},
    "limits": {
        "container": "none", "cgroup_version": 2, "cpu_limit": 1.5, "memory_limit_bytes": 1_000_000_000,
        "pids_limit": "unlimited", "open_files_soft": 1024, "open_files_hard": 4096, "processes_soft": 9999,
        "stack_bytes_soft": 8_388_608, "address_space_bytes_soft": "unlimited",
    },
    "system": {
        "host": "laptop", "os": "Linux", "kernel": "6.1.0", "architecture": "x86_64", "cpu_model": "Fast CPU",
        "cpu_count": 8, "cpu_usable": 4, "memory_bytes": 16_000_000_000, "distribution": "Debian 12",
        "memory_available_bytes": 8_000_000_000, "swap_bytes": 0, "disk_total_bytes": 100_000_000_000,
        "disk_free_bytes": 50_000_000_000, "load": [0.5, 0.25, 0.1], "uptime_s": 86400,
        "clock_utc": "2025-11-21T02:00:00Z", "clock_synchronized": True, "timezone": "Europe/Berlin",
        "utc_offset_s": 3600, "locale": "C.UTF-8",
    },
    "directory": {
        "path": "/srv/app", "entries": 2, "writable": True,
        "listing": [
            {"name": "app.py", "kind": "file", "size_bytes": 100},
            {"name": "data", "kind": "directory", "size_bytes": None},
        ],
    },
    "python": {
        "executable": "/srv/app/.venv/bin/python", "found_by": "command", "version": "3.11.7",
        "implementation": "CPython", "prefix": "/srv/app/.venv", "base_prefix": "/usr", "path": ["/srv/app"],
        "encoding": "UTF-8", "libraries": {"ssl": "OpenSSL 3.0.13"},
        "packages": {
            "numpy": {"version": "2.1.0", "direct": True},
            "six": {"version": "1.16", "direct": False},
            "forked": {"version": "3", "direct": True, "direct_url": "https://git.example.com/forked",
                       "editable": False, "commit": "c" * 40},
        },
    },
    "variables": {
        "API_KEY": {"state": "present", "configured": True, "fingerprint": "aaaa"},
        "EMPTY": {"state": "empty"},
        "LANG": {"state": "present", "value": "C.UTF-8"},
        "OTHER": {"state": "present", "fingerprint": "bbbb"},
        "SHLVL": {"state": "present", "fingerprint": "cccc"},
        "WANTED": {"state": "absent", "configured": True},
    },
    "credentials": [
        {"name": "API_KEY", "present": True, "source": "API_KEY"},
        {"name": "DB_PASSWORD", "present": False, "source": None},
    ],
    "files": {
        "config.yaml": {
            "exists": True, "size_bytes": 120, "modified_utc": "2025-11-20T00:00:00Z", "sha256": "d" * 64,
            "holds_secrets": True, "fingerprint": "eeee", "format": "yaml", "valid": True, "counts": {"accounts": 12},
        },
        "gone.yaml": {"exists": False},
    },
    "git": {
        "commit": "f" * 40, "branch": "main", "dirty": True, "changed_count": 1, "changed": ["app.py"],
        "untracked_count": 2, "remote": "https://git.example.com/app.git",
    },
    "network": [
        {"target": "tls://db.internal:5432", "host": "db.internal", "port": 5432, "reached": True,
         "families": ["IPv4"], "dns_ms": 1.5, "connect_ms": 0.5, "problem": None,
         "tls": {"version": "TLSv1.3", "trusted": True, "expires_utc": "2025-12-01T00:00:00Z", "expires_days": 9,
                 "problem": None}},
    ],
}  # fmt: skip

_LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=4)
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def _below(value: Any) -> st.SearchStrategy[Any]:
    """This value with anything in it left out, or replaced by whatever fits or does not."""
    if isinstance(value, dict):
        keys = st.fixed_dictionaries({}, optional={key: _below(inner) for key, inner in value.items()})
        return st.one_of(st.just(value), keys, keys, _JSON)
    if isinstance(value, list):
        return st.one_of(st.just(value), st.lists(_JSON, max_size=2))
    return st.one_of(st.just(value), st.just(value), _LEAVES, _JSON)


# Documents of this version, of later ones, of other systems, damaged ones.
environments = st.fixed_dictionaries({}, optional={key: _below(value) for key, value in _WHOLE.items()})
