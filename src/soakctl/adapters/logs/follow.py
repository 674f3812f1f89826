"""Follows logs by name, over whatever happens to the files: renamed, truncated, recreated, gone."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

from soakctl.adapters.logs.decoded import HEAD_BYTES, encoding_of, head_of, last_decoded, lead_before
from soakctl.adapters.logs.feed import LineFeed
from soakctl.adapters.logs.group import rotated
from soakctl.adapters.logs.opened import LEAD_BYTES, last_lines, line_start
from soakctl.adapters.tail_file import OPEN_FLAGS, Identity, Mark, identity_of
from soakctl.adapters.tail_set import TailSet
from soakctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from soakctl.adapters.logs.cursor import Cursor
    from soakctl.domain.logs.block import Block

    Open = Callable[[str], Callable[[Block], None]]

POLL_S = 0.25
_MAX_OPEN = 200


class FollowedPaths:
    """Logs by their names, and what each was rotated into: there a file is found that was written between two looks."""

    def __init__(self, logs: Mapping[str, str]) -> None:
        """`logs` has the path of each, and the name it is shown by."""
        self._logs = logs
        self._names = dict(logs)

    @property
    def plain(self) -> tuple[str, ...]:
        """None: what a log was rotated into is listed."""
        return ()

    def shown(self, path: str) -> str:
        """The path as people know it."""
        return self._names.get(path, path)

    def name(self, path: str) -> str:
        """The name of the log that a file belongs to."""
        live = max((live for live in self._logs if path.startswith(live)), key=len, default=path)
        return self._logs.get(live, path)

    def listed(self) -> Iterator[tuple[str, os.stat_result | OSError]]:
        """What is there now; what was rotated first, oldest first."""
        for live in self._logs:
            for path in [*(path for path in rotated(live) if not path.endswith((".gz", ".zst", ".bz2", ".xz"))), live]:
                try:
                    yield path, os.stat(path)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    yield path, error


class Follower:
    """Follows several logs. `look` is to be called a few times a second."""

    def __init__(
        self, logs: Mapping[str, str], *, opened: Open, say: Callable[[str], None], keep_lines: int = 0
    ) -> None:
        """`logs`: path to name. `opened` is given the name of a log for each file of it, and gives what takes lines."""
        self._logs = logs
        self._opened = opened
        self._paths = FollowedPaths(logs)
        self._leads: dict[str, int] = {}
        self._feeds: dict[str, LineFeed] = {}
        self._keep_lines = keep_lines
        self._set = TailSet(self._paths, reader=self._reader, say=say, max_open=_MAX_OPEN)
        self._say = say
        self._looks = 0

    def begin(self, lines: int | None) -> None:
        """Begin at the last lines of each log; None begins at its beginning."""
        marks: dict[Identity, Mark] = {}
        for live in self._logs:
            try:
                fd = os.open(live, OPEN_FLAGS)
            except FileNotFoundError:
                self._say(f"{self._paths.shown(live)} is not there yet")
                continue
            except OSError:
                continue  # said when it is listed
            try:
                status = os.fstat(fd)
                lead, self._leads[live] = (0, 0) if lines is None else _beginning(fd, status.st_size, lines)
                marks[identity_of(status)] = Mark.of(fd, lead)
            finally:
                os.close(fd)
        self._set.begin(marks)

    def go_on(self, cursor: Cursor) -> None:
        """Begin where the cursor says; files that it does not know are new and read from their beginning.

        Raises UsageError if it is about other logs.
        """
        if not cursor.is_of(self._logs):
            message = (
                f"the cursor is about {', '.join(cursor.missing(set()))}, not about {', '.join(self._logs.values())}"
            )
            raise UsageError(message, hint="Give each log, or each set of logs, a cursor of its own.")

        def recall(path: str, identity: Identity, fd: int) -> Mark | None:
            found = cursor.mark(identity, fd)
            if found is None:
                return self._in_copy(cursor, fd)
            mark, overwritten = found
            if overwritten:
                self._say(f"{self._paths.shown(path)} was truncated or overwritten, and is read from its beginning")
            return mark

        self._set.begin(recall=recall)
        for path in cursor.missing(set(self._set.places())):
            self._say(f"{path} is gone: what was written to it since is not shown")

    def _in_copy(self, cursor: Cursor, fd: int) -> Mark | None:
        """Where to go on in a copy that was made while nobody looked; None for what is none."""
        copied = cursor.copied(fd)
        if copied is None:
            return None
        identity, mark = copied
        for live in self._logs:
            try:
                origin = os.open(live, OPEN_FLAGS)
            except OSError:
                continue
            try:
                found = cursor.mark(identity, origin) if identity_of(os.fstat(origin)) == identity else None
                if found is not None and not found[1]:  # all of it is still there
                    return Mark.of(fd, os.fstat(fd).st_size)
            finally:
                os.close(origin)
        return mark

    def look(self) -> bool:
        """Read what is there. Whether anything was new."""
        self._looks += 1
        return self._set.poll(self._looks * POLL_S)

    def keep(self, cursor: Cursor) -> None:
        """Keep the place. Raises UnavailableError."""
        places: dict[Identity, tuple[str, Mark]] = {}
        for identity, (file, mark) in self._set.places().items():
            if file is None:
                places[identity] = ("", mark)
            else:
                feed = file.feed
                unshown = feed.open_bytes if isinstance(feed, LineFeed) else 0
                places[identity] = (self._paths.shown(file.path), file.mark_at(mark.offset - unshown))
        cursor.save(places)

    def finish(self) -> None:
        """Show what has come of lines that are not ended yet."""
        self._set.finish(self._looks * POLL_S)

    def close(self) -> None:
        """Let go of the files."""
        self._set.close()

    def _reader(self, path: str) -> LineFeed:
        take = self._opened(self._paths.name(path))
        try:
            head = head_of(path)
        except OSError:
            head = b""  # it was rotated since it was opened: what is fed of it tells
        return LineFeed(take, lead=self._leads.pop(path, 0), keep_lines=self._keep_lines, head=head)


def _beginning(fd: int, size: int, lines: int) -> tuple[int, int]:
    """Where to read on for the last lines, and how much of that, as UTF-8, is only to be looked back at."""
    encoding = encoding_of(os.pread(fd, HEAD_BYTES, 0))
    if encoding is not None:
        return lead_before(fd, last_decoded(fd, size, lines, encoding), LEAD_BYTES, encoding)
    start = last_lines(fd, size, lines) if lines else _after_last_newline(fd, size)
    lead = line_start(fd, max(0, start - LEAD_BYTES), start)
    return lead, start - lead


def _after_last_newline(fd: int, size: int) -> int:
    """Where the line begins that is being written."""
    return size if size and os.pread(fd, 1, size - 1) == b"\n" else last_lines(fd, size, 1)


def wait(seconds: float, watched: Sequence[int] = (1,)) -> bool:
    """Wait, or until whoever reads stdout has gone; whether somebody still reads."""
    if sys.platform == "win32" or not hasattr(select, "poll"):
        select.select([], [], [], seconds)
        return True
    poll = select.poll()
    for fd in watched:
        poll.register(fd, 0)
    return not any(event & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _, event in poll.poll(seconds * 1e3))
