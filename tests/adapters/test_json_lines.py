"""Files of JSON lines that are read while they grow."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.json_lines import Faults, blocks, open_file, pieces, rows
from soakctl.errors import NoDataError

if TYPE_CHECKING:
    from pathlib import Path


class Growing(io.BytesIO):
    """A file whose writer goes on each time that its end has been reached."""

    def __init__(self, *parts: bytes) -> None:
        """The first part is there from the start; one more comes at each line."""
        super().__init__(parts[0])
        self.parts = list(parts[1:])

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line, behind which the writer goes on."""
        line = super().readline(size)
        if self.parts:
            place = self.tell()
            self.seek(0, io.SEEK_END)
            self.write(self.parts.pop(0))
            self.seek(place)
        return line


def test_a_line_that_is_being_written_ends_the_reading() -> None:
    """The rest of it, which comes while the file is read, is not taken for a line of its own."""
    assert list(pieces(Growing(b'{"a": 1}\n{"a', b'": 2}\n{"a": 3}\n'))) == [b'{"a": 1}\n{"a']


def test_what_is_written_behind_a_whole_line_is_read() -> None:
    """As far as the file goes by then."""
    assert b"".join(pieces(Growing(b'{"a": 1}\n', b'{"a": 2}\n', b'{"a": 3}\n'))) == b'{"a": 1}\n{"a": 2}\n{"a": 3}\n'


def test_a_line_longer_than_a_block_is_one_line(tmp_path: Path) -> None:
    """Blocks end where lines do."""
    long = b'{"a": "' + b"x" * 700_000 + b'"}\n'
    (tmp_path / "file").write_bytes(b"{}\n" + long + b"{}\n" * 100)
    problems: list[str] = []
    faults = Faults("file")
    found = list(rows(tmp_path / "file", problems, faults, required=True))
    assert [number for number, _ in found] == list(range(1, 103))
    assert (len((found[1][1] or {})["a"]), problems, faults.told()) == (700_000, [], [])
    assert all(block.endswith(b"\n") for block in blocks(tmp_path / "file", problems, required=True))


def test_a_torn_line_alone_is_no_line(tmp_path: Path) -> None:
    """Nothing is read, and that is said."""
    (tmp_path / "file").write_bytes(b'{"a": ')
    problems: list[str] = []
    assert not list(blocks(tmp_path / "file", problems, required=True))
    assert problems == ["the last line of file is torn and was left out"]


def test_many_damaged_lines_are_one_problem() -> None:
    """How many and where the first is; a single one keeps its words, and each kind of fault is told."""
    faults = Faults("file")
    for number in range(7, 1207):
        faults.add(number, " is torn", " are torn")
    faults.add(9, ": 4 is missing", " do not follow")
    assert faults.told() == ["1,200 lines of file are torn (first: line 7)", "file line 9: 4 is missing"]


@pytest.mark.parametrize("kind", ["directory", "pipe", "device"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    """A pipe without a writer is not waited for, a device not read without an end."""
    path = tmp_path / "resources.jsonl"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(NoDataError, match=r"^resources\.jsonl cannot be read: ") as told:
        open_file(path)
    assert told.value.where == str(path)
