"""The log of a section: all of its output, redacted on its way in, and the last lines kept for the screen."""

from __future__ import annotations

import shlex
from collections import deque
from typing import TYPE_CHECKING, Protocol

from soakctl.adapters.splitter import CUT_BYTES, RawLine, Splitter
from soakctl.domain.ansi import without_escapes
from soakctl.domain.wording import show_seconds
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

TAIL_LINES = 30
# The body of a private key can go on for as many lines after the one that begins it.
_KEY_LINES = 300
_KEY = b"-----BEGIN"


class LineRedactor(Protocol):
    """Redacts the lines of one stream."""

    def line(self, line: str) -> str:
        """The next line, redacted."""
        ...


class Redacts(Protocol):
    """Redacts single lines in their order, and whole blocks."""

    def stream(self) -> LineRedactor:
        """For the lines of one stream, which may hold a private key over many of them."""
        ...

    def text(self, text: str) -> str:
        """Lines with everything secret replaced; their number stays."""
        ...


class _Output:
    """One of the outputs of a command."""

    def __init__(self, redactor: Redacts) -> None:
        self.splitter = Splitter()
        self._block = redactor.text
        self._line = redactor.stream().line
        self._one_by_one = 0

    def shown(self, block: bytes) -> str:
        """Whole lines, without the end of the last, as they may be shown. One by one only near a private key."""
        text = block.decode("utf-8", "replace")
        lines = text.split("\n")
        if "\x1b" in text:  # a sequence that is not ended must not take the next lines with it
            lines = [without_escapes(line) for line in lines]
            text = "\n".join(lines)
        else:
            text = without_escapes(text)
        if _KEY in block:
            self._one_by_one = len(lines) + _KEY_LINES
        if self._one_by_one <= 0:
            return self._block(text)
        self._one_by_one -= len(lines)
        return "\n".join(map(self._line, text.split("\n")))

    def shown_line(self, raw: RawLine) -> str:
        """A line that may have been too long to keep."""
        text = self.shown(raw.data)
        return text if raw.size <= CUT_BYTES else f"{text[:CUT_BYTES]} [cut: the line has {raw.size} bytes]"


class SectionLog:
    """A text file, block by block, as it happens. Raises UnavailableError where it cannot be written."""

    def __init__(self, path: Path, redactor: Redacts, *, echo: Callable[[str], None] | None = None) -> None:
        """`echo` is told what is written, too: one line or several."""
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._echo = echo
        self._redactor = redactor
        self._own = redactor.stream()
        self._outputs: dict[str, _Output] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", errors="replace")
        except OSError as error:
            raise UnavailableError(f"cannot write it: {error.strerror}", where=str(path)) from error
        self.path = path

    def __enter__(self) -> Self:
        """Open already."""
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """Nothing more comes."""
        self._flush()
        self._file.close()

    def line(self, text: str) -> None:
        """A line of soakctl's own."""
        self._write(self._own.line(text))

    def command(self, argv: Sequence[str], *, cwd: str, timeout_s: float) -> None:
        """What is run next."""
        self.line(f"$ {shlex.join(argv)}")
        self.line(f"  in {cwd}, for {show_seconds(round(timeout_s, 1))} at most")

    def ended(self, how: str, took_s: float) -> None:
        """How it ended."""
        self._flush()
        self.line(f"  {how}, after {show_seconds(round(took_s, 2))}")

    def feed(self, output: str, data: bytes) -> None:
        """Bytes of one of the outputs of a command."""
        if output not in self._outputs:
            self._outputs[output] = _Output(self._redactor)
        one = self._outputs[output]
        piece = one.splitter.feed(data, len(data))
        if piece.first is not None:
            self._put(output, one.shown_line(piece.first))
        block = bytes(piece.block[piece.start : piece.end])
        if 0 < len(block) <= CUT_BYTES:
            self._put(output, one.shown(block[:-1]))
        elif block:
            for line in block[:-1].split(b"\n"):
                self._put(output, one.shown_line(RawLine(line)))

    def _flush(self) -> None:
        for output, one in self._outputs.items():
            rest = one.splitter.finish()
            if rest is not None:
                self._put(output, one.shown_line(rest))
        self._outputs.clear()

    def _put(self, output: str, text: str) -> None:
        self.tail.extend(text.rsplit("\n", TAIL_LINES)[-TAIL_LINES:])
        before = f"{output} | "
        self._write(before + text.replace("\n", f"\n{before}"))

    def _write(self, text: str) -> None:
        try:
            self._file.write(f"{text}\n")
            self._file.flush()
        except OSError as error:
            raise UnavailableError(f"cannot write it: {error.strerror}", where=str(self.path)) from error
        if self._echo is not None:
            self._echo(text)
