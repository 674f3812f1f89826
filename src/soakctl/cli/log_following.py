"""`soakctl logs -f`: shows lines as they are written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.cli.output import note
from soakctl.cli.wiring.following import POLL_S, Cursor, Follower, wait
from soakctl.cli.wiring.logs import now_unix
from soakctl.domain.logs.times import Times
from soakctl.services.logs.flow import Flow, LastLines
from soakctl.services.logs.piece import Pieces
from soakctl.services.logs.shown import Cleaner

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.cli.log_flags import LogFlags
    from soakctl.cli.log_plain import PlainSink
    from soakctl.cli.wiring.logs import Logs
    from soakctl.domain.logs.block import Block
    from soakctl.services.logs.piece import Piece
    from soakctl.services.logs.select import Question

_LINES = 10
# What a look brings is put in order by time before it is shown, up to this much at once.
_MOST_BYTES = 4_000_000


def follow(flags: LogFlags, question: Question, found: Logs, sink: PlainSink) -> int:
    """Show the last lines, then each one that is written, until Ctrl-C or until nobody reads any more."""
    lines = _LINES if flags.lines is None else flags.lines
    following = _Following(question, found, sink, last=None if question.is_for_all else lines)
    logs = {group.paths[-1]: group.name for group in found.groups}
    follower = Follower(
        logs,
        opened=following.opened,
        say=lambda text: note(found.redactor.text(f"soakctl: {text}")),
        keep_lines=question.before,
    )
    cursor = None if flags.cursor is None else Cursor(Path(flags.cursor))
    try:
        if cursor is not None:
            cursor.load()
            cursor.check()
        if cursor is not None and not cursor.is_new:
            following.shows_all()
            follower.go_on(cursor)
        else:
            follower.begin(lines if question.is_for_all else None)
        while True:
            grew = follower.look()
            goes_on = following.show()
            if cursor is not None and (grew or cursor.is_new):
                follower.keep(cursor)
                cursor.is_new = False
            if not goes_on or not wait(POLL_S):
                return found.failed
    except KeyboardInterrupt:
        if cursor is None:  # else the line is shown as a whole by the next one
            follower.finish()
            following.show()
        raise
    finally:
        follower.close()


class _Following:
    """What was read and is not shown yet."""

    def __init__(self, question: Question, found: Logs, sink: PlainSink, *, last: int | None) -> None:
        self._question = question
        self._found = found
        self._flow = Flow(sink, Cleaner(found.redactor))
        self._timed = len(found.groups) > 1
        self._pieces: list[Piece] = []
        self._size = 0
        self._last = None if last is None else LastLines(last)
        self._goes_on = True

    def shows_all(self) -> None:
        """Nothing that is read first is left out."""
        self._last = None

    def opened(self, name: str) -> Callable[[Block], None]:
        """What takes the lines of a file of the log."""
        times = Times(about_unix=now_unix(), unknown=self._found.strange_zone)
        keys = self._found.redactor.stream
        pieces = Pieces(name, self._question, times, keys=keys, timed=self._timed, lacks=self._found.lacks)
        return lambda block: self._take(pieces, block)

    def _take(self, pieces: Pieces, block: Block) -> None:
        for piece in pieces.of(block):
            if self._last is not None:
                self._last.add(piece)
                continue
            self._pieces.append(piece)
            self._size += len(piece.data)
        if self._size > _MOST_BYTES:
            self._put()

    def show(self) -> bool:
        """Show what was read; whether anybody still looks."""
        if self._last is not None:
            self._pieces = [*self._last, *self._pieces]
            self._last = None
        self._found.tell_lacking()
        self._found.lacking = 0
        self._put()
        self._flow.flush()
        sys.stdout.flush()
        return self._goes_on

    def _put(self) -> None:
        pieces, self._pieces, self._size = self._pieces, [], 0
        if self._timed:
            pieces.sort(key=lambda piece: piece.unix)
        for piece in pieces:
            self._goes_on = self._flow.take(piece) and self._goes_on
