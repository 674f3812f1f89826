"""What is seen while a soak runs: the live board in a terminal, plain lines elsewhere, and status.json for others."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from soakctl.cli.options import GLOBALS
from soakctl.cli.output import console_for, line
from soakctl.judge.so_far import verdict_so_far
from soakctl.services.soak.status import StatusWriter

if TYPE_CHECKING:
    from soakctl.domain.journal import Entry
    from soakctl.domain.sample import Sample
    from soakctl.domain.state import RunState
    from soakctl.domain.verdict import Outcome
    from soakctl.ports import Documents, Observer
    from soakctl.services.soak.run import Soak


class Watching:
    """The observers of a run, as one. Under virtual time nobody could look, so only the status is kept."""

    def __init__(self, store: Documents, job: Soak, *, live: bool, also: Observer | None = None) -> None:
        """`live` is False under virtual time; `also` is one more who watches."""
        manifest = job.manifest

        def so_far(state: RunState) -> Outcome:
            return verdict_so_far(state, job.config, mock=job.mock)

        self._observers: list[Observer] = [StatusWriter(manifest.run_id, store, so_far, every_sample=live)]
        self._observers += [] if also is None else [also]
        self._board = None
        if GLOBALS.quiet:
            return
        if live and sys.stderr.isatty() and GLOBALS.log_format == "text":
            from soakctl.cli.streams import board_stream
            from soakctl.report.board import Board

            self._board = Board(manifest, console_for(board_stream()), so_far)
            self._observers.append(self._board)
        else:
            from soakctl.report.progress import ProgressLines

            write = lambda text: line(text, stream=sys.stderr)  # noqa: E731
            self._observers.append(ProgressLines(manifest, write, as_json=GLOBALS.log_format == "json"))

    def seen(self, state: RunState, entry: Entry) -> None:
        """Something was recorded."""
        for observer in self._observers:
            observer.seen(state, entry)

    def sampled(self, state: RunState, sample: Sample) -> None:
        """A sample was recorded."""
        for observer in self._observers:
            observer.sampled(state, sample)

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._board is not None:
            self._board.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Leave the terminal as it was."""
        if self._board is not None:
            self._board.stop()
