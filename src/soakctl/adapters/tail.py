"""Follows a service's log files by looking at them a few times a second."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from soakctl.adapters.line_batch import LineBatch
from soakctl.adapters.line_budget import LineBudget
from soakctl.adapters.line_reader import BYTES_PER_S, LineReader
from soakctl.adapters.tail_paths import TailPaths
from soakctl.adapters.tail_set import TailSet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from soakctl.adapters.service_log import ServiceLog
    from soakctl.domain.signal import Signal
    from soakctl.domain.watch import LineWatch

_STREAM = "file"
_POLL_S = 0.25
# Looking takes at most this share of the time, however many files a pattern finds.
_LOOKING_SHARE = 0.05
_MAX_OPEN = 200
_DRAIN_POLLS = 5


class FileTail:
    """Follows several files in one daemon thread, as one stream named `file`.

    A file that is there when it starts is read from its end, one that appears later from its beginning. Renaming,
    truncating or replacing a file loses nothing that was in it at the last poll.

    Attributes:
        fault: an error of soakctl's own that ended the following; None otherwise.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        base: Path,
        watch: LineWatch,
        emit: Callable[[Signal], None],
        now: Callable[[], float],
        sink: ServiceLog | None,
        budget_bytes_per_s: float = BYTES_PER_S,
        poll_s: float = _POLL_S,
        max_open: int = _MAX_OPEN,
    ) -> None:
        """`paths` may be patterns and are relative to `base`. `emit` must not block; `now` gives elapsed seconds."""
        self.fault: Exception | None = None
        self._paths = tuple(paths)
        self._now = now
        self._sink = sink
        self._poll_s = poll_s
        self._batch = LineBatch(_STREAM, emit)
        budget = LineBudget(budget_bytes_per_s)

        def reader(_path: str) -> LineReader:
            return LineReader(watch, self._batch, budget, None if sink is None else sink.stream(_STREAM))

        self._set = TailSet(TailPaths(paths, base), reader=reader, say=self._batch.note, max_open=max_open)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tail", daemon=True)

    def start(self) -> None:
        """Remember where the files end, before the service is started; then follow them."""
        if self._paths:
            self.begin()
            self._thread.start()

    def begin(self) -> None:
        """The first half of `start`: what is in the files now is not this run's."""
        with self._lock:
            self._set.begin()

    def poll_once(self) -> bool:
        """Read what is there. Whether anything was new; after `stop` nothing is."""
        with self._lock:
            if self._ended.is_set():
                return False
            at = self._now()
            grew = self._set.poll(at)
            self._tell(at)
            return grew

    def drain(self) -> None:
        """Read everything there is, unfinished last lines too, and tell it; called once the service is gone."""
        for _ in range(_DRAIN_POLLS):
            if not self.poll_once():
                break
        with self._lock:
            at = self._now()
            self._set.finish(at)
            self._tell(at, now=True)

    def stop(self) -> None:
        """End the following and close the files."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            self._set.close()
            self._tell(self._now(), now=True)

    def _run(self) -> None:
        wait = self._poll_s
        try:
            while not self._ended.wait(wait):
                began = time.thread_time()
                self.poll_once()
                wait = max(self._poll_s, (time.thread_time() - began) / _LOOKING_SHARE)
        except Exception as error:  # noqa: BLE001 - kept for the caller, and said
            self.fault = error
            with self._lock:
                self._batch.note(f"soakctl failed to follow the log files, which are not read any more: {error!r}")
                self._tell(self._now(), now=True)

    def _tell(self, at: float, *, now: bool = False) -> None:
        told = self._batch.tell(at, now=now)
        if self._sink is not None and (told or now):
            self._sink.flush()
