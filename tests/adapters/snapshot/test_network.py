"""Whether hosts can be reached, against servers on loopback."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.snapshot.network import look_at_network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")


@contextmanager
def _serving(context: ssl.SSLContext | None = None, *, silent: bool = False) -> Iterator[int]:
    """A server that takes connections, shakes hands where it has a certificate, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            held = []
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(2.0)
                if silent:
                    held.append(connection)
                    continue
                try:
                    with context.wrap_socket(connection, server_side=True) if context else connection:
                        pass
                except OSError:
                    connection.close()
            for connection in held:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def _made(directory: Path, *days: str) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key; `days` say when it begins and ends."""
    certificate, key = directory / "cert.pem", directory / "key.pem"
    subprocess.run(
        [*"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost".split(),
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate), *days],
        check=True,
        capture_output=True,
        timeout=30,
    )  # fmt: skip
    return certificate, key


def _server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_host_that_listens_is_reached() -> None:
    """With the times for its name and the connection, and no TLS where none was asked for."""
    with _serving() as port:
        (found,) = look_at_network([f"127.0.0.1:{port}"])
    assert found["reached"]
    assert (found["host"], found["port"], found["families"]) == ("127.0.0.1", port, ["IPv4"])
    assert found["dns_ms"] >= 0
    assert found["connect_ms"] >= 0
    assert (found["tls"], found["problem"]) == (None, None)


def test_a_port_that_nobody_listens_on_is_not_reached() -> None:
    """And the reason is told."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (found,) = look_at_network([f"127.0.0.1:{port}"])
    assert not found["reached"]
    assert found["problem"] == "no connection: Connection refused"


def test_a_name_that_cannot_be_one_is_told() -> None:
    """A label of more than 63 letters needs no resolver to be refused."""
    (found,) = look_at_network([f"{'a' * 64}.invalid:80"])
    assert not found["reached"]
    assert found["problem"].startswith("the name is not known: ")


@needs_openssl
def test_a_trusted_certificate_and_its_end(tmp_path: Path) -> None:
    """The handshake is made as a service makes it."""
    certificate, key = _made(tmp_path, "-days", "90")
    trusting = ssl.create_default_context(cafile=str(certificate))
    with _serving(_server_context(certificate, key)) as port:
        (found,) = look_at_network([f"tls://localhost:{port}"], context=trusting)
    assert found["reached"]
    assert found["tls"]["trusted"]
    assert found["tls"]["problem"] is None
    assert found["tls"]["version"].startswith("TLS")
    assert found["tls"]["expires_days"] == 89


@needs_openssl
def test_a_certificate_that_is_not_trusted_still_tells_its_end(tmp_path: Path) -> None:
    """Both are what somebody looks for."""
    certificate, key = _made(tmp_path, "-days", "9")
    with _serving(_server_context(certificate, key)) as port:
        (found,) = look_at_network([f"tls://localhost:{port}"], context=ssl.create_default_context())
    assert found["reached"]
    assert not found["tls"]["trusted"]
    assert found["tls"]["problem"].startswith("the certificate is not trusted: self")
    assert found["tls"]["expires_days"] == 8


@needs_openssl
def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    """Even if its issuer is."""
    certificate, key = _made(tmp_path, "-days", "90")
    trusting = ssl.create_default_context(cafile=str(certificate))
    with _serving(_server_context(certificate, key)) as port:
        (found,) = look_at_network([f"tls://127.0.0.1:{port}"], context=trusting)
    assert not found["tls"]["trusted"]
    assert "127.0.0.1" in found["tls"]["problem"]


def test_no_tls_where_it_was_expected() -> None:
    """A server that hangs up is no fault of soakctl."""
    with _serving() as port:
        (found,) = look_at_network([f"tls://127.0.0.1:{port}"])
    assert found["reached"]
    assert found["tls"]["problem"].startswith("no handshake: ")


def test_a_silent_server_costs_the_time_allowed_and_no_more() -> None:
    """Hosts are asked at the same time, and each has an end."""
    with _serving(silent=True) as port:
        found = look_at_network([f"tls://127.0.0.1:{port}"] * 4, timeout_s=0.3)
    assert [each["reached"] for each in found] == [True] * 4
    assert all(each["tls"]["problem"].startswith("no handshake") for each in found)


def test_nothing_is_asked_without_being_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """No host, no traffic."""
    monkeypatch.setattr(socket, "getaddrinfo", None)
    monkeypatch.setattr(socket, "create_connection", None)
    assert look_at_network([]) == []
