"""Critical lines are counted in bytes that are not decoded."""

from __future__ import annotations

import pytest

from soakctl.adapters.critical_bytes import CriticalBytes
from soakctl.domain.config.root import Config
from soakctl.domain.watch import LineWatch

_WATCH = LineWatch.of(Config())
_INFO = b"2026-11-21 07:00:00,123 INFO app: a line like all the others, of some length\n"
_CRITICAL = b"2026-11-21 07:00:00,123 CRITICAL app: margin call\n"
_TALK = b"2026-11-21 07:00:00,123 INFO app: no CRITICAL nor fatal lines so far\n"
_JSON = b'{"time":"2026-11-21T07:00:00Z","level":"%s","msg":"x"}\n'


def _count(block: bytes, *, learnt: str = "", at: float = 1.0) -> int:
    critical = CriticalBytes(_WATCH)
    critical.learn(learnt)
    return critical.count(block, 0, len(block), at)


@pytest.mark.parametrize("filler", [0, 1, 200])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], 0),
        ([_CRITICAL], 1),
        ([_CRITICAL, _CRITICAL], 2),
        ([_TALK, _CRITICAL, _TALK], 1),
        ([b"FATAL:  role does not exist\n"], 1),
        ([b"CRITICAL=0 FATAL=0\n"], 0),
        ([b"CRITICAL:root:a fatal CRITICAL line counts once\n"], 1),
    ],
)
def test_lines_are_counted_where_their_literal_is(lines: list[bytes], expected: int, filler: int) -> None:
    """Each line with a literal is checked by its level; among few lines or many."""
    block = b"".join(_INFO * filler + line for line in lines) + _INFO * filler
    assert _count(block) == expected


def test_only_the_part_that_was_dropped_counts() -> None:
    """Lines before and behind it are somebody else's to count."""
    block = _CRITICAL * 3
    size = len(_CRITICAL)
    assert CriticalBytes(_WATCH).count(block, size, 2 * size, 1.0) == 1


@pytest.mark.parametrize(
    ("line", "level", "critical"),
    [
        ('{"level":"%s","msg":"x"}', "info", ("critical", "fatal")),
        ("time=2026-11-21T07:00:00Z level=%s msg=x", "info", ("crit", "fatal")),
        ("2026/11/21 07:00:00 [%s] 1#1: x", "notice", ("crit", "crit")),
        ("%s: margin call on account 3", "info", ("crit", "crit")),
    ],
)
def test_levels_in_small_letters_are_looked_for_where_they_are_used(
    line: str, level: str, critical: tuple[str, str]
) -> None:
    """A stream that writes its levels in small letters is searched in full for them, as it writes them."""
    block = "".join(f"{line % each}\n" for each in (critical[0], level, critical[1]))
    assert _count(block.encode(), learnt=line % level) == 2


@pytest.mark.parametrize(
    ("shown", "block"),
    [
        ("2026-11-21 07:00:00,123 INFO app: x", _JSON % b"critical"),
        ("no level at all", _JSON % b"critical"),
        ('{"level":"info","msg":"x"}', _CRITICAL),
    ],
)
def test_the_other_spelling_is_looked_for_now_and_then(shown: str, block: bytes) -> None:
    """One block in ten is searched for it though the stream seems not to use it."""
    critical = CriticalBytes(_WATCH)
    critical.learn(shown)
    assert sum(critical.count(block, 0, len(block), 1.0) for _ in range(40)) == 4


def test_both_spellings_are_looked_for_where_both_are_used() -> None:
    """A stream of two loggers is searched for both in full."""
    critical = CriticalBytes(_WATCH)
    critical.learn("2026-11-21 07:00:00,123 INFO app: x")
    critical.learn('{"level":"info","msg":"x"}')
    block = _JSON % b"critical" + _CRITICAL
    assert sum(critical.count(block, 0, len(block), 1.0) for _ in range(40)) == 80


def test_a_flood_of_critical_lines_is_estimated() -> None:
    """Beyond some checks a second, the share that was critical is taken for the rest."""
    critical = CriticalBytes(_WATCH)
    block = (_CRITICAL + _TALK) * 500
    counted = sum(critical.count(block, 0, len(block), 1.0) for _ in range(20))
    assert counted == pytest.approx(20 * 500, rel=0.01)
    assert critical.count(_CRITICAL, 0, len(_CRITICAL), 2.0) == 1


def test_a_flood_of_talk_gives_none() -> None:
    """Lines that only mention it are none, however many."""
    assert _count(_TALK * 5_000) == 0
