"""Which TCP ports the processes of a tree listen on."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from typing import TYPE_CHECKING

from soakctl.adapters.sampler import default_processes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soakctl.adapters.process_look import Processes

Address = tuple[str, int]
_LISTEN = b"0A"
_MAPPED = bytes(10) + b"\xff\xff"  # an IPv4 address as IPv6 writes it


class ListeningPorts:
    """Finds listening sockets by their owners: what others on the machine listen on does not count."""

    def __init__(self, *, include_root: bool, processes: Processes | None = None, proc: str = "/proc") -> None:
        """`include_root`: the root is the service itself, not the keeper."""
        self._include_root = include_root
        self._processes = processes or default_processes()
        self._proc = proc

    def look(self, root_pid: int) -> list[Address]:
        """Addresses and ports, sorted; those of processes that may not be read are left out.

        Raises UnavailableError when the root is gone or may not be read.
        """
        tree = self._processes.look(root_pid)
        ours = [tree.root, *tree.descendants] if self._include_root else tree.descendants
        pids = [process.identity[0] for process in ours]
        if os.path.exists(f"{self._proc}/self/net/tcp"):
            return sorted(set(_by_proc(self._proc, pids)))
        return sorted(set(_by_psutil(pids)))


def _by_proc(proc: str, pids: Iterable[int]) -> Iterator[Address]:
    tables: dict[str, dict[str, Address]] = {}
    for pid in pids:
        try:
            space = os.readlink(f"{proc}/{pid}/ns/net")
        except OSError:
            space = str(pid)
        if space not in tables:
            tables[space] = {**_table(f"{proc}/{pid}/net/tcp"), **_table(f"{proc}/{pid}/net/tcp6")}
        if tables[space]:
            yield from _owned(f"{proc}/{pid}/fd", tables[space])


def _owned(directory: str, table: dict[str, Address]) -> Iterator[Address]:
    """What of a table of sockets the descriptors in a directory hold."""
    try:
        names = os.listdir(directory)
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            target = os.readlink(f"{directory}/{name}")
            if target in table:
                yield table[target]


def _table(path: str) -> dict[str, Address]:
    """Listening sockets by what a descriptor of theirs links to; empty when the table cannot be read."""
    found: dict[str, Address] = {}
    with contextlib.suppress(OSError), open(path, "rb") as file:
        next(file, None)
        for line in file:
            fields = line.split()
            if len(fields) < 10 or fields[3] != _LISTEN:  # noqa: PLR2004 - the tenth field is the inode
                break  # the kernel lists the listening ones first; there may be 100,000 others
            found[f"socket:[{int(fields[9])}]"] = parse_address(fields[1].decode())
    return found


def parse_address(text: str) -> Address:
    """The address and port of `0100007F:1F90`: hexadecimal, each 32 bits in the byte order of the machine."""
    address, _, port = text.partition(":")
    words = (int(address[place : place + 8], 16) for place in range(0, len(address), 8))
    packed = b"".join(word.to_bytes(4, sys.byteorder) for word in words).removeprefix(_MAPPED)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6  # noqa: PLR2004
    return socket.inet_ntop(family, packed), int(port, 16)


def _by_psutil(pids: Iterable[int]) -> Iterator[Address]:
    import psutil  # noqa: PLC0415 - not needed where there is /proc

    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            for connection in psutil.Process(pid).net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    yield connection.laddr.ip, connection.laddr.port
