"""What is found in a line, for each thing a configuration can look for."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.domain.config.root import Config
from soakctl.domain.line import Hit, HitKind, Line
from soakctl.domain.watch import LineWatch


def _watch(**sections: Any) -> LineWatch:
    return LineWatch.of(Config.model_validate(sections))


def _line(text: str) -> Line:
    return Line("out", 1, 2.5, text)


def _found(watch: LineWatch, text: str) -> list[tuple[str, str]]:
    return [(str(hit.kind), hit.key) for hit in watch.scan(_line(text))]


def _kpi(pattern: str, reduce: str = "last") -> LineWatch:
    return _watch(kpis=[{"name": "p95", "source": {"log": pattern, "reduce": reduce}, "max": 1}])


def test_a_checkpoint_gives_its_name_and_fields() -> None:
    """A hit carries the line and what the named groups captured; a group that took no part is left out."""
    watch = _watch(
        smoke={"checkpoints": [{"name": "config", "pattern": r"loaded: (?P<rules>\d+) rules(?: from (?P<file>\S+))?"}]}
    )
    line = _line("Config loaded: 12 rules")
    assert watch.scan(line) == (Hit(HitKind.CHECKPOINT, "config", line, {"rules": "12"}),)
    assert _found(watch, "Config loading") == []


def test_everything_found_in_one_line_is_given() -> None:
    """One line can be several things; they come in a fixed order."""
    watch = _watch(
        service={"ready": {"log": "ready"}, "liveness": {"pattern": "event"}, "stop": {"must_log": ["no", "event"]}},
        smoke={
            "checkpoints": [{"name": "first", "pattern": "event"}, {"name": "second", "pattern": "ready"}],
            "failures": [{"pattern": "never"}, {"pattern": "ready"}],
        },
        kpis=[{"name": "events", "source": {"log": "event", "reduce": "count"}, "min": 1}],
    )
    assert _found(watch, "CRITICAL: event, ready: MemoryError") == [
        ("checkpoint", "first"),
        ("checkpoint", "second"),
        ("failure", "1"),
        ("liveness", ""),
        ("ready", ""),
        ("kpi", "events"),
        ("must_log", "1"),
        ("failure", "builtin:out-of-memory"),
        ("critical", ""),
    ]


_ALIVE = {"checkpoints": [{"name": "event", "pattern": "Event received", "liveness": True}]}


@pytest.mark.parametrize(
    ("service", "text", "alive"),
    [
        ({}, "Event received", True),
        ({"liveness": {"metric": {"url": "http://localhost/metrics", "name": "n"}}}, "Event received", True),
        ({"liveness": {"pattern": "tick"}}, "Event received", False),
        ({"liveness": {"pattern": "tick"}}, "tick", True),
    ],
)
def test_the_liveness_checkpoint_stands_in_for_a_pattern(service: dict[str, Any], text: str, *, alive: bool) -> None:
    """Its lines are signs of life unless the service has a pattern for them."""
    watch = _watch(service=service, smoke=_ALIVE)
    assert (("liveness", "") in _found(watch, text)) is alive


@pytest.mark.parametrize(
    ("pattern", "text", "value"),
    [
        (r"p95=(?P<value>[\d.]+)", "p95=222.5", 222.5),
        (r"(\w+) p95=(?P<value>\S+)", "x p95=-1e3", -1000.0),
        (r"p95=(\S+) (\S+)", "p95=7 8", 7.0),
    ],
)
def test_a_kpi_takes_the_group_value_or_the_first(pattern: str, text: str, value: float) -> None:
    """The number is that of the group `value`, else of the first group."""
    (hit,) = _kpi(pattern).scan(_line(text))
    assert (hit.kind, hit.key, hit.value, dict(hit.fields)) == (HitKind.KPI, "p95", value, {})


@pytest.mark.parametrize("text", ["1,234", "n/a", "nan", "inf", ""])
def test_a_kpi_that_is_no_number_says_what_it_was(text: str) -> None:
    """What cannot be read as a finite number has no value and is kept as text."""
    (hit,) = _kpi(r"p95=(\S*)").scan(_line(f"p95={text}"))
    assert hit.value is None
    assert hit.fields == {"unreadable": text}


def test_a_kpi_group_that_took_no_part_is_unreadable() -> None:
    """An optional group without a text gives no number."""
    (hit,) = _kpi(r"p95(?:=(\d+))?").scan(_line("p95"))
    assert (hit.value, hit.fields) == (None, {"unreadable": ""})


@pytest.mark.parametrize("reduce", ["count", "rate"])
def test_a_counted_kpi_has_no_value(reduce: str) -> None:
    """Matches of count and rate carry no number, whatever they capture."""
    (hit,) = _kpi(r"filled (\d+)", reduce).scan(_line("filled 3"))
    assert (hit.value, dict(hit.fields)) == (None, {})


def test_patterns_are_searched_with_their_own_flags() -> None:
    """A pattern that ignores case finds lines that do not hold its letters as written."""
    watch = _watch(smoke={"checkpoints": [{"name": "up", "pattern": "(?i)service started"}]})
    assert _found(watch, "SERVICE Started") == [("checkpoint", "up")]


def test_a_critical_line_is_found_and_an_ordinary_one_is_not() -> None:
    """The watch tells critical lines by their level, and by the same rule on its own."""
    watch = _watch()
    assert _found(watch, "CRITICAL:root:margin call") == [("critical", "")]
    assert watch.is_critical("CRITICAL:root:margin call")
    assert _found(watch, "no critical lines") == []
    assert not watch.is_critical("no critical lines")


def test_the_critical_literals_stand_in_critical_lines() -> None:
    """What is looked for in undecoded bytes covers both spellings."""
    for text in (b"CRITICAL:root:x", b"FATAL: x", b'{"level":"critical"}', b"level=fatal", b"[crit] 1#1: x"):
        assert any(literal in text for literal in _watch().critical_literals)
