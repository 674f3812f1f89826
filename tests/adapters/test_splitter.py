"""Bytes become the same lines however they were chunked."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.splitter import CUT_BYTES, OVERLAP_BYTES, RawLine, Splitter

_BLOCK = 65_536


def _lines(chunks: list[bytes]) -> list[bytes]:
    splitter = Splitter()
    lines = []
    for chunk in chunks:
        piece = splitter.feed(bytearray(chunk + b"\nstale\r"), len(chunk))
        if piece.first is not None:
            assert piece.first.beyond == 0
            lines.append(piece.first.data)
        lines += bytes(piece.block[piece.start : piece.end]).split(b"\n")[:-1]
    last = splitter.finish()
    return lines if last is None else [*lines, last.data]


def _chunked(data: bytes, places: list[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(ends)]


@given(
    st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b"bc", b"\xff", b"\xe2\x82", b"\xac", b"\0"]), max_size=30),
    st.lists(st.integers(0, 100), max_size=8),
)
def test_any_chunking_gives_the_same_lines(pieces: list[bytes], places: list[int]) -> None:
    """A line ends at newline, carriage return or both, and a last one without an end counts."""
    data = b"".join(pieces)
    expected = re.split(rb"\r\n|\r|\n", data)
    assert _lines(_chunked(data, places)) == (expected if expected[-1] else expected[:-1])


def test_a_block_without_an_end_is_kept() -> None:
    """What has begun is there to be looked at before it ends."""
    splitter = Splitter()
    splitter.feed(b"one\nPass", 8)
    splitter.feed(b"word: ", 6)
    assert splitter.has_open_line
    assert splitter.open_line == b"Password: "
    assert splitter.feed(b"x\n", 2).first == RawLine(b"Password: x")
    assert not splitter.has_open_line


@pytest.mark.parametrize("blocks", [1, 3, 200])
def test_an_endless_line_takes_constant_memory(blocks: int) -> None:
    """Up to the cut and the overlap is kept of a line, the rest only counted."""
    splitter = Splitter()
    for _ in range(blocks):
        splitter.feed(b"x" * _BLOCK, _BLOCK)
    total = blocks * _BLOCK
    kept = min(total, CUT_BYTES + OVERLAP_BYTES)
    assert splitter.open_line == b"x" * kept
    assert splitter.feed(b"\nnext\n", 6).first == RawLine(b"x" * kept, total - kept)
    assert splitter.finish() is None
