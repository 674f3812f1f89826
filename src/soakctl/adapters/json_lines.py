"""Files of JSON lines that only grow, read in blocks of whole lines; a torn last line is left out and said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Large enough that the work on a block outweighs the way to it, small enough to lie in a cache with what is made of it.
_BLOCK_BYTES = 256 * 1024


def blocks(path: Path, problems: list[str], *, required: bool) -> Iterator[bytes]:
    """Whole lines, many at a time. Raises NoDataError where there is no file and it is `required`."""
    try:
        stream = path.open("rb")
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


def rows(path: Path, problems: list[str], *, required: bool) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The lines with their numbers; None for one that is damaged, which has been said."""
    number = 0
    for block in blocks(path, problems, required=required):
        for line in lines_of(block):
            number += 1
            yield number, row_of(line, f"{path.name} line {number}", problems)


def lines_of(block: bytes) -> list[bytes]:
    """The lines of a block, without their ends."""
    return block.removesuffix(b"\n").split(b"\n")


def row_of(line: bytes, where: str, problems: list[str]) -> dict[str, Any] | None:
    """The object of a line; None when it holds none, which is said."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if isinstance(row, dict):
        return row
    problems.append(f"{where} is damaged and was left out")
    return None
