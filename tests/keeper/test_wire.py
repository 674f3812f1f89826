"""The language between soakctl and the keeper."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.keeper.wire import NO_FD, LineReader, Order, pack, receive

_words = st.binary(max_size=50).filter(lambda word: b"\0" not in word)
_names = _words.filter(lambda name: name != b"" and b"=" not in name)


def _order(argv: list[bytes], env: dict[bytes, bytes] | None = None, grace_s: float = 1.5) -> Order:
    return Order(
        argv=argv,
        cwd=b"/tmp",
        env=env or {},
        stop_signal=15,
        grace_s=grace_s,
        writers=(5, 6),
        readers=(7, 8),
        lock=NO_FD,
    )


def _send(data: bytes) -> Order | None:
    """Through a real pipe, written by someone else, as an order can be larger than a pipe."""
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as file:
            file.write(data)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        return receive(reader)
    finally:
        os.close(reader)
        thread.join()


@given(
    argv=st.lists(_words, min_size=1, max_size=5),
    env=st.dictionaries(_names, _words, max_size=5),
    grace_s=st.floats(min_value=0, allow_nan=False),
)
def test_an_order_arrives_as_it_was_sent(argv: list[bytes], env: dict[bytes, bytes], grace_s: float) -> None:
    """Any bytes that exec can pass on survive the way."""
    order = _send(pack(_order(argv, env, grace_s)))
    assert order is not None
    assert (order.argv, order.env, order.grace_s) == (argv, env, grace_s)
    assert (order.cwd, order.stop_signal, order.descriptors()) == (b"/tmp", 15, [5, 6, 7, 8])


def test_an_order_larger_than_a_pipe_arrives() -> None:
    """An environment of megabytes is read in parts."""
    order = _send(pack(_order([b"x"], {b"BIG": b"v" * 3_000_000})))
    assert order is not None
    assert len(order.env[b"BIG"]) == 3_000_000


@pytest.mark.parametrize("kept", [0, 3, 4, 20])
def test_an_order_cut_short_is_none(kept: int) -> None:
    """A soakctl that dies in the middle of it has ordered nothing."""
    assert _send(pack(_order([b"sleep", b"100"]))[:kept]) is None


def test_a_nul_byte_is_refused() -> None:
    """It would be read as the end of a field, and exec could not pass it on either."""
    with pytest.raises(ValueError, match="NUL"):
        pack(_order([b"a\0b"]))


def test_lines_are_whole_however_they_were_cut() -> None:
    """A line that came in two parts is one line; the end of the file is None."""
    reader, writer = os.pipe()
    lines = LineReader(reader)
    os.write(writer, b"started 1")
    assert lines.read() == []
    os.write(writer, b"2 3.5\nexited 0\nrun")
    assert lines.read() == [b"started 12 3.5", b"exited 0"]
    os.close(writer)
    assert lines.read() is None
    os.close(reader)
