"""The thread that answers: one private socket, one question at a time, no way to run code."""

from __future__ import annotations

import _socket
import os
import sys
from time import monotonic

from . import aside, notes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST_QUESTION = 4096
_LEAVE = b'{"ask": "leave"}\n'
_ASKING_S = 2.0  # for a question to be complete
_PATIENCE_S = 10.0
_PEER = 12  # bytes of the kernel's (pid, uid, gid)
_NO_SIGNAL = getattr(_socket, "MSG_NOSIGNAL", 0)  # a program may have SIGPIPE kill it
_state: dict[str, Any] = {"pid": 0, "socket": None}
_late: list[Any] = []  # sockets of those who entered later


def start() -> None:
    """Answer for this process, if nobody does yet."""
    home = notes.HOME
    if not home or _state["pid"] == os.getpid():
        return
    _state["pid"] = os.getpid()
    open_at(f"{home}/{os.getpid()}.sock", late=False)


def open_at(path: str, *, late: bool = True) -> None:
    """Listen at `path`, and answer in a thread that no signal ever reaches.

    `late`: put into a program that was not prepared, which it leaves again when asked to.
    """
    listening = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    unready = f"{path[:-1]}~"  # no longer than the path, which may be as long as one can be
    try:
        os.unlink(unready)
    except FileNotFoundError:
        pass
    listening.bind(unready)
    os.chmod(unready, 0o600)
    listening.listen(16)
    os.rename(unready, path)  # whoever sees it can ask
    if late:
        _late.append(listening)
    else:
        _state["socket"] = listening
    aside.start(_serve, listening, os.fstat(listening.fileno()).st_ino, late)


def forked() -> None:
    """In a child there is no thread, and the parent's socket stays the parent's."""
    listening = _state["socket"]
    _state["pid"], _state["socket"] = 0, None
    for one in (*_late, *([listening] if listening is not None else [])):
        one.close()
    _late.clear()
    aside.IDENTS.clear()
    for name in ("collector", "notes", "loops", "memory"):
        module = sys.modules.get(f"soakctl_agent.{name}")
        if module is not None:
            module.forked()


def _serve(listening: Any, inode: int, late: bool) -> None:  # noqa: FBT001 - called by a thread's start
    while True:
        try:
            # A program that closes all descriptors may open one of its own with this number.
            if os.fstat(listening.fileno()).st_ino != inode:
                listening.detach()
                return
            fd, _address = listening._accept()
        except OSError:
            return
        try:
            if _converse(_socket.socket(fileno=fd)) and late:
                listening.close()
                _late.remove(listening)
                return
        except Exception:  # noqa: S112 - whoever asked has gone away
            continue


def _converse(peer: Any) -> bool:
    """Answer one question; whether it was to leave."""
    try:
        peer.settimeout(_ASKING_S)
        if not _is_owner(peer):
            return False
        question = b""
        while not question.endswith(b"\n") and len(question) < _LONGEST_QUESTION:
            part = peer.recv(_LONGEST_QUESTION)
            if not part:
                return False
            question += part
        peer.settimeout(_PATIENCE_S)
        if question == _LEAVE:
            _send(peer, b"{}\n")
            return True
        _send(peer, _answer(question))
        return False
    finally:
        peer.close()


def _is_owner(peer: Any) -> bool:
    if not hasattr(_socket, "SO_PEERCRED"):
        return True  # the directory and the socket are the owner's alone
    credentials = peer.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _PEER)
    return int.from_bytes(credentials[4:8], sys.byteorder) in {0, os.geteuid()}


def _send(peer: Any, answer: bytes) -> None:
    until = monotonic() + _PATIENCE_S
    view = memoryview(answer)
    while view and monotonic() < until:
        view = view[peer.send(view, _NO_SIGNAL) :]


def _answer(question: bytes) -> bytes:
    import json  # a program that nobody asks does not pay for it

    asked = json.loads(question)
    from . import answers  # as above

    return answers.answer(asked).encode("ascii", "backslashreplace") + b"\n"
