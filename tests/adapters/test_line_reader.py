"""From bytes to figures, hits and the log: nothing is lost without being counted."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.line_batch import LineBatch
from soakctl.adapters.line_budget import LineBudget
from soakctl.adapters.line_reader import LineReader
from soakctl.adapters.service_log import StreamLog
from soakctl.adapters.splitter import CUT_BYTES
from soakctl.domain.line import HitKind
from tests.support.lines import Heard, watch_for, watch_for_numbers


class _Kept(StreamLog):
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        self.lines.append(text)

    def write_long(self, text: str, cut: int, unsure: int, total: int) -> None:
        self.lines.append(f"{len(text)} {cut} {unsure} {total}")

    def gap(self, lines: int) -> None:
        self.lines.append(f"gap {lines}")


def _reader(heard: Heard, *, rate: float = 1e12, log: StreamLog | None = None) -> tuple[LineReader, LineBatch]:
    batch = LineBatch("out", heard)
    return LineReader(watch_for_numbers(), batch, LineBudget(rate), log), batch


def _feed(reader: LineReader, data: bytes, at: float) -> None:
    reader.feed(data, len(data), at)


def _read(chunks: list[bytes]) -> Heard:
    heard = Heard()
    reader, batch = _reader(heard)
    for chunk in chunks:
        _feed(reader, chunk, 1.0)
    reader.finish(1.0)
    batch.tell(1.0, now=True)
    return heard


_PIECES = st.sampled_from(
    [b"number=1", b"number=\xff", b"\xe2\x82\xac", b"\xe2\x82", b"\n", b"\r\n", b"\r", b" ", b"a"]
)


@given(st.lists(_PIECES, max_size=20), st.lists(st.integers(0, 60), max_size=6))
def test_any_chunking_gives_the_same_lines_and_hits(pieces: list[bytes], places: list[int]) -> None:
    """Broken characters are replaced and lines counted alike, whether bytes come one by one or all at once."""
    data = b"".join(pieces)
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    whole, chunked = _read([data]), _read([data[start:end] for start, end in pairwise(ends)])
    assert chunked.signals == whole.signals
    assert whole.count == len(data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").splitlines())


def test_colours_do_not_hide_what_is_looked_for() -> None:
    """Lines are matched and kept as a terminal would show them."""
    heard = _read([b"\x1b[32mnumber\x1b[0m=\x1b[1m7\x1b[0m\n"])
    assert heard.hits[0].fields == {"n": "7"}
    assert heard.texts == ["number=7"]


def test_a_line_longer_than_the_cut_is_cut_and_says_so() -> None:
    """The line is never longer than the cut; the log gets more of it, to redact before it cuts."""
    heard, log = Heard(), _Kept()
    reader, batch = _reader(heard, log=log)
    _feed(reader, b"number=1 " + b"x" * 200_000 + b" number=2\nnext\n", 1.0)
    _feed(reader, b"y" * (CUT_BYTES + 10) + b"\n", 1.0)
    batch.tell(1.0)
    long, following, other = heard.tail
    assert (long.cut, following.cut, other.cut) == (True, False, True)
    assert len(long.text) <= CUT_BYTES
    assert [hit.fields["n"] for hit in heard.hits] == ["1"]
    assert log.lines == ["108192 100000 8192 200018", "next", "100010 100000 0 100010"]


def test_a_long_line_is_cut_between_words() -> None:
    """Half a secret at the cut would not be recognised as one."""
    heard = _read([b"x" * (CUT_BYTES - 20) + b" password=hunter2hunter2hunter2hunter2\n"])
    assert heard.texts == ["x" * (CUT_BYTES - 20)]


def test_a_flood_drops_whole_lines_and_counts_them() -> None:
    """Seen and dropped lines add up, numbers go on over gaps, and the log has a mark at each."""
    heard, log = Heard(), _Kept()
    reader, batch = _reader(heard, rate=1000.0, log=log)
    block = b"".join(b"number=%d %s\n" % (number, b"x" * 90) for number in range(10_000))
    for at in range(10):
        _feed(reader, block, 1 + at / 10)
    _feed(reader, b"number=last\n", 1_000.0)
    batch.tell(1_000.0)
    assert heard.count == 100_001
    assert 90_000 < heard.dropped < 100_000
    looked_at = heard.count - heard.dropped
    gaps = [int(line.removeprefix("gap ")) for line in log.lines if line.startswith("gap ")]
    assert len(log.lines) - len(gaps) == looked_at
    assert sum(gaps) == heard.dropped
    last = heard.tail[-1]
    assert (last.text, last.seq, last.dropped_before) == ("number=last", 100_001, gaps[-1])
    assert all("number=" in line or line.startswith("gap ") for line in log.lines)


def test_critical_lines_count_though_they_are_dropped() -> None:
    """A critical line in the middle of a flood is counted once, looked at or not."""
    heard = Heard()
    reader, batch = _reader(heard, rate=1000.0)
    quiet = b"INFO number of nothing %s\n" % (b"x" * 90)
    for _ in range(5):
        _feed(reader, quiet * 3_000 + b"CRITICAL:root:margin call\n" + quiet * 3_000, 1.0)
    batch.tell(1.0)
    assert heard.dropped > 20_000
    assert heard.critical == 5


def test_an_open_line_that_waits_is_looked_at_once() -> None:
    """A prompt is found before its newline, and not again when the line ends."""
    heard = Heard()
    reader, batch = _reader(heard)
    _feed(reader, b"first\nnumber=1", 1.0)
    waits = [reader.can_peek]
    reader.peek(1.2)
    waits.append(reader.can_peek)
    _feed(reader, b"2 and on", 1.3)
    waits.append(reader.can_peek)
    assert waits == [True, False, False]
    _feed(reader, b"\nnumber=3\n", 1.4)
    batch.tell(1.4)
    assert [(hit.line.seq, hit.fields["n"], hit.line.at) for hit in heard.hits] == [(2, "1", 1.2), (3, "3", 1.4)]
    assert heard.texts == ["first", "number=12 and on", "number=3"]


def test_numbers_and_levels_of_an_open_line_wait_for_its_end() -> None:
    """A number may go on, and a critical line counts once."""
    heard = Heard()
    batch = LineBatch("out", heard)
    watch = watch_for(kpis=[{"name": "p95", "source": {"log": r"CRITICAL: p95=(\d+)"}, "max": 1}])
    reader = LineReader(watch, batch, LineBudget(1e12), None)
    _feed(reader, b"CRITICAL: p95=2", 1.0)
    reader.peek(1.2)
    batch.tell(1.2, now=True)
    assert heard.hits == []
    _feed(reader, b"2 ms\n", 1.3)
    batch.tell(1.3)
    assert [(hit.kind, hit.value) for hit in heard.hits] == [(HitKind.KPI, 22.0), (HitKind.CRITICAL, None)]
    assert heard.critical == 1


def test_nothing_of_an_open_line_is_logged_before_it_ends() -> None:
    """Half a line could be half a secret."""
    log = _Kept()
    reader, _ = _reader(Heard(), log=log)
    _feed(reader, b"number=1", 1.0)
    reader.peek(1.2)
    assert log.lines == []
    reader.finish(1.3)
    assert log.lines == ["number=1"]


def test_a_gap_at_the_very_end_is_logged() -> None:
    """What was dropped last is marked as well."""
    log = _Kept()
    reader, _ = _reader(Heard(), rate=1000.0, log=log)
    for _ in range(10):
        _feed(reader, b"x" * 60_000 + b"\n", 1.0)
    reader.finish(1.0)
    assert log.lines[-1] == "gap 6"
