"""The readiness probe."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from soakctl.adapters.probe import ReadyProbe
from soakctl.domain.config.service import Ready
from soakctl.domain.signal import Probed
from tests.support.http_servers import ScriptedServer, answer, drip, raw, silent
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.support.http_servers import Talk

Addresses = list[tuple[str, int]]


def _nothing() -> Addresses:
    return []


def _probe(ready: dict[str, str] | None, listening: Callable[[], Sequence[tuple[str, int]]] = _nothing) -> Probed:
    answers: SimpleQueue[Any] = SimpleQueue()
    ReadyProbe(None if ready is None else Ready.model_validate(ready), listening, answers.put).probe()
    probed = answers.get(timeout=20)
    assert isinstance(probed, Probed)
    return probed


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ([], Probed(ready=False, how="it listens on no TCP port")),
        ([("127.0.0.1", 8000)], Probed(ready=True, how="port 8000")),
        ([("10.0.0.1", 8000), ("::", 8000)], Probed(ready=True, how="port 8000")),
        ([("::1", 9000), ("127.0.0.1", 8000)], Probed(ready=True, how="ports 8000, 9000")),
        ([("::", port) for port in (4, 3, 2, 1)], Probed(ready=True, how="ports 1, 2, 3, …")),
    ],
)
def test_without_configuration_a_listening_port_is_a_sign(addresses: Addresses, expected: Probed) -> None:
    """Whatever the tree listens on is told by its port."""
    assert _probe(None, lambda: addresses) == expected


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (PermissionError(13, "Permission denied"), "could not look: [Errno 13] Permission denied"),
        (psutil.NoSuchProcess(7), "could not look: process no longer exists (pid=7)"),
    ],
)
def test_a_look_that_fails_is_no_sign(error: Exception, how: str) -> None:
    """A service that is gone, or that may not be looked at, is not ready."""

    def fail() -> Addresses:
        raise error

    assert _probe(None, fail) == Probed(ready=False, how=how)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_port_that_takes_connections(family: socket.AddressFamily) -> None:
    """A TCP address is ready once it takes a connection, IPv6 in brackets too."""
    host = "127.0.0.1" if family is socket.AF_INET else "::1"
    try:
        server = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        port = server.getsockname()[1]
        shown = f"[{host}]:{port}" if family is socket.AF_INET6 else f"{host}:{port}"
        assert _probe({"tcp": shown}) == Probed(ready=True, how=f"port {port}")


def test_a_port_where_nobody_listens() -> None:
    """Refused is not ready."""
    address = f"127.0.0.1:{_free_port()}"
    assert _probe({"tcp": address}) == Probed(ready=False, how=f"{address}: connection refused")


def test_a_host_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is an answer, not a crash."""

    def unknown(*_: object, **__: object) -> socket.socket:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    assert _probe({"tcp": "db:80"}) == Probed(ready=False, how="db:80: name or service not known")


def test_an_address_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall that drops everything is not ready, after half a second."""

    def drop(_: object, timeout: float) -> socket.socket:
        assert timeout == 0.5
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", drop)
    assert _probe({"tcp": "10.0.0.1:80"}) == Probed(ready=False, how="10.0.0.1:80: no answer within 0.5s")


def test_a_connection_with_itself_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again and again for a free port can connect a socket to itself; nobody listens there."""
    itself = socket.socket()
    itself.bind(("127.0.0.1", 0))
    itself.connect(itself.getsockname())
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: itself)
    assert _probe({"tcp": "127.0.0.1:50000"}) == Probed(ready=False, how="127.0.0.1:50000: connection refused")


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ("200 OK", True),
        ("204 No Content", True),
        ("302 Found", True),
        ("401 Unauthorized", False),
        ("404 Not Found", False),
        ("503 Service Unavailable", False),
    ],
)
def test_a_url_is_ready_by_its_status(status: str, *, ready: bool) -> None:
    """2xx and 3xx are ready; nothing else is. A redirect is not followed."""
    with ScriptedServer(answer("hello", status=status, extra="Location: /other\r\n")) as server:
        assert _probe({"http": server.url("/health")}) == Probed(ready=ready, how=f"{server.url('/health')}: {status}")
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (silent, "no complete answer within 1.0s"),
        (drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"), "no complete answer within 1.0s"),
        (raw(b""), "it closed the connection without an answer"),
        (raw(b"220 mail ESMTP\r\n"), "it does not speak HTTP (BadStatusLine)"),
    ],
    ids=["silent", "drip", "closed", "mail"],
)
def test_a_url_that_does_not_answer(talk: Talk, why: str) -> None:
    """Silence, dripping and other protocols are not ready, and say so within a second."""
    with ScriptedServer(talk) as server:
        url = server.url().replace("http://", "http://me:s3cret@")
        assert _probe({"http": url}) == Probed(ready=False, how=f"{server.url()}: {why}")


def test_an_endless_page_is_not_read() -> None:
    """A health page that streams for ever is ready by its head."""
    with ScriptedServer(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as server:
        assert _probe({"http": server.url()}).ready


def test_tls_on_a_plain_port() -> None:
    """TLS where none is spoken is explained."""
    with ScriptedServer(answer("hello")) as server:
        how = _probe({"http": server.url().replace("http:", "https:")}).how
    assert "TLS failed" in how


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of this test")
def test_a_certificate_of_its_own_will_do_on_loopback(tmp_path: Path) -> None:
    """A service under test on this machine shows a certificate that nobody signed."""
    pem = tmp_path / "own.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=own -keyout -"
    pem.write_bytes(subprocess.run(make.split(), check=True, capture_output=True).stdout)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        assert _probe({"http": url}) == Probed(ready=True, how=f"{url}: 200 OK")


def test_a_log_line_is_not_looked_for_here() -> None:
    """Where a log line says ready, the probe claims nothing."""
    assert _probe({"log": "ready"}) == Probed(ready=False, how="a line of its log says when it is ready")


def test_a_look_under_way_is_not_doubled() -> None:
    """Asked again while it looks, it looks once and answers once; afterwards it looks again."""
    answers: SimpleQueue[Any] = SimpleQueue()
    looks: list[int] = []
    release = threading.Event()

    def slow() -> Addresses:
        looks.append(1)
        assert release.wait(20)
        return [("::", 80)]

    ready = ReadyProbe(None, slow, answers.put)
    for _ in range(5):
        ready.probe()
    eventually(lambda: looks)
    ready.probe()
    release.set()
    assert answers.get(timeout=20) == Probed(ready=True, how="port 80")
    assert answers.empty()
    assert len(looks) == 1
    ready.probe()
    assert answers.get(timeout=20) == Probed(ready=True, how="port 80")
    assert len(looks) == 2


def test_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is out of threads gives an answer as well."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert _probe(None) == Probed(ready=False, how="could not look: can't start new thread")
