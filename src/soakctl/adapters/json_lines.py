"""Files of JSON lines that only grow, read in blocks of whole lines; a torn last line is left out and said."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO

from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Large enough that the work on a block outweighs the way to it, small enough to lie in a cache with what is made of it.
_BLOCK_BYTES = 256 * 1024


class Faults:
    """What is wrong with lines of a file, gathered: many lines with the same fault are one problem, not many."""

    def __init__(self, name: str) -> None:
        """`name` is that of the file."""
        self._name = name
        self._found: dict[str, tuple[int, int, str]] = {}

    def add(self, number: int, one: str, many: str) -> None:
        """Line `number` has a fault: what to say behind its number, and of several lines with the like."""
        count, first, said = self._found.get(many, (0, number, one))
        self._found[many] = count + 1, first, said

    def told(self) -> list[str]:
        """A problem for each kind of fault, in the order in which they were met first."""
        return [
            f"{self._name} line {first}{one}"
            if count == 1
            else f"{count:,} lines of {self._name}{many} (first: line {first})"
            for many, (count, first, one) in self._found.items()
        ]


def open_file(path: Path) -> BinaryIO:
    """Open a file to read. Raises NoDataError for what is none (a pipe would never end) or cannot be read.

    FileNotFoundError is left to the caller.
    """
    try:
        # A pipe that nobody writes to would hold up the opening for ever.
        stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except FileNotFoundError:
        raise
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}"
        raise NoDataError(message, where=str(path)) from error
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        message = f"{path.name} cannot be read: it is a pipe or a device, not a file"
        raise NoDataError(message, where=str(path))
    return stream


def blocks(path: Path, problems: list[str], *, required: bool) -> Iterator[bytes]:
    """Whole lines, many at a time. Raises NoDataError where there is no file and it is `required`."""
    try:
        stream = open_file(path)
    except FileNotFoundError:
        if required:
            message = f"the run has no {path.name}"
            raise NoDataError(message, where=str(path)) from None
        problems.append(f"{path.name} is missing")
        return
    with stream:
        for block in pieces(stream):
            whole = block.rfind(b"\n") + 1
            if whole:
                yield block[:whole]
            if whole < len(block):
                problems.append(f"the last line of {path.name} is torn and was left out")


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """All that is left of a file, in blocks that end where a line does, or at a last line that is torn."""
    whole = True
    while whole and (block := stream.read(_BLOCK_BYTES)):
        block += stream.readline()
        whole = block.endswith(b"\n")  # what is written behind a torn line while it is read is the rest of it
        yield block


def rows(
    path: Path, problems: list[str], faults: Faults, *, required: bool
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The lines with their numbers; None for one that is damaged, which is among the faults."""
    number = 0
    for block in blocks(path, problems, required=required):
        for line in lines_of(block):
            number += 1
            yield number, row_of(line, number, faults)


def lines_of(block: bytes) -> list[bytes]:
    """The lines of a block, without their ends."""
    return block.removesuffix(b"\n").split(b"\n")


def row_of(line: bytes, number: int, faults: Faults) -> dict[str, Any] | None:
    """The object of a line; None when it holds none, which is among the faults."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if isinstance(row, dict):
        return row
    faults.add(number, " is damaged and was left out", " are damaged and were left out")
    return None
