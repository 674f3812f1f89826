"""Programs that were really run: what was measured each second for five minutes from their start, and what they did.

`data/real_programs.json` holds the differences from second to second, of memory in pages of 4096 bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soakctl.domain.trend import Trend, TrendVerdict
from tests.support.trend_traces import judged

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "real_programs.json").read_text("utf-8"))
LEAK, NO_LEAK, INCONCLUSIVE = TrendVerdict.LEAK, TrendVerdict.NO_LEAK, TrendVerdict.INCONCLUSIVE

LEAKING = {
    "dict_fast": "a dictionary that grows by 200 KB a second",
    "dict_small": "a dictionary of numbers, whose table doubles now and then",
    "big": "200 KB kept every two seconds",
    "nogc": "cycles with the collector turned off",
    "queue_leak": "a queue that nobody empties",
    "node_leak": "objects kept under a collector (Node.js)",
    "perl_leak": "an array that grows (Perl)",
    "c_leak": "3 KB lost twenty times a second amid churn (C)",
    "redis_leak": "keys without an end (Redis)",
    "fds": "a file left open every three seconds",
    "sockets_leak": "sockets left open at random",
    "threads": "a thread every two seconds that never ends",
}
HEALTHY = {
    "lru": "a cache that is full after 40 s",
    "deque_bounded": "a bounded buffer that is full after a minute",
    "ratchet": "bursts of strings of random number",
    "bursts": "buffers of random size, taken and given back",
    "cycles": "cycles that the collector finds",
    "work": "encoding and decoding JSON of random size",
    "warmup": "imports, ten seconds of filling, then steady work",
    "sessions": "sessions that come and go",
    "server": "an asyncio server with its clients",
    "gc_slow": "a collector that runs rarely",
    "idle": "nothing",
    "node_healthy": "garbage and its collector (Node.js)",
    "perl_ok": "temporary lists (Perl)",
    "c_churn": "malloc and free at random (C)",
    "fds_churn": "files opened and closed",
    "pool": "a pool of threads that fills up",
}

# Their noise over five minutes hides growth of the size of the budget.
RESTLESS = ("fds_churn", "ratchet")


def _judged(name: str, seconds: int) -> Trend:
    recorded = RECORDED[name]
    values = np.cumsum(recorded["deltas"], dtype=np.float64)[:seconds]
    values *= 4096 if recorded["resource"] == "rss" else 1
    return judged(np.arange(seconds, dtype=np.float64), values, resource=recorded["resource"])


@pytest.mark.parametrize("name", LEAKING)
def test_a_real_leak_is_found(name: str) -> None:
    """Each leak is found after one, two and five minutes."""
    assert [_judged(name, seconds).verdict for seconds in (60, 120, 300)] == [LEAK] * 3


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_program_is_never_accused(name: str) -> None:
    """From two minutes on a healthy program is no leak; its noise may leave it undecided, its boot must not."""
    for seconds in (120, 200, 300):
        assert _judged(name, seconds).verdict is not LEAK
    assert _judged(name, 300).verdict is NO_LEAK or name in RESTLESS


def test_a_leak_that_starts_halfway_is_found_when_it_has() -> None:
    """The same program is healthy for its first minute and leaks from then on."""
    assert _judged("half", 60).verdict is NO_LEAK
    assert _judged("half", 120).verdict is LEAK
    began = _judged("half", 120).began_s
    assert began is not None
    assert began == pytest.approx(60, abs=8)


def test_a_gross_leak_fails_and_a_slower_one_warns() -> None:
    """A leak above the scaled failing budget fails, one between the two budgets is a leak and a warning."""
    assert _judged("dict_fast", 300).fails
    assert not _judged("big", 300).fails
