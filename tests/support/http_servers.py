"""Small loopback servers that answer as told, badly if wanted."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

Talk = Callable[[socket.socket, bytes], None]


class ScriptedServer:
    """A TCP server on a free loopback port; `talk` gets each connection and the head of its request.

    A connection is closed when `talk` returns. Leaving the context closes all of them.
    """

    def __init__(self, talk: Talk) -> None:
        """The server listens at once and answers within the context."""
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []

    def url(self, path: str = "/metrics") -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        """Begin to answer."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything."""
        # A plain close leaves a blocked accept waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = connection.recv(65536)
            self.requests.append(request)
            self._talk(connection, request)


def answer(
    body: str | bytes, *, status: str = "200 OK", kind: str = "text/plain; version=0.0.4", extra: str = ""
) -> Talk:
    """A whole and correct answer."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{extra}\r\n"

    def talk(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head.encode() + content)

    return talk


def raw(content: bytes) -> Talk:
    """These bytes and no more."""

    def talk(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(content)

    return talk


def silent(connection: socket.socket, _request: bytes) -> None:
    """Take the request and say nothing until the other side gives up."""
    connection.settimeout(60)
    connection.recv(1)


def drip(head: bytes, drop: bytes) -> Talk:
    """Send the head, then a drop fifty times a second for as long as it is taken (20 s at most)."""

    def talk(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head)
        pause = threading.Event()
        for _ in range(1000):
            connection.sendall(drop)
            pause.wait(0.02)

    return talk


def flood(head: bytes, piece: bytes, *, pieces: int) -> Talk:
    """Send the head, then the piece many times over."""

    def talk(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head)
        for _ in range(pieces):
            connection.sendall(piece)

    return talk
