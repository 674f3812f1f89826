"""When lines were logged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.logs.times import Times, moment_unix

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC).timestamp()


def as_utc(moment: datetime) -> float:
    """A machine in UTC."""
    return moment.replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "after_noon_s"),
    [
        ("2026-11-21 12:00:00,250 INFO x", 0.25),
        ("2026-11-21T12:00:01.5Z x", 1.5),
        ("2026-11-21T13:00:00+01:00 x", 0),
        ("INFO 2026-11-21 12:00:00 x", 0),
        ("[2026-11-21 12:00:00 +0100] [7] [INFO] x", -3600),
        ("2026/11/21 12:00:00 [error] x", 0),
        ('10.0.0.7 - - [21/Nov/2026:12:00:00 +0000] "GET"', 0),
        ("Nov 21 12:00:00 host x: y", 0),
        ("<13>Nov 21 12:00:00 host x: y", 0),
        ("Dec 31 12:00:00 host last year", -325 * 86_400),
        ("I1121 12:00:00.500000 1 x", 0.5),
        ("[I 261121 12:00:00 x:1] y", 0),
        ("12:M 21 Nov 2026 12:00:00.000 * x", 0),
        ('{"msg": "x", "time": "2026-11-21T12:00:00Z"}', 0),
        (f'{{"msg": "x", "ts": {int(NOON)}.5}}', 0.5),
        (f'{{"level":30,"time":{int(NOON)}250,"msg":"x"}}', 0.25),
        (f"ts={int(NOON)} level=info", 0),
        ("2026-11-21 12:00:00.250 UTC [12] ERROR:  relation", 0.25),
        ("2026-11-21 12:00:00.250 CEST [12] ERROR:  relation", -7199.75),
        ("2026-11-21 12:00:00+01 ERROR", -3600),
        ("2026-11-21 12:00:00 UTC+01:00 ERROR", -3600),
        ("2026-11-21 12:00:00 ESTIMATE x", 0),
        ("Sat, 21 Nov 2026 12:00:00 GMT x", 0),
        ("Sat, 21 Nov 2026 07:00:00 EST x", 0),
        ("Sat Nov 21 13:00:00 CET 2026 x", 0),
        ("Sat Nov 21 12:00:00 INFO 2026x", 0),
        ("Sat Nov 21 05:00:00 -0700 2026 x", 0),
        ("Sat Nov 21 04:00:00 PST 2026 x", 0),
        ("20261121T120000Z x", 0),
        ("x 20261121T130000.5+0100 y", 0.5),
        ("[20261121T120000] x", 0),
        (f'{{"MESSAGE": "x", "__REALTIME_TIMESTAMP": "{int(NOON)}250000", "PRIORITY": "3"}}', 0.25),
    ],
)
def test_times(text: str, after_noon_s: float) -> None:
    """Of every format that is recognised."""
    assert Times(about_unix=NOON, local=as_utc).unix(text) == pytest.approx(NOON + after_noon_s)


@pytest.mark.parametrize("text", ["x", "", "2026-13-45 99:99:99", "order 1700000000 filled", "Feb 31 12:00:00 x"])
def test_no_time(text: str) -> None:
    """A number is none, nor a day that is none."""
    assert Times(about_unix=NOON, local=as_utc).unix(text) is None


def test_a_zone_that_may_be_several_is_the_machines() -> None:
    """It is told; one that the machine itself is in is known."""
    told: list[str] = []
    times = Times(about_unix=NOON, local=as_utc, unknown=told.append)
    assert times.unix("2026-11-21 12:00:00.250 IST [12] LOG:  x") == NOON + 0.25
    assert times.unix("Sat Nov 21 12:00:00 XYZT 2026 x") == NOON
    assert times.unix("2026-11-21 12:00:00 INFO x") == NOON
    assert told == ["IST", "XYZT"]


def test_the_machines_own_names_go_first() -> None:
    """In China CST is another zone than in America."""
    china = {"CST": timezone(timedelta(hours=8))}
    assert Times(about_unix=NOON, zones=china).unix("2026-11-21 20:00:00 CST [12] LOG:  x") == NOON


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    """Junk has no time, and does no harm."""
    Times(about_unix=NOON, local=as_utc).unix(text)
    Times(about_unix=NOON, local=as_utc).unix("{" + text)


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("10m", NOON - 600),
        ("1.5h", NOON - 5_400),
        ("2026-11-21T11:00:00Z", NOON - 3_600),
        ("2026-11-21 11:00", NOON - 3_600),
        ("2026-11-20", NOON - 36 * 3_600),
        ("@1700000000", 1_700_000_000),
        ("now", NOON),
    ],
)
def test_moments(text: str, unix: float) -> None:
    """As people write them after --since."""
    assert moment_unix(text, now_unix=NOON, local=as_utc) == unix


@pytest.mark.parametrize("text", ["soon", "", "2026-99-99", "25:99", "@x"])
def test_no_moment(text: str) -> None:
    """It is said what is allowed."""
    with pytest.raises(ValueError, match="write a span like 10m"):
        moment_unix(text, now_unix=NOON, local=as_utc)
