"""What a stream's lines become as signals: complete figures, few signals, hits at once."""

from __future__ import annotations

from soakctl.adapters.line_batch import TAIL_LINES, LineBatch
from soakctl.domain.line import Hit, HitKind, Line
from soakctl.domain.signal import Lines
from soakctl.domain.watch import Found
from tests.support.lines import Heard

_STEP = Found(HitKind.CHECKPOINT, "step")
_TICK = Found(HitKind.LIVENESS, "")
_COUNTED = Found(HitKind.KPI, "requests")
_VALUE = Found(HitKind.KPI, "latency", value=7.0)
_CRITICAL = Found(HitKind.CRITICAL, "")


def test_the_signal_holds_what_was_added() -> None:
    """Counts, hits and lines with their place in the stream; what was dropped shows in the line behind it."""
    heard = Heard()
    batch = LineBatch("err", heard)
    batch.add("one", 1.0)
    batch.drop(3, critical=1)
    batch.add("two", 1.5, [_STEP, _CRITICAL])
    batch.note("rotated")
    batch.note("twice")
    assert batch.tell(1.5)
    two = Line("err", 5, 1.5, "two", dropped_before=3)
    assert heard.signals == [
        Lines(
            "err",
            5,
            dropped=3,
            critical=2,
            hits=(Hit(HitKind.CHECKPOINT, "step", two), Hit(HitKind.CRITICAL, "", two)),
            tail=(Line("err", 1, 1.0, "one"), two),
            note="rotated; twice",
        )
    ]
    assert not batch.tell(99.0)


def test_counts_are_told_five_times_a_second_and_hits_at_once() -> None:
    """A stream of plain lines gives few signals; a hit comes without waiting, unless one came just before."""
    heard = Heard()
    batch = LineBatch("out", heard)
    for number in range(1000):
        batch.add("plain", number / 1000)
        batch.tell(number / 1000)
    assert len(heard.signals) == 5
    batch.add("hit", 1.0, [_STEP])
    assert batch.tell(1.0)
    batch.add("hit", 1.001, [_STEP])
    assert not batch.tell(1.001)
    assert batch.due() == 1.02
    assert batch.tell(1.03)


def test_due_says_when_there_is_something_to_tell() -> None:
    """Nothing is due of nothing."""
    batch = LineBatch("out", Heard())
    assert batch.due() is None
    batch.add("first", 5.0)
    assert batch.tell(5.0)
    batch.add("second", 5.0)
    assert batch.due() == 5.2
    assert not batch.tell(5.1)
    assert batch.tell(5.1, now=True)


def test_only_the_last_lines_are_kept() -> None:
    """The tail is short, whatever came."""
    heard = Heard()
    batch = LineBatch("out", heard)
    for number in range(1000):
        batch.add(str(number), 1.0)
    batch.tell(1.0)
    assert [line.text for line in heard.signals[0].tail] == [str(number) for number in range(1000 - TAIL_LINES, 1000)]


def test_figures_beyond_the_quota_are_said_to_be_missing() -> None:
    """Above 2000 measured values a second the lines count as dropped, because a figure lacks them."""
    heard = Heard()
    batch = LineBatch("out", heard)
    for _ in range(5000):
        batch.add("7 ms", 3.5, [_VALUE])
    batch.tell(3.5)
    (signal,) = heard.signals
    assert (signal.count, len(signal.hits), signal.dropped) == (5000, 2000, 3000)
    assert signal.note == "more than 2,000 matches a second: 3,000 were not measured"
    batch.add("7 ms", 4.5, [_VALUE])
    batch.tell(4.5)
    assert (len(heard.signals[1].hits), heard.signals[1].dropped) == (1, 0)


def test_signs_of_life_are_counted_however_many_they_are() -> None:
    """A busy service is a healthy one: one hit tells of all that came since the last, and nothing is dropped."""
    heard = Heard()
    batch = LineBatch("out", heard)
    for number in range(5000):
        batch.add("tick", 3.0 + number / 10_000, [_TICK, _COUNTED])
    batch.tell(3.5)
    (signal,) = heard.signals
    assert (signal.count, signal.dropped, signal.note) == (5000, 0, "")
    assert [(hit.kind, hit.key, hit.count) for hit in signal.hits] == [
        (HitKind.LIVENESS, "", 5000),
        (HitKind.KPI, "requests", 5000),
    ]
    batch.add("tick", 3.6, [_TICK])
    batch.tell(3.6)
    assert [hit.count for hit in heard.signals[1].hits] == [1]


def test_a_flood_of_one_pattern_leaves_room_for_the_first_of_another() -> None:
    """Each pattern's first matches of a second are passed on; repeated ones that are no figure cost nothing."""
    heard = Heard()
    batch = LineBatch("out", heard)
    for _ in range(5000):
        batch.add("7 ms", 3.0, [_VALUE])
    for _ in range(100):
        batch.add("CRITICAL step", 3.1, [_STEP, _CRITICAL])
    batch.tell(3.1)
    kinds = [hit.kind for hit in heard.hits]
    assert kinds.count(HitKind.CHECKPOINT) == kinds.count(HitKind.CRITICAL) == 20
    assert heard.signals[0].critical == 100
    assert heard.signals[0].dropped == 3000


def test_an_open_line_is_told_before_it_counts() -> None:
    """What is found in it has the number that the line will have."""
    heard = Heard()
    batch = LineBatch("out", heard)
    batch.add("first", 1.0)
    batch.peek("Password:", 2.0, [_STEP])
    batch.tell(2.0)
    batch.add("Password: ok", 3.0)
    batch.tell(3.0)
    assert [signal.count for signal in heard.signals] == [1, 1]
    assert [hit.line.seq for hit in heard.hits] == [2]
    assert heard.signals[1].tail[0].seq == 2
