"""The last lines are the last lines, however they come and however few are held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soakctl.services.logs.flow import behind, last_of
from soakctl.services.logs.piece import Piece

_PIECES = st.lists(st.lists(st.sampled_from(["", "a", "bc" * 40, "x" * 3_000]), max_size=6), max_size=8)


def _pieces(texts: list[list[str]]) -> list[Piece]:
    return [Piece("log", "".join(line + "\n" for line in lines).encode(), apart=True) for lines in texts]


@given(_PIECES, st.integers(0, 30), st.booleans(), st.sampled_from([0, 3_000, 10**9]))
def test_the_last_lines(texts: list[list[str]], wanted: int, again: bool, most: int) -> None:
    """Of all pieces, also where they are read twice because they are too much to be held."""
    reads: list[int] = []

    def read() -> list[Piece]:
        reads.append(1)
        return _pieces(texts)

    shown = list(last_of(read, wanted, again=again, most_bytes=most))
    lines = [line for each in texts for line in each]
    assert b"".join(piece.data for piece in shown).decode().split("\n")[:-1] == lines[max(0, len(lines) - wanted) :]
    assert len(reads) == 1 or again


@given(_PIECES, st.integers(-3, 30), st.integers(1, 9))
def test_behind(texts: list[list[str]], skipped: int, most: int) -> None:
    """What grew meanwhile is not shown."""
    lines = [line for each in texts for line in each][max(0, skipped) :][:most]
    shown = b"".join(piece.data for piece in behind(_pieces(texts), skipped, most))
    assert shown.decode().split("\n")[:-1] == lines
