"""Runs jobs beside one another, in threads: each waits for commands of its own."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_S = 0.5


class Threads:
    """Implements `ports.Workers`."""

    def __init__(self) -> None:
        """No thread yet."""
        self._done: queue.SimpleQueue[tuple[str, Any, BaseException | None]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, job: Callable[[], Any]) -> None:
        """See `ports.Workers`."""
        thread = threading.Thread(target=self._run, args=(name, job), name=f"section {name}")
        self._threads.append(thread)
        thread.start()

    def _run(self, name: str, job: Callable[[], Any]) -> None:
        try:
            self._done.put((name, job(), None))
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            self._done.put((name, None, error))

    def next_done(self) -> tuple[str, Any]:
        """See `ports.Workers`. Signals are seen while it waits."""
        while True:
            try:
                name, result, error = self._done.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            return name, result

    def join(self) -> None:
        """Wait until every job has ended."""
        for thread in self._threads:
            thread.join()
