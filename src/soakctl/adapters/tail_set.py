"""The log files that are followed at the moment: found, taken up, read on, and let go of once rotated away."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from soakctl.adapters.tail_copies import is_still_part, origin_of, settle, waiting_for
from soakctl.adapters.tail_file import OPEN_FLAGS, Identity, Mark, TailFile, identity_of
from soakctl.adapters.tail_rotated import Rotated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from soakctl.adapters.tail_file import Feed

    # Where to go on in a file, given by its path, what it is, and a descriptor of it; None for one that is new.
    Recall = Callable[[str, Identity, int], Mark | None]

# A file that lost its name to another is followed until it was quiet for so many polls; one whose name is simply gone
# for longer, because its writer may still hold it and nobody else does.
_QUIET_POLLS = 20
_QUIET_POLLS_NAMELESS = 2_400
_LOOKS_AGAIN = 2


class Paths(Protocol):
    """Which files are meant at the moment, as `TailPaths` tells."""

    @property
    def plain(self) -> tuple[str, ...]:
        """Names beside which a file may be that was born and rotated between two looks."""
        ...

    def shown(self, path: str) -> str:
        """The path as people know it."""
        ...

    def listed(self) -> Iterator[tuple[str, os.stat_result | OSError]]:
        """What is there now: its status, or why it cannot be looked at."""
        ...


class TailSet:
    """Files by what they are (device and inode), whatever their names are just now."""

    def __init__(
        self, paths: Paths, *, reader: Callable[[str], Feed], say: Callable[[str], None], max_open: int
    ) -> None:
        """`reader` makes one for a path; `say` takes notes for people. More than `max_open` are not held open."""
        self._paths = paths
        self._reader = reader
        self._say = say
        self._max_open = max_open
        self._files: dict[Identity, TailFile] = {}
        self._closed: dict[Identity, Mark] = {}  # known, and not held open
        self._names: dict[str, Identity] = {}
        self._complained: set[str] = set()
        self._rotated = Rotated()
        self._marks: Mapping[Identity, Mark] = {}
        self._recall: Recall | None = None
        self._began = False

    def begin(self, marks: Mapping[Identity, Mark] | None = None, *, recall: Recall | None = None) -> None:
        """What is in the files now is not looked at, but for what lies behind these marks.

        With `recall` that is asked of each file when it is first seen; one that it does not know is read whole.
        """
        self._marks = marks or {}
        self._recall = recall
        self._list()
        for path in self._paths.plain:
            self._rotated.began(path)
        self._rotated.look()
        self._began = True

    def poll(self, at: float) -> bool:
        """Read what is there. Whether anything was new."""
        self._rotated.look()
        names = dict(self._names)
        listed = self._list()
        for _ in range(_LOOKS_AGAIN):  # what was renamed between two names being looked at was not seen
            if self._files.keys() <= listed.keys() and self._closed.keys() <= listed.keys():
                break
            listed = {**listed, **self._list()}
        self._find_rotated(names, listed)
        grew = False
        for identity, file in self._in_order(listed):
            if identity not in self._files:
                continue
            try:
                self._read(file, listed.get(identity), at)
            except OSError as error:
                self._complain(file.path, error)
                self._let_go(identity, at)
                self._closed[identity] = file.mark
                continue
            grew = grew or file.quiet == 0
            if identity not in listed and file.quiet >= self._patience(file):
                self._let_go(identity, at)
        self._closed = {identity: mark for identity, mark in self._closed.items() if identity in listed}
        return grew

    def finish(self, at: float) -> None:
        """What is left of each file is its last line."""
        for file in self._files.values():
            file.finish(at)

    def places(self) -> dict[Identity, tuple[TailFile | None, Mark]]:
        """Each file that is known, with how far it was read; None for those that are not held open.

        A copy of one that is there itself is as good as unknown: where it matters is where that one is left.
        """
        held: dict[Identity, tuple[TailFile | None, Mark]] = {
            each: (file, file.mark) for each, file in self._files.items() if file.origin is None
        }
        return {**{each: (None, mark) for each, mark in self._closed.items()}, **held}

    def close(self) -> None:
        """Let go of all files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _list(self) -> dict[Identity, os.stat_result]:
        """What the paths mean now; what is new among it is taken up."""
        listed: dict[Identity, os.stat_result] = {}
        for path, status in self._paths.listed():
            if isinstance(status, OSError):
                self._complain(path, status)
                continue
            identity = identity_of(status)
            if identity in self._files:
                self._files[identity].path = path
            elif identity not in listed:
                self._take_up(path, identity, status)
            listed[identity] = status
            self._names[path] = identity
        return listed

    def _find_rotated(self, before: Mapping[str, Identity], listed: Mapping[Identity, os.stat_result]) -> None:
        """What was born and rotated since the last look has never had its own name then."""
        now = {self._files[identity].path: identity for identity in listed if identity in self._files}
        for path in self._paths.plain:
            changed = self._rotated.has_changed(path)
            if not changed or (path in now and now[path] == before.get(path)):
                continue
            self._find_beside(path)

    def _find_beside(self, path: str) -> None:
        for beside, status in self._rotated.fresh(path) if path in self._paths.plain else ():
            identity = identity_of(status)
            if identity not in self._files and identity not in self._closed:
                self._take_up(beside, identity, status)

    def _take_up(self, path: str, identity: Identity, status: os.stat_result) -> None:
        mark = self._closed.get(identity)
        if mark is None and not self._began and self._recall is None:
            mark = self._closed[identity] = self._marks.get(identity, Mark(status.st_size))
            if len(self._files) >= self._max_open:
                return
        elif mark is not None and mark.offset == status.st_size:
            return
        try:
            fd = os.open(path, OPEN_FLAGS)
        except OSError as error:
            self._complain(path, error)
            return
        if identity_of(os.fstat(fd)) != identity:
            os.close(fd)  # renamed since it was listed: the next look finds it by its new name
            return
        if mark is None and self._recall is not None:
            mark = self._recall(path, identity, fd)
        origin = None
        if mark is None:
            mark = Mark(0)
            origin = origin_of(path, fd, self._files.values())
            if origin is None:
                self._say_new(path, identity)
        elif not self._began:
            mark = Mark.of(fd, mark.offset)
        self._closed.pop(identity, None)
        self._make_room()
        self._files[identity] = TailFile(path, fd, mark, self._reader(path))
        self._files[identity].origin = origin

    def _say_new(self, path: str, identity: Identity) -> None:
        rotated = self._names.get(path, identity) != identity
        self._say(f"{self._paths.shown(path)} {'was rotated' if rotated else 'appeared'}")

    def _make_room(self) -> None:
        if len(self._files) >= self._max_open:
            identity = max(self._files, key=lambda each: self._files[each].quiet)
            file = self._drop(identity)
            self._closed[identity] = file.mark
            file.close()

    def _in_order(self, listed: Mapping[Identity, os.stat_result]) -> list[tuple[Identity, TailFile]]:
        """Older ones first: those without a name, then as they were listed."""
        places = {identity: place for place, identity in enumerate(listed)}
        return sorted(self._files.items(), key=lambda item: places.get(item[0], -1))

    def _read(self, file: TailFile, listed: os.stat_result | None, at: float) -> None:
        if file.origin is None and not file.mark.offset and file.size:  # an empty one may have been copied over
            file.origin = origin_of(file.path, file.fd, self._files.values())
        if file.origin is not None and self._waits(file, file.origin, at):
            return
        same = file.read_on(at)
        if listed is not None and file.is_behind(listed):
            file.reopen()
            same = file.read_on(at) and same
        if not same:
            self._changed(file, at)

    def _waits(self, copy: TailFile, origin: TailFile, at: float) -> bool:
        """Whether a copy is still to be left alone: all of it is in a file that is there itself."""
        is_part = is_still_part(copy, origin)
        if not origin.is_as_it_was():
            self._settle(copy, origin, at)
            return True
        copy.quiet += 1
        if not is_part:
            copy.origin = None
            self._say(f"{self._paths.shown(copy.path)} appeared")
        return is_part

    def _settle(self, copy: TailFile, origin: TailFile, at: float) -> None:
        """Read what a copy has more than was read of the file that it was made of."""
        is_copy = settle(copy, origin)
        copy.read_on(at)
        if is_copy:
            copy.finish(at)
        else:
            self._say(f"{self._paths.shown(copy.path)} appeared")

    def _changed(self, file: TailFile, at: float) -> None:
        """A file is not what it was. If it was copied before, the copy is there by now."""
        known = set(self._files)
        self._list()
        self._find_beside(file.path)
        for copy in waiting_for(file, self._files.values()):
            self._settle(copy, file, at)
        for identity in [each for each in self._files if each not in known]:  # made of what nobody has seen
            new = self._files[identity]
            if new.origin is None or not self._waits(new, new.origin, at):
                new.read_on(at)
        origin = origin_of(file.path, file.fd, self._files.values())
        if origin is not None:  # a copy that was made over an older one
            file.finish(at)
            file.begin_anew()
            file.origin = origin
            if self._waits(file, origin, at):
                return
        file.read_anew(at)
        self._say(f"{self._paths.shown(file.path)} was truncated or overwritten, and read from its beginning")

    def _patience(self, file: TailFile) -> int:
        return _QUIET_POLLS if os.path.lexists(file.path) else _QUIET_POLLS_NAMELESS

    def _let_go(self, identity: Identity, at: float) -> None:
        file = self._drop(identity)
        file.finish(at)
        file.close()

    def _drop(self, identity: Identity) -> TailFile:
        file = self._files.pop(identity)
        self._rotated.let_go(identity, file.mark)
        for copy in waiting_for(file, self._files.values()):
            settle(copy, file)
        if file.origin is not None:
            file.skip()
        return file

    def _complain(self, path: str, error: OSError) -> None:
        if path not in self._complained:
            self._complained.add(path)
            self._say(f"{self._paths.shown(path)} is not followed: {error.strerror}")
