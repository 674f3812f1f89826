"""Pipes are read to their end, whatever is written into them and however fast."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.line_reader import BYTES_PER_S
from soakctl.adapters.pump import StreamPump
from soakctl.adapters.service_log import ServiceLog
from soakctl.adapters.splitter import CUT_BYTES
from soakctl.domain.line import HitKind
from soakctl.domain.watch import Found, LineWatch
from tests.support.lines import Heard, watch_for, watch_for_numbers
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WATCH = watch_for_numbers()


@contextmanager
def _pumped(
    heard: Heard,
    *,
    watch: LineWatch = _WATCH,
    sink: ServiceLog | None = None,
    budget_bytes_per_s: float = BYTES_PER_S,
) -> Iterator[tuple[int, StreamPump]]:
    """A pump on a pipe, and the end to write to, which is closed when the block ends without it being closed."""
    reading, writing = os.pipe()
    pump = StreamPump(
        reading,
        "out",
        watch=watch,
        emit=heard,
        now=time.monotonic,
        sink=sink,
        budget_bytes_per_s=budget_bytes_per_s,
    )
    pump.start()
    try:
        yield writing, pump
    finally:
        os.close(writing)
        assert pump.join(20)
        os.close(reading)


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def test_every_line_is_read_to_the_end() -> None:
    """Lines come in order with their numbers, the last without a newline; nothing is lost at the end of the pipe."""
    heard = Heard()
    with _pumped(heard) as (fd, pump):
        for number in range(1, 4):
            _write(fd, b"number=%d\r\n" % number)
        _write(fd, b"number=4")
    assert heard.texts == ["number=1", "number=2", "number=3", "number=4"]
    assert [(hit.kind, hit.fields["n"], hit.line.seq) for hit in heard.hits] == [
        (HitKind.CHECKPOINT, str(number), number) for number in range(1, 5)
    ]
    assert {line.stream for line in heard.tail} == {"out"}
    assert pump.fault is None


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="Linux alone can make a pipe larger")
def test_a_writer_that_fills_the_pipe_is_not_kept_waiting() -> None:
    """While more than half of the pipe waits, some lines are not looked at, and all are counted."""
    heard = Heard()
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 1 << 20)
    data = b"".join(b"number=%09d\n" % number for number in range(50_000))
    _write(writing, data)
    os.close(writing)
    pump = StreamPump(  # with enough saved for all of it
        reading, "out", watch=_WATCH, emit=heard, now=time.monotonic, sink=None, budget_bytes_per_s=4e6
    )
    pump.start()
    assert pump.join(60)
    os.close(reading)
    assert heard.count == 50_000
    assert heard.dropped > 0


def test_a_hit_is_told_while_the_service_waits() -> None:
    """What was found is there before the next line comes, and a prompt before its newline."""
    heard = Heard()
    with _pumped(heard) as (fd, _):
        _write(fd, b"number=1\n")
        eventually(lambda: len(heard.hits) == 1)
        _write(fd, b"number=2 >")
        eventually(lambda: len(heard.hits) == 2)
        assert heard.count == 1
        _write(fd, b" answered\n")
        eventually(lambda: heard.count == 2)
    assert [hit.fields["n"] for hit in heard.hits] == ["1", "2"]


def test_a_stopped_pump_reads_what_is_there() -> None:
    """It ends though somebody still holds the other end, and has told everything."""
    heard = Heard()
    with _pumped(heard) as (fd, pump):
        _write(fd, b"number=1\nnumber=2")
        pump.stop()
        assert pump.join(20)
        assert [hit.fields["n"] for hit in heard.hits] == ["1", "2"]


def test_a_stopped_pump_does_not_wait_for_a_writer_that_never_pauses() -> None:
    """Something that always has more to say cannot hold it, and its line without an end takes no memory."""
    heard = Heard()
    endless = os.open("/dev/zero", os.O_RDONLY)
    pump = StreamPump(endless, "err", watch=_WATCH, emit=heard, now=time.monotonic, sink=None)
    pump.start()
    pump.stop()
    assert pump.join(20)
    os.close(endless)
    assert heard.count == 1
    assert heard.tail[0].cut
    assert len(heard.tail[0].text) <= CUT_BYTES


def test_a_descriptor_that_is_closed_ends_the_pump() -> None:
    """It is said, and nothing hangs."""
    heard = Heard()
    reading, writing = os.pipe()
    os.close(writing)
    os.close(reading)
    pump = StreamPump(reading, "out", watch=_WATCH, emit=heard, now=time.monotonic, sink=None)
    pump.start()
    assert pump.join(20)
    assert heard.notes == ["stdout could not be read any more: Bad file descriptor"]


def test_a_million_lines_are_all_accounted_for(tmp_path: Path) -> None:
    """In a flood, lines looked at and lines dropped add up, criticals are counted, and the log marks the gaps."""
    heard = Heard()
    sink = ServiceLog(tmp_path / "service.log", lambda: lambda text: text, time.time)
    block = b"2026-11-21 07:00:00 INFO number of nothing\n" * 10_000
    # On a machine so slow that this takes a minute the usual budget would let all of it through.
    with _pumped(heard, sink=sink, budget_bytes_per_s=100_000.0) as (fd, _):
        for _ in range(100):
            _write(fd, block + b"2026-11-21 07:00:00 CRITICAL margin call\n")
    sink.close()
    assert heard.count == 1_000_100
    assert heard.critical == 100
    assert heard.dropped > 500_000
    texts = [line.split(" ", 2)[2] for line in (tmp_path / "service.log").read_text("utf-8").splitlines()]
    marks = [int(text.split(" ")[2]) for text in texts if text.startswith("… [dropped:")]
    assert sum(marks) == heard.dropped
    assert len(texts) - len(marks) == heard.count - heard.dropped


def test_many_small_writes_give_few_signals() -> None:
    """A thousand writes are a handful of signals, and every match is in them."""
    heard = Heard()
    with _pumped(heard, watch=watch_for(service={"liveness": {"pattern": "tick"}})) as (fd, _):
        began = time.monotonic()
        for _ in range(1_500):
            os.write(fd, b"tick\n")
        took = time.monotonic() - began
    assert sum(hit.count for hit in heard.hits) == heard.count == 1_500
    assert len(heard.signals) <= took / 0.02 + 5


class _BrokenWatch(LineWatch):
    """Fails at one line, as only a fault of soakctl's own would."""

    def find(self, text: str) -> list[Found]:
        if text == "break":
            message = "broken"
            raise RuntimeError(message)
        return super().find(text)


def test_a_fault_of_our_own_does_not_stop_the_service() -> None:
    """The pipe is emptied to its end, the lines count as dropped, and the fault is kept."""
    heard = Heard()
    with _pumped(heard, watch=_BrokenWatch(())) as (fd, pump):
        _write(fd, b"fine\n")
        eventually(lambda: heard.count == 1)
        _write(fd, b"break\n")
        eventually(lambda: pump.fault is not None)
        _write(fd, b"more\n" * 200_000)
    assert isinstance(pump.fault, RuntimeError)
    assert (heard.count, heard.dropped) == (200_001, 200_000)
    assert "broken" in heard.notes[0]
