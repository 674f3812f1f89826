"""Copies of a followed log, made to truncate it: recognised by what is in them, so that no line is read twice."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from soakctl.adapters.tail_rotated import is_turn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from soakctl.adapters.tail_file import TailFile


def origin_of(path: str, fd: int, files: Collection[TailFile]) -> TailFile | None:
    """The followed file that an open one is a copy of, whole or as far as it is made; None for what is none."""
    lives = [file.path for file in files if file.path != path and is_turn(path, file.path)]
    return next((file for file in files if _is_copy(path, fd, file, lives)), None)


def is_still_part(copy: TailFile, origin: TailFile) -> bool:
    """Whether everything in the copy is in what it was made of, which is as it was."""
    size = copy.size
    return size <= origin.size and _begins_alike(copy.fd, size, origin.fd)


def settle(copy: TailFile, origin: TailFile) -> bool:
    """What the copy was made of is truncated or gone: take over where that was read to. Whether it is a copy at all.

    Only the first copy has news behind that place; others have the same.
    """
    copy.origin = None
    mark = origin.mark
    if not mark.offset or not _holds_what_was_read(copy.fd, copy.size, origin):
        copy.begin_anew()
        return False
    if origin.is_handed_over or copy.size < mark.offset:
        copy.skip()
    else:
        copy.take_over(origin)
    return True


def waiting_for(origin: TailFile, files: Iterable[TailFile]) -> list[TailFile]:
    """The copies of a file that are not read while it is there itself."""
    return [file for file in files if file.origin is origin]


def _is_copy(path: str, fd: int, file: TailFile, lives: list[str]) -> bool:
    if file.path == path or file.origin is not None:
        return False
    # A copy is made of the log, or of an older copy; worker-1.log and worker-2.log only look like that.
    is_kin = file.path in lives or any(path.startswith(live) and is_turn(file.path, live) for live in lives)
    size, mark = os.fstat(fd).st_size, file.mark
    if not is_kin:  # many logs begin alike
        return mark.is_telling and size >= mark.offset and mark.fits(fd)
    if mark.offset and size and _holds_what_was_read(fd, size, file):
        return True
    return size <= file.size and _begins_alike(fd, size, file.fd)


def _holds_what_was_read(fd: int, size: int, file: TailFile) -> bool:
    """Whether an open file holds what was read of another, or a part of it from the beginning on."""
    mark = file.mark
    if size >= mark.offset:
        return mark.fits(fd)
    return size > 0 and os.pread(fd, len(mark.head), 0) == mark.head[:size]


def _begins_alike(fd: int, size: int, other: int) -> bool:
    """Whether another file begins with what is in this one, as far as a look at both ends of it tells."""
    head, end = min(size, 1_024), max(0, size - 64)
    return os.pread(fd, head, 0) == os.pread(other, head, 0) and os.pread(fd, size - end, end) == os.pread(
        other, size - end, end
    )
