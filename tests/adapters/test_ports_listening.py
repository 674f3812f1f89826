"""Listening ports of a process tree: whose they are, and how /proc writes them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.ports_listening import ListeningPorts, parse_address
from tests.support.fake_processes import FakeProcesses, a_process

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "  {number}: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  0  0 {inode} 1 0 100 0\n"
SERVER = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="written as a little-endian machine does")
@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("00000000:1F90", ("0.0.0.0", 8080)),  # noqa: S104
        ("0100007F:0050", ("127.0.0.1", 80)),
        ("00000000000000000000000000000000:FFFF", ("::", 65535)),
        ("00000000000000000000000001000000:0016", ("::1", 22)),
        ("0000000000000000FFFF00000100007F:0016", ("127.0.0.1", 22)),
        ("B80D0120000000000000000001000000:01BB", ("2001:db8::1", 443)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    """Addresses are read in the byte order of the machine, those of IPv4 in IPv6's clothes too."""
    assert parse_address(text) == address


@pytest.mark.parametrize("proc", ["/proc", "/nowhere"])
def test_a_live_server(proc: str) -> None:
    """A child's listening socket is found and that of its parent is not, whether by /proc or by psutil."""
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as mine,
        subprocess.Popen(
            [sys.executable, "-S", "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child,
    ):
        assert child.stdout is not None
        port = int(child.stdout.readline())
        theirs = ListeningPorts(include_root=False, proc=proc).look(os.getpid())
        assert ("127.0.0.1", port) in theirs
        assert mine.getsockname() not in theirs
        assert mine.getsockname() in ListeningPorts(include_root=True, proc=proc).look(os.getpid())
        with closing(socket.create_connection(("127.0.0.1", port))) as client:
            assert client.getsockname() not in ListeningPorts(include_root=True, proc=proc).look(os.getpid())


def _fake(root: Path, pid: int, *, space: str, rows: str, inodes: list[int]) -> None:
    (root / str(pid) / "net").mkdir(parents=True)
    (root / str(pid) / "net" / "tcp").write_text(HEAD + rows)
    (root / str(pid) / "ns").mkdir()
    (root / str(pid) / "ns" / "net").symlink_to(space)
    (root / str(pid) / "fd").mkdir()
    for number, inode in enumerate(inodes):
        (root / str(pid) / "fd" / str(number)).symlink_to(f"socket:[{inode}]")


def _row(number: int, port: int, inode: int, state: str = "0A") -> str:
    return ROW.format(number=number, local=f"0100007F:{port:04X}", state=state, inode=inode)


def test_spaces_of_the_network(tmp_path: Path) -> None:
    """Each process is looked up in the network it lives in; sockets of others and connections do not count."""
    (tmp_path / "self" / "net").mkdir(parents=True)
    (tmp_path / "self" / "net" / "tcp").touch()
    rows = _row(0, 8000, 1) + _row(1, 8001, 2) + _row(2, 8002, 3, state="01") + _row(3, 8003, 4)
    _fake(tmp_path, 10, space="net:[1]", rows=rows, inodes=[1, 3, 4])
    _fake(tmp_path, 11, space="net:[1]", rows=rows, inodes=[1, 99])
    _fake(tmp_path, 12, space="net:[2]", rows=_row(0, 80, 1), inodes=[1])
    processes = FakeProcesses()
    processes.show(a_process(5), a_process(10), a_process(11), a_process(12), a_process(13), a_process(14, zombie=True))
    found = ListeningPorts(include_root=False, processes=processes, proc=str(tmp_path)).look(5)
    assert found == [("127.0.0.1", 80), ("127.0.0.1", 8000)]
