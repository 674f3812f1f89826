"""The texts of the files in /proc."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.procfs import parse_rollup, parse_stat

FIELDS = b"S 7 7 7 0 -1 4194560 1 2 3 4 11 22 33 44 20 0 5 0 777 8888 99 1\n"


@pytest.mark.parametrize(
    "name",
    [
        b"nginx",
        b"nginx: worker process",
        b"a) R 1 1 (b",
        b"))))",
        b"((((",
        b"",
        b"two\nlines",
        b"caf\xe9 \xff",
        b") Z 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    ],
)
def test_any_name(name: bytes) -> None:
    """A process may call itself anything without misleading what is read after its name."""
    stat = parse_stat(b"42 (%s) " % name + FIELDS)
    assert tuple(stat) == (b"S", 7, 33, 77, 5, 777)


@given(st.binary(max_size=64).map(lambda name: name.replace(b"\0", b"")), st.integers(0, 2**64 - 1))
def test_any_name_and_any_number(name: bytes, number: int) -> None:
    """Names of any bytes and numbers of 64 bits are read back."""
    text = b"1 (%s) R 4 1 1 0 -1 0 0 0 0 0 %d %d 0 0 20 0 1 0 %d 0 0" % (name, number, number, number)
    assert tuple(parse_stat(text)) == (b"R", 4, 2 * number, 0, 1, number)


@given(st.binary(max_size=200))
def test_garbage(data: bytes) -> None:
    """What is no stat file is refused with ValueError, never with another error."""
    for parse in (parse_stat, parse_rollup):
        try:
            parse(data)
        except ValueError:
            continue


def test_unique_and_fair_share() -> None:
    """USS is all that is private, large pages included."""
    lines = (b"1-2 [rollup]", b"Rss: 90 kB", b"Pss: 50 kB", b"Pss_Dirty: 9 kB", b"Private_Clean: 1 kB")
    more = (b"Private_Dirty: 2 kB", b"Private_Hugetlb: 4 kB")
    assert parse_rollup(b"\n".join(lines + more)) == (7 * 1024, 50 * 1024)
