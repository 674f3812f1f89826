"""Asking an agent: one line out, one JSON document back, within a time and a size."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 64_000_000
_BLOCK = 1 << 18
_IN_LINE_S = 0.02


def _connect(peer: socket.socket, path: Path, until: float) -> None:
    """Wait in line: a Unix socket whose backlog is full refuses at once. Raises OSError."""
    while True:
        peer.settimeout(max(0.001, until - time.monotonic()))
        try:
            peer.connect(str(path))
        except BlockingIOError:
            if time.monotonic() >= until:
                raise TimeoutError from None
            time.sleep(_IN_LINE_S)
        else:
            return


def ask(path: Path, question: str, *, timeout_s: float, **given: Any) -> dict[str, Any]:
    """The answer of the agent at this socket. Raises UnavailableError when none comes, or no document.

    `given` goes with the question, which may have 4 KB in all.
    """
    until = time.monotonic() + timeout_s
    data = bytearray()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            _connect(peer, path, until)
            peer.sendall(json.dumps({"ask": question, **given}).encode() + b"\n")
            while not data.endswith(b"\n") and len(data) <= _MOST_BYTES:
                peer.settimeout(max(0.001, until - time.monotonic()))
                part = peer.recv(_BLOCK)
                if not part:
                    break
                data += part
    except TimeoutError:
        raise UnavailableError(f"the agent did not answer within {timeout_s:g} s") from None
    except OSError as error:
        raise UnavailableError(f"the agent cannot be reached: {error.strerror or error}") from None
    try:
        answer = json.loads(data)
    except ValueError:
        raise UnavailableError("the agent's answer broke off") from None
    if not isinstance(answer, dict):
        raise UnavailableError("the agent gave no answer")
    if "error" in answer:
        raise UnavailableError(f"the agent gave no answer: {answer['error']}")
    return answer
