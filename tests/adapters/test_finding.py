"""Counting lines in a part of a buffer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.finding import count_lines

if TYPE_CHECKING:
    import pytest


@given(
    lines=st.lists(st.integers(0, 3000), min_size=1, max_size=12),
    start=st.integers(0, 50),
    kind=st.sampled_from([bytes, bytearray]),
)
def test_numpy_counts_what_python_counts(lines: list[int], start: int, kind: type[bytes | bytearray]) -> None:
    """Whatever the length of lines, and wherever the part begins and ends."""
    assert np.__name__ in sys.modules
    data = kind(b"\n".join(b"x" * size for size in lines) + b"\n" * 60)
    end = len(data) - 5
    assert count_lines(data, start, end) == data.count(b"\n", start, end)


def test_without_numpy_lines_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody loads it for this; one that is being loaded lacks its functions still."""
    data = b"line\n" * 5_000
    for module in (None, type(sys)("numpy")):
        monkeypatch.setitem(sys.modules, "numpy", module)
        assert count_lines(data, 0, len(data)) == 5_000
