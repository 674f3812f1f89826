"""Bytes of a followed file come out as whole lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.logs.feed import LineFeed
from soakctl.services.logs.shown import CUT_BYTES, OVERLAP_BYTES

if TYPE_CHECKING:
    from soakctl.domain.logs.block import Block


def test_a_line_is_whole_up_to_more_than_is_shown() -> None:
    """However it is fed; then the rest of it is counted, and the next line is whole again."""
    lines: list[tuple[int, int]] = []

    def take(block: Block) -> None:
        lines.append((block.end - block.start - 1, block.beyond))

    feed = LineFeed(take)
    for size in (CUT_BYTES + OVERLAP_BYTES, 400_000, 3):
        data = b"x" * size + b"\n"
        for at in range(0, len(data), 50_000):
            feed.feed(data[at : at + 50_000], len(data[at : at + 50_000]), 0.0)
    assert lines[0] == (CUT_BYTES + OVERLAP_BYTES, 0)
    assert lines[1][0] > CUT_BYTES + OVERLAP_BYTES
    assert lines[-1] == (3, 0)


def test_what_comes_before_is_only_looked_back_at() -> None:
    """It is there, and not taken as new."""
    seen: list[tuple[bytes, bytes]] = []

    def take(block: Block) -> None:
        before, new = block.data[block.floor : block.start], block.data[block.start : block.end]
        seen.append((bytes(before), bytes(new)))

    feed = LineFeed(take, lead=4)
    feed.feed(b"a\n", 2, 0.0)
    feed.feed(b"b\nc\nd", 5, 0.0)
    feed.finish(0.0)
    assert seen == [(b"a\nb\n", b"c\n"), (b"a\nb\nc\n", b"d\n")]
