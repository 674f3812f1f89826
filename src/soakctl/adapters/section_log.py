"""The log of a section: every line of its output, redacted on its way in, and the last ones kept for the screen."""

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


class LineRedactor(Protocol):
    """Redacts the lines of one stream."""

    def line(self, line: str) -> str:
        """The next line, redacted."""
        ...


class SectionLog:
    """A text file, line by line, as it happens. Raises UnavailableError where it cannot be written."""

    def __init__(
        self, path: Path, stream: Callable[[], LineRedactor], *, echo: Callable[[str], None] | None = None
    ) -> None:
        """`stream` makes a redactor for each output; `echo` is told each line, too."""
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._echo = echo
        self._stream = stream
        self._own = stream()
        self._outputs: dict[str, tuple[Splitter, LineRedactor]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", errors="replace", buffering=1)
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
            self._outputs[output] = Splitter(), self._stream()
        splitter, redactor = self._outputs[output]
        piece = splitter.feed(data, len(data))
        if piece.first is not None:
            self._put(output, redactor, piece.first)
        for text in bytes(piece.block[piece.start : piece.end]).split(b"\n")[:-1]:
            self._put(output, redactor, RawLine(text))

    def _flush(self) -> None:
        for output, (splitter, redactor) in self._outputs.items():
            rest = splitter.finish()
            if rest is not None:
                self._put(output, redactor, rest)
        self._outputs.clear()

    def _put(self, output: str, redactor: LineRedactor, raw: RawLine) -> None:
        text = redactor.line(without_escapes(raw.data.decode("utf-8", "replace")))
        if raw.size > CUT_BYTES:
            text = f"{text[:CUT_BYTES]} [cut: the line has {raw.size} bytes]"
        self.tail.append(text)
        self._write(f"{output} | {text}")

    def _write(self, text: str) -> None:
        try:
            self._file.write(f"{text}\n")
        except OSError as error:
            raise UnavailableError(f"cannot write it: {error.strerror}", where=str(self.path)) from error
        if self._echo is not None:
            self._echo(text)
