"""One GET with one deadline over all of it, however slowly or endlessly the other side answers."""

from __future__ import annotations

import base64
import http.client
import io
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from soakctl.domain.wording import show_bytes, show_seconds

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_CHUNK = 65536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = range(200, 300)


class UnansweredError(Exception):
    """There was no usable answer; the text says why, without the URL."""


class Deadline:
    """A moment after which nothing is waited for any more."""

    def __init__(self, seconds: float) -> None:
        """`seconds` from now."""
        self.seconds = seconds
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, more than 0. Raises TimeoutError when it is over."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.

    Attributes:
        status: the HTTP status.
        reason: its words.
        content_type: lower case, with parameters, or "".
        body: of a 2xx answer, else empty.
        framed: the server said how long the body is, so that one cut short would have been noticed.
    """

    status: int
    reason: str
    content_type: str
    body: bytes
    framed: bool


def get(url: str, *, deadline: Deadline, max_body: int, follow: int = 0, accept: str = "*/*") -> Answer:
    """Ask for `url`, following that many redirects; a `max_body` of 0 leaves the body unread.

    Always asks the address itself: proxies of the environment are for the outside world, not for the service under
    test. A certificate is not checked on loopback, where a service shows its own. Raises UnansweredError.
    """
    try:
        parts = urlsplit(url)
        for _ in range(follow):
            answer, location = _ask(parts, deadline, max_body, accept)
            if answer.status not in _REDIRECTS or not location:
                return answer
            parts = urlsplit(urljoin(parts.geturl(), location))
        return _ask(parts, deadline, max_body, accept)[0]
    except TimeoutError:
        raise UnansweredError(f"no complete answer within {show_seconds(deadline.seconds)}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnansweredError(_explain(error)) from None


def without_credentials(url: str) -> str:
    """The URL as it may be shown: no user, no password, no query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _ask(parts: SplitResult, deadline: Deadline, max_body: int, accept: str) -> tuple[Answer, str]:
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{without_credentials(parts.geturl())} is not an http or https URL")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((parts.hostname, port), timeout=deadline.left()) as plain:
        plain.settimeout(deadline.left())
        sock = _encrypted(plain, parts.hostname) if parts.scheme == "https" else plain
        with sock:
            connection = http.client.HTTPConnection(parts.hostname, port)
            connection.sock = _TimedSocket(sock, deadline)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers=_headers(parts, accept))
            response = connection.getresponse()
            return _answer(response, max_body), response.getheader("Location", "")


def _headers(parts: SplitResult, accept: str) -> dict[str, str]:
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "User-Agent": "soakctl",
        "Accept": accept,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers


def _encrypted(plain: socket.socket, host: str) -> ssl.SSLSocket:
    if _is_loopback(plain.getpeername()[0]):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=host)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _answer(response: http.client.HTTPResponse, max_body: int) -> Answer:
    body = bytearray()
    framed = response.chunked or response.length is not None
    if max_body and response.status in _OK:
        if response.getheader("Content-Encoding", "identity").lower() != "identity":
            raise ValueError("the answer is compressed, which was not asked for")
        while chunk := response.read(_CHUNK):
            body += chunk
            if len(body) > max_body:
                raise ValueError(f"the answer is larger than {show_bytes(max_body)}")
        if response.length:  # a read with a size ends quietly when the other side goes away too early
            raise ValueError(f"the answer ends {response.length} bytes too early")
    content_type = response.getheader("Content-Type", "").lower()
    return Answer(response.status, response.reason, content_type, bytes(body), framed)


class _TimedSocket(io.RawIOBase):
    """The part of a socket that http.client uses; a time-out of a plain socket begins again with each byte."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: ReadableBuffer) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._sock.settimeout(self._deadline.left())
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        """Nothing: http.client closes before it has read; the socket is closed by who opened it."""


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, "connection refused"),
    (socket.gaierror, "the host name cannot be found"),
    (http.client.RemoteDisconnected, "it closed the connection without an answer"),
    (http.client.IncompleteRead, "the answer ends too early"),
    (http.client.LineTooLong, "the answer has an endless header line"),
)


def _explain(error: Exception) -> str:
    words = next((words for kind, words in _WORDS if isinstance(error, kind)), "")
    if words:
        return words
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}"
    if isinstance(error, http.client.HTTPException):
        return f"it does not speak HTTP ({type(error).__name__})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
