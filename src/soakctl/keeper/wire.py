"""What soakctl and the keeper say to each other: one order, then lines of a few words, over two pipes."""

from __future__ import annotations

import os

NO_FD = -1
_LENGTH = 4  # bytes that say how long the order is


class Order:
    """What to run and how to stop it.

    Attributes:
        argv, cwd, env: for exec, as the service gets them.
        stop_signal: number of the signal that asks for a stop.
        grace_s: seconds between that signal and the kill, for a stop that the keeper does by itself.
        writers: descriptors of the service's stdout and stderr.
        readers: the other ends, to be drained once soakctl is gone.
        lock: descriptor of the run's lock, or NO_FD.
    """

    __slots__ = ("argv", "cwd", "env", "grace_s", "lock", "readers", "stop_signal", "writers")

    def __init__(  # written out: importing dataclasses would double the keeper's start
        self,
        *,
        argv: list[bytes],
        cwd: bytes,
        env: dict[bytes, bytes],
        stop_signal: int,
        grace_s: float,
        writers: tuple[int, int],
        readers: tuple[int, int],
        lock: int,
    ) -> None:
        """Hold the parts."""
        self.argv = argv
        self.cwd = cwd
        self.env = env
        self.stop_signal = stop_signal
        self.grace_s = grace_s
        self.writers = writers
        self.readers = readers
        self.lock = lock

    def descriptors(self) -> list[int]:
        """All descriptors the keeper is given."""
        return [fd for fd in (*self.writers, *self.readers, self.lock) if fd != NO_FD]


def pack(order: Order) -> bytes:
    """Write an order as bytes. Raises ValueError when something in it holds a NUL, which exec cannot pass on."""
    numbers = (order.stop_signal, order.grace_s, *order.writers, *order.readers, order.lock, len(order.argv))
    fields = [repr(number).encode() for number in numbers]
    fields += [order.cwd, *order.argv, *(name + b"=" + value for name, value in order.env.items())]
    if any(b"\0" in field for field in fields):
        message = "an argument, the directory or a variable of the environment holds a NUL byte"
        raise ValueError(message)
    body = b"\0".join(fields)
    return len(body).to_bytes(_LENGTH, "big") + body


def receive(fd: int) -> Order | None:
    """Read an order; None when the sender went away before it was complete."""
    head = _read_exactly(fd, _LENGTH)
    body = _read_exactly(fd, int.from_bytes(head, "big")) if head is not None else None
    return _unpack(body) if body is not None else None


def _unpack(body: bytes) -> Order:
    stop_signal, grace_s, out_w, err_w, out_r, err_r, lock, argc, cwd, *rest = body.split(b"\0")
    count = int(argc)
    return Order(
        argv=rest[:count],
        cwd=cwd,
        env=dict(variable.split(b"=", 1) for variable in rest[count:]),
        stop_signal=int(stop_signal),
        grace_s=float(grace_s),
        writers=(int(out_w), int(err_w)),
        readers=(int(out_r), int(err_r)),
        lock=int(lock),
    )


def _read_exactly(fd: int, size: int) -> bytes | None:
    parts = b""
    while len(parts) < size:
        part = os.read(fd, size - len(parts))
        if not part:
            return None
        parts += part
    return parts


class LineReader:
    """Whole lines out of a pipe, however they were cut."""

    def __init__(self, fd: int) -> None:
        """Read from this descriptor, when asked to."""
        self._fd = fd
        self._rest = b""

    def read(self) -> list[bytes] | None:
        """Read once, which may block; the lines that are complete now, or None at the end of the file."""
        data = os.read(self._fd, 65536)
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines
