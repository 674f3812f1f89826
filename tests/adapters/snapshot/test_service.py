"""The running service, its directory and its machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soakctl.adapters.snapshot.directory import look_at_directory
from soakctl.adapters.snapshot.service import look_at_service, running_process
from soakctl.adapters.snapshot.system import look_at_system
from soakctl.errors import UnavailableError

LISTENER = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


def test_a_running_service_is_told() -> None:
    """Its command, its memory, and the port that it listens on."""
    with subprocess.Popen(
        [sys.executable, "-c", LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        found, process = look_at_service(child.pid), running_process(child.pid)
        child.communicate("", timeout=20)
    assert found["ports"] == [f"127.0.0.1:{port}"]
    assert found["processes"][0]["command"][1:] == ["-c", LISTENER]
    assert found["rss_bytes"] > 1_000_000
    assert found["threads"] >= 1
    assert process.environ is not None
    assert process.cwd == str(Path.cwd())


def test_no_such_process_is_told() -> None:
    """A number above all that a kernel hands out."""
    with pytest.raises(UnavailableError, match="does not exist"):
        look_at_service(2**22 + 7)


def test_a_directory_is_listed(tmp_path: Path) -> None:
    """By kind, up to a bound, names alone; nothing is opened."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").write_text("12345")
    (tmp_path / "c").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "d")
    found = look_at_directory(tmp_path)
    assert [(each["name"], each["kind"], each["size_bytes"]) for each in found["listing"]] == [
        ("a", "directory", None), ("b", "file", 5), ("c", "link", None), ("d", "other", None),
    ]  # fmt: skip
    for number in range(300):
        (tmp_path / f"e{number}").touch()
    found = look_at_directory(tmp_path)
    assert (found["entries"], len(found["listing"])) == (304, 200)


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(UnavailableError, match="working directory cannot be read"):
        look_at_directory(tmp_path / "none")


def test_time_zone_and_locale_are_the_service_s() -> None:
    """Not those of soakctl."""
    found = look_at_system({"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "LC_ALL": ""}, Path("/"))
    assert (found["timezone"], found["locale"]) == ("Asia/Tokyo", "de_DE.UTF-8")
    assert look_at_system({}, Path("/"))["locale"] == "C"
    assert found["memory_bytes"] > found["memory_available_bytes"] > 0
    assert found["disk_total_bytes"] >= found["disk_free_bytes"]
