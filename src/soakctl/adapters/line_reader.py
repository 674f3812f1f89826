"""From bytes to what was found in them: lines are split, looked at within a budget, logged and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.critical_bytes import CriticalBytes
from soakctl.adapters.finding import count_lines
from soakctl.adapters.splitter import CUT_BYTES, OVERLAP_BYTES, RawLine, Splitter
from soakctl.domain.ansi import without_escapes
from soakctl.domain.line import HitKind

if TYPE_CHECKING:
    from soakctl.adapters.line_batch import LineBatch
    from soakctl.adapters.line_budget import LineBudget
    from soakctl.adapters.service_log import StreamLog
    from soakctl.adapters.splitter import Block
    from soakctl.domain.watch import LineWatch

BYTES_PER_S = 1_500_000.0
# Of a line that is not ended yet: its number may go on, its level is counted once.
_NOT_OF_OPEN_LINES = frozenset({HitKind.KPI, HitKind.CRITICAL})
_NOTHING: frozenset[tuple[HitKind, str]] = frozenset()


class LineReader:
    """One flow of bytes: a pipe, or one file. Several may share a batch and a budget, in one thread.

    `log` takes every line that is looked at. Times are in seconds and do not go back.
    """

    def __init__(self, watch: LineWatch, batch: LineBatch, budget: LineBudget, log: StreamLog | None) -> None:
        """Nothing was read yet."""
        self._watch = watch
        self._batch = batch
        self._budget = budget
        self._log = log
        self._splitter = Splitter()
        self._critical = CriticalBytes(watch)
        self._unlogged = 0  # lines dropped that the log does not speak of yet
        self._peeked: frozenset[tuple[HitKind, str]] | None = None  # found in the open line; None: not looked at

    @property
    def at_line_start(self) -> bool:
        """Whether the next byte begins a line."""
        return not self._splitter.has_open_line

    @property
    def can_peek(self) -> bool:
        """Whether there is an open line that was not looked at since it grew."""
        return self._peeked is None and self._splitter.has_open_line

    def feed(self, block: Block, size: int, at: float, *, behind: bool = False) -> None:
        """Take in what was read: the first `size` bytes of the block, which may be used again afterwards.

        `behind`: the writer is about to be held up, so that there is no time for more than a few lines.
        """
        piece = self._splitter.feed(block, size)
        first_bytes = 0 if piece.first is None else len(piece.first.data)
        granted = self._budget.take(first_bytes + piece.end - piece.start, at, behind=behind)
        if piece.first is not None:
            if granted >= first_bytes:
                granted -= first_bytes
                self._look_one(piece.first, at)
            else:
                self._drop(piece.first.data + b"\n", 0, first_bytes + 1, at)
        until = piece.end
        if granted < piece.end - piece.start:
            until = piece.block.rfind(b"\n", piece.start, piece.start + granted) + 1 or piece.start
        self._look_all(piece.block, piece.start, until, at)
        if until < piece.end:
            self._drop(piece.block, until, piece.end, at)

    def peek(self, at: float) -> None:
        """Look at the open line, such as a prompt. What is found now is not found again when it ends."""
        text = without_escapes(self._splitter.open_line[:CUT_BYTES].decode("utf-8", "replace"))
        found = [each for each in self._watch.find(text) if each.kind not in _NOT_OF_OPEN_LINES]
        self._batch.peek(text, at, found)
        self._peeked = frozenset((each.kind, each.key) for each in found)

    def finish(self, at: float) -> None:
        """The flow has ended: what is left is the last line."""
        last = self._splitter.finish()
        if last is not None:
            self._look_one(last, at)
        self._log_gap()

    def _look_all(self, block: Block, start: int, end: int, at: float) -> None:
        while start < end:
            stop = block.rfind(b"\n", start, min(end, start + CUT_BYTES)) + 1
            if stop:
                self._look(block[start : stop - 1].decode("utf-8", "replace").split("\n"), at)
            else:  # a line longer than the cut
                stop = block.find(b"\n", start, end) + 1
                kept = bytes(block[start : min(stop - 1, start + CUT_BYTES + OVERLAP_BYTES)])
                self._look_one(RawLine(kept, stop - 1 - start - len(kept)), at)
            start = stop

    def _look(self, texts: list[str], at: float) -> None:
        self._log_gap()
        self._critical.learn(texts[0])
        for text in texts:
            shown = without_escapes(text)
            self._batch.add(shown, at, self._watch.find(shown))
            if self._log is not None:
                self._log.write(shown)

    def _look_one(self, line: RawLine, at: float) -> None:
        """Look at a line that may be longer than the cut, or was looked at while it was open."""
        self._log_gap()
        cut = line.size > CUT_BYTES
        text = without_escapes((_cut(line.data) if cut else line.data).decode("utf-8", "replace"))
        peeked, self._peeked = self._peeked or _NOTHING, None
        found = [each for each in self._watch.find(text) if (each.kind, each.key) not in peeked]
        self._batch.add(text, at, found, cut=cut)
        if self._log is None:
            return
        if cut:
            whole = without_escapes(line.data.decode("utf-8", "replace"))
            self._log.write_long(whole, CUT_BYTES, OVERLAP_BYTES if line.beyond else 0, line.size)
        else:
            self._log.write(text)

    def _drop(self, block: Block, start: int, end: int, at: float) -> None:
        lines = count_lines(block, start, end)
        self._batch.drop(lines, self._critical.count(block, start, end, at))
        self._unlogged += lines
        self._peeked = None

    def _log_gap(self) -> None:
        if self._unlogged and self._log is not None:
            self._log.gap(self._unlogged)
        self._unlogged = 0


def _cut(data: bytes) -> bytes:
    """Up to the cut, ended between two words where there are any: half a secret would not be recognised as one."""
    kept = data[:CUT_BYTES]
    space = kept.rfind(b" ", CUT_BYTES - OVERLAP_BYTES)
    return kept[:space] if space > 0 else kept
