"""What the open descriptors of a process are: files, pipes, and sockets with their peers. Linux only."""

from __future__ import annotations

import os
import re
import socket
from collections import Counter

# The kinds of the kernel's own files, as `anon_inode:[eventpoll]`.
_ANONYMOUS = re.compile(r"anon_inode:\[?([^\]]*)\]?")
_INODE = re.compile(r"socket:\[(\d+)\]")
_TABLES = (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6), ("udp", socket.AF_INET), ("udp6", socket.AF_INET6))
_LISTENS = "0A"
_UNIX_PATH = 7  # the field of /proc/net/unix
_MANY = 3


def descriptors(pid: int) -> Counter[tuple[str, str]]:
    """How many of each (target, kind) are open; empty for a process that is gone. Raises PermissionError."""
    base = f"/proc/{pid}/fd"
    found: Counter[tuple[str, str]] = Counter()
    sockets: dict[str, tuple[str, str]] | None = None
    try:
        names = os.listdir(base)
    except (FileNotFoundError, ProcessLookupError):
        return found
    for name in names:
        try:
            target = os.readlink(f"{base}/{name}")
        except OSError:  # closed a moment ago
            continue
        inode = _INODE.fullmatch(target)
        if inode is None:
            found[_plain(target)] += 1
            continue
        if sockets is None:
            sockets = _sockets(pid)
        found[sockets.get(inode[1], ("not connected", "socket"))] += 1
    return found


def together(found: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Files of one directory that are open once or twice each are told as one: their names say nothing."""
    by_directory: dict[str, list[tuple[str, str]]] = {}
    for target, kind in found:
        if kind == "file" and found[target, kind] < _MANY:
            by_directory.setdefault(os.path.dirname(target), []).append((target, kind))
    merged = Counter(found)
    for directory, keys in by_directory.items():
        if len(keys) >= _MANY:
            merged[f"{directory.rstrip('/')}/*", "file"] += sum(merged.pop(key) for key in keys)
    return merged


def _plain(target: str) -> tuple[str, str]:
    anonymous = _ANONYMOUS.fullmatch(target)
    if anonymous is not None:
        return anonymous[1], "kernel object"
    if target.startswith("pipe:"):
        return "pipe", "pipe"
    gone = target.endswith(" (deleted)")
    return target.removesuffix(" (deleted)"), "deleted file" if gone else "file"


def _sockets(pid: int) -> dict[str, tuple[str, str]]:
    """The sockets of the process's network by inode: who is at the other end, and what it is."""
    rows = [
        (fields[9], table[:3], _address(fields[1], family), _address(fields[2], family), fields[3])
        for table, family in _TABLES
        for fields in _lines(pid, table)
    ]
    listening = {local.rpartition(":")[2] for _, _, local, _, state in rows if state == _LISTENS}
    found = {inode: _named(kind, local, peer, state, listening) for inode, kind, local, peer, state in rows}
    for fields in _lines(pid, "unix"):
        path = fields[_UNIX_PATH] if len(fields) > _UNIX_PATH else ""
        found[fields[6]] = (path or "unnamed pair or peer", "unix socket")
    return found


def _named(kind: str, local: str, peer: str, state: str, listening: set[str]) -> tuple[str, str]:
    port = local.rpartition(":")[2]
    if state == _LISTENS:
        return f"listening at {local}", f"{kind} socket"
    if port in listening:  # the client's port differs each time
        return f"from {peer.rpartition(':')[0]} at port {port}", f"{kind} socket"
    if peer.endswith(":0"):
        return f"at port {port}", f"{kind} socket"
    closed = ", closed by the peer" if state == "08" else ""
    return f"to {peer}{closed}", f"{kind} socket"


def _lines(pid: int, table: str) -> list[list[str]]:
    try:
        with open(f"/proc/{pid}/net/{table}", encoding="ascii", errors="replace") as file:
            return [line.split() for line in file.readlines()[1:]]
    except OSError:  # no IPv6, or the process is gone
        return []


def _address(text: str, family: int) -> str:
    """`0100007F:1F90` as 127.0.0.1:8080: words in the machine's order."""
    host, _, port = text.partition(":")
    raw = bytes.fromhex(host)
    words = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    shown = socket.inet_ntop(family, words).removeprefix("::ffff:")
    return f"{shown}:{int(port, 16)}"
