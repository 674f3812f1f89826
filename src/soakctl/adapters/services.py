"""The two kinds of service a world can watch: one of ours under a keeper, and one that was already running."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from soakctl.adapters.pump import StreamPump

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.adapters.attach import AttachedProcess
    from soakctl.adapters.launch import Launch
    from soakctl.adapters.service_host import ServiceHost
    from soakctl.adapters.service_log import ServiceLog
    from soakctl.adapters.tail import FileTail
    from soakctl.domain.signal import Signal
    from soakctl.domain.watch import LineWatch


class HostedService:
    """A service of ours: a keeper a life, a pump a stream, and its log files followed over all lives."""

    def __init__(
        self,
        host: ServiceHost,
        launch: Callable[[int], Launch],
        tail: FileTail,
        *,
        watch: LineWatch,
        emit: Callable[[Signal], None],
        now: Callable[[], float],
        sink: ServiceLog | None,
    ) -> None:
        """`launch` says what to execute in a life."""
        self._host = host
        self._launch = launch
        self._tail = tail
        self._watch = watch
        self._emit = emit
        self._now = now
        self._sink = sink
        self._pumps: tuple[StreamPump, ...] = ()
        self._started = threading.Event()  # a service may have died before its start is over
        self._started.set()
        self._tailing = False
        self._fault: Exception | None = None

    @property
    def root_pid(self) -> int | None:
        """The keeper's pid."""
        return self._host.root_pid

    def start(self, life: int) -> None:
        """Start a life; log files are followed from where they are now."""
        self._end_pumps()
        if not self._tailing:
            self._tail.start()
            self._tailing = True
        self._started.clear()
        try:
            self._host.start(self._launch(life))
            if self._host.root_pid is not None:
                self._read()
        finally:
            self._started.set()

    def _read(self) -> None:
        self._pumps = tuple(
            StreamPump(fd, stream, watch=self._watch, emit=self._emit, now=self._now, sink=self._sink)
            for fd, stream in ((self._host.out_fd, "out"), (self._host.err_fd, "err"))
        )
        for pump in self._pumps:
            pump.start()

    def stop(self, grace_s: float) -> None:
        """Stop the tree."""
        self._host.stop(grace_s)

    def last_words(self, timeout_s: float) -> None:
        """Read what is left in the pipes and the log files."""
        self._started.wait(timeout_s)
        self._join(timeout_s)
        if self._tailing:
            self._tail.drain()

    def _join(self, timeout_s: float) -> None:
        for pump in self._pumps:
            pump.join(timeout_s)

    @property
    def fault(self) -> Exception | None:
        """The first fault of a pump or the follower, in any life."""
        return self._fault or self._tail.fault

    def _end_pumps(self) -> None:
        """The host is about to close the pipes: nobody may be reading them."""
        self._join(0.2)
        for pump in self._pumps:
            pump.stop()
        self._join(1.0)
        self._fault = self._fault or next((pump.fault for pump in self._pumps if pump.fault), None)
        self._pumps = ()

    def close(self) -> None:
        """End the pumps, the followers and the keeper."""
        self._end_pumps()
        if self._tailing:
            self._tail.stop()
        self._host.close()
        if self._sink is not None:
            self._sink.close()


class WatchedService:
    """A process that was already running: watched, its log files followed, never stopped."""

    def __init__(self, process: AttachedProcess, tail: FileTail, sink: ServiceLog | None) -> None:
        """Its stdout and stderr belong to somebody else."""
        self._process = process
        self._tail = tail
        self._sink = sink

    @property
    def root_pid(self) -> int | None:
        """The process itself."""
        return self._process.root_pid

    def start(self, _life: int) -> None:
        """Begin to watch."""
        self._tail.start()
        self._process.start()

    def stop(self, grace_s: float) -> None:
        """Stop watching."""
        self._process.stop(grace_s)

    @property
    def fault(self) -> Exception | None:
        """A fault of the follower."""
        return self._tail.fault

    def last_words(self, _timeout_s: float) -> None:
        """Read what is left in the log files."""
        self._tail.drain()

    def close(self) -> None:
        """Let go."""
        self._tail.stop()
        self._process.close()
        if self._sink is not None:
            self._sink.close()
