"""Reads packed files in constant memory; of a damaged one, everything that can be unpacked."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from soakctl.errors import DependencyError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

PACKED = (".gz", ".zst", ".bz2", ".xz")
_CHUNK = 64 * 1024
_MOST = 256 * 1024  # unpacked at once: a small file may hold very much


class Decompressor(Protocol):
    """Of one member of a file, as those of bz2 and lzma."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing more can be unpacked of what was given."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What was given of what lies behind the member."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Unpack."""
        ...


class _Gzip:
    """zlib's, with the manners of the others."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def needs_input(self) -> bool:
        return not self._object.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._object.decompress(self._object.unconsumed_tail + data, max(max_length, 0))

    def flush(self) -> bytes:
        return self._object.flush()


class _Packing(NamedTuple):
    """How to unpack a member, and what is raised where it is damaged."""

    begin: Callable[[], Decompressor]
    damage: tuple[type[Exception], ...]


class Unpacked:
    """What a packed file holds.

    Attributes:
        trouble: why its end could not be read, or "".
    """

    def __init__(self, path: str) -> None:
        """Raises OSError, and DependencyError where a library is missing."""
        self.trouble = ""
        self._packing = _packing(path)
        self._file = io.FileIO(path)
        self._pieces = self._unpack()
        self._piece = memoryview(b"")
        self._fed = self._next = 0

    def readinto(self, buffer: memoryview, /) -> int:
        """What comes next; 0 at the end. Raises OSError where the file itself cannot be read."""
        if not self._piece:
            self._piece = memoryview(next(self._pieces, b""))
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def close(self) -> None:
        """Let go of the file."""
        self._pieces.close()
        self._file.close()

    def _unpack(self) -> Generator[bytes, None, None]:
        start = self._behind_padding(0)
        while start is not None:
            given = 0
            try:
                for piece in self._member(start):
                    given += len(piece)
                    yield piece
            except EOFError as error:
                self.trouble = str(error)
                return
            except self._packing.damage as error:
                self.trouble = str(error) if given or not start else f"something else lies behind byte {start} of it"
                yield from self._salvaged(start, given)
                return
            start = self._behind_padding(self._next)

    def _member(self, start: int, *, fine_from: int | None = None) -> Iterator[bytes]:
        """Unpack the member that begins at `start`; byte by byte from `fine_from` on."""
        found = self._packing.begin()
        self._file.seek(at := start)
        while not found.eof:
            data = b""
            if found.needs_input:
                self._fed = at
                size = _CHUNK if fine_from is None else max(1, min(_CHUNK, fine_from - at))
                data = self._file.read(size)
                at += len(data)
                if not data:
                    last = found.flush() if isinstance(found, _Gzip) else b""
                    if last:
                        yield last
                    message = "it is cut short"
                    raise EOFError(message)
            piece = found.decompress(data, _MOST)
            if piece:
                yield piece
        self._next = at - len(found.unused_data)

    def _salvaged(self, start: int, given: int) -> Iterator[bytes]:
        """What was unpacked of the chunk with the damage, which no call gives: only what lies before it is fed."""
        try:
            for piece in self._member(start, fine_from=self._fed):
                if given < len(piece):
                    yield piece[given:]
                given = max(0, given - len(piece))
        except self._packing.damage:
            return  # told already

    def _behind_padding(self, at: int) -> int | None:
        """Where the next member begins; None at the end. Zeros between members are allowed."""
        self._file.seek(at)
        while data := self._file.read(_CHUNK):
            rest = data.lstrip(b"\0")
            if rest:
                return at + len(data) - len(rest)
            at += len(data)
        return None


def _packing(path: str) -> _Packing:
    if path.endswith(".gz"):
        return _Packing(_Gzip, (zlib.error,))
    if path.endswith(".bz2"):
        import bz2  # noqa: PLC0415 - few logs are packed

        return _Packing(bz2.BZ2Decompressor, (OSError, ValueError))
    if path.endswith(".xz"):
        import lzma  # noqa: PLC0415 - as bz2

        return _Packing(lzma.LZMADecompressor, (lzma.LZMAError,))
    return _zst(path)


def _zst(path: str) -> _Packing:
    import importlib  # noqa: PLC0415 - as bz2

    for module in ("compression.zstd", "backports.zstd"):  # Python 3.14 has it
        try:
            found = importlib.import_module(module)
        except ImportError:
            continue
        return _Packing(found.ZstdDecompressor, (found.ZstdError,))
    message = "reading .zst needs a library that is not installed"
    raise DependencyError(message, hint="Install it with `pip install 'soakctl[zstd]'`.", where=path)
