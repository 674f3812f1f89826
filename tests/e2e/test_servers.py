"""Real servers, unchanged: each is seen to come up, is soaked under a little load without a false alarm, and ends."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soakctl.mock import demo
from tests.support.cli import APPS, PYTHON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.cli import Cli

pytestmark = pytest.mark.servers

NGINX = """
worker_processes 2;
pid nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "ok"; }} }}
}}
"""


def redis(port: int, _cwd: Path) -> list[str]:
    """A redis-server that keeps nothing."""
    return [needed("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]


def nginx(port: int, cwd: Path) -> list[str]:
    """An nginx with two workers, in the foreground."""
    (cwd / "nginx.conf").write_text(NGINX.format(port=port), encoding="utf-8")
    words = ["-p", str(cwd), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
    return [needed("nginx"), *words]


def fastapi(port: int, _cwd: Path) -> list[str]:
    """A FastAPI application on uvicorn, in whatever environment these are installed."""
    uvicorn = needed("uvicorn")
    python = Path(uvicorn).with_name("python")
    if subprocess.run([python, "-c", "import fastapi"], capture_output=True, check=False).returncode:
        pytest.skip("FastAPI is not installed beside uvicorn")
    return [uvicorn, "--app-dir", str(APPS), "--port", str(port), "fastapi_app:app"]


def node(port: int, _cwd: Path) -> list[str]:
    """An HTTP server on Node."""
    return [needed("node"), str(APPS / "http_server.js"), str(port)]


def python_http(port: int, _cwd: Path) -> list[str]:
    """The HTTP server of Python's standard library."""
    return [PYTHON, "-m", "http.server", "--bind", "127.0.0.1", str(port)]


def shell(_port: int, _cwd: Path) -> list[str]:
    """A worker in shell, which listens nowhere."""
    return ["sh", str(APPS / "worker.sh")]


def needed(program: str) -> str:
    """The path of a program; skips the test without it."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


SERVERS = [redis, nginx, fastapi, node, python_http, shell]


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.__name__)
def test_a_server_comes_up_and_ends(cli: Cli, server: Callable[[int, Path], list[str]]) -> None:
    """Without any configuration a smoke test sees life in it and stops it cleanly."""
    port = free_port()
    done = cli.run("smoke", "--json", "--", *server(port, cli.cwd))
    assert done.code == 0, str(done)
    found = done.document()
    assert found["sign"] == (f"port {port}" if server is not shell else "first output")
    assert found["stop"]["severity"] == "ok"


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.__name__)
def test_a_server_is_soaked_for_two_minutes_without_a_false_alarm(
    cli: Cli, server: Callable[[int, Path], list[str]]
) -> None:
    """Servers that are known to be good pass, without any configuration, and the gate agrees."""
    port = free_port()
    request = b"PING\r\nQUIT\r\n" if server is redis else b"GET /health HTTP/1.0\r\n\r\n"
    with cli.start("soak", "--duration", "2m", "--", *server(port, cli.cwd)) as running, load(port, request):
        done = running.done(within_s=240)
    assert done.code == 0, str(done)
    # The heap of V8 goes on growing for minutes under load, faster than what a run this short lets pass without a word.
    growth = {"resource.rss", "resource.uss"} if server is node else set()
    told = {finding["id"] for finding in cli.read("verdict.json")["findings"] if finding["severity"] != "info"}
    assert told <= growth, str(done)
    gate = cli.run("gate")
    assert (gate.code, gate.out) == (0, done.out)


def test_the_demo_service_is_soaked_for_two_minutes(cli: Cli) -> None:
    """Its events are counted from its log, and its checkpoints are the boot of a soak."""
    checkpoints = [{"name": "started", "pattern": "Risk Manager starting"}, {"name": "event", "pattern": "Event rec"}]
    command = [PYTHON, "-u", str(demo.__file__), "--events-every", "0.1"]
    liveness = {"pattern": "Event received", "silence": "10s"}
    cli.configure({"service": {"command": command, "liveness": liveness}, "smoke": {"checkpoints": checkpoints}})
    done = cli.run("soak", "--duration", "2m", "--json", within_s=240)
    assert (done.code, done.document()["verdict"]) == (0, "PASS"), str(done)
    assert done.document()["look"]["events_per_second"] == pytest.approx(10, rel=0.2)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def load(port: int, request: bytes) -> Iterator[None]:
    """Twenty requests a second while the context is open; the server closes the connection after each."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as server:
                server.sendall(request)
                while server.recv(4096):
                    pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
