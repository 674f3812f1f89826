"""Whatever is read comes out as whole lines."""

from __future__ import annotations

import io
from random import Random
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.logs.blocks import Blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soakctl.domain.logs.block import Block


class Drops:
    """A file that is read in small pieces of random size."""

    def __init__(self, data: bytes, random: Random) -> None:
        """Holds `data`."""
        self._data = io.BytesIO(data)
        self._random = random

    def readinto(self, buffer: memoryview, /) -> int:
        """Some of what is left."""
        return self._data.readinto(buffer[: self._random.randint(1, max(1, min(len(buffer), 40)))])


def lines_of(blocks: Iterable[Block]) -> list[tuple[bytes, int]]:
    """Each line, and how many bytes of it were left out; what can be looked back at is checked on the way."""
    found: list[tuple[bytes, int]] = []
    for block in blocks:
        text = bytes(block.data[block.start : block.end])
        assert text.endswith(b"\n")
        back = bytes(block.data[block.floor : block.start])
        assert b"".join(line + b"\n" for line, _ in found).endswith(back)
        found += [(line, 0) for line in text[:-1].split(b"\n")]
        found[-1] = (found[-1][0], block.beyond)
    return found


@pytest.mark.parametrize("seed", range(300))
def test_lines_come_whole_however_they_are_read(seed: int) -> None:
    """The same lines as `split` gives, and of one that is too long the beginning and the size of the rest."""
    random = Random(seed)
    sizes = [
        random.choice([0, 1, 3, 10, 30, 200 if random.random() < 0.1 else 5]) for _ in range(random.randint(0, 30))
    ]
    data = b"\n".join(bytes(random.choices(b"abc", k=size)) for size in sizes)
    size = random.choice([8, 16, 64])
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    found = lines_of(Blocks(Drops(data, random), block_bytes=size))
    assert [len(line) + beyond for line, beyond in found] == [len(line) for line in expected]
    for (line, beyond), whole in zip(found, expected, strict=True):
        assert whole.startswith(line)
        assert not beyond or len(line) == size


class Endless:
    """One line without end, until it ends."""

    def __init__(self, size: int) -> None:
        """Of `size` bytes."""
        self._left = size

    def readinto(self, buffer: memoryview, /) -> int:
        """More of it."""
        count = min(len(buffer), self._left)
        self._left -= count
        return count


def test_an_endless_line_takes_constant_memory() -> None:
    """Its beginning is kept and the rest counted."""
    blocks = list(Blocks(Endless(50_000_000), block_bytes=65_536))
    assert len(blocks) == 1
    assert blocks[0].end - blocks[0].start == 65_537
    assert blocks[0].beyond == 50_000_000 - 65_536
    assert len(blocks[0].data) < 500_000
