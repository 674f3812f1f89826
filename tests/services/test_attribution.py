"""From leak to line: when growth is told, its origin is looked for, said beside the finding, and kept out of trends."""

from __future__ import annotations

import pytest

from soakctl.domain.attribution import Attribution, Grown
from soakctl.domain.command import Attribute, TakeInventory
from soakctl.domain.fold import fold
from soakctl.domain.living import Living, Windows, explain
from soakctl.domain.plan import Plan
from soakctl.domain.state import RunState
from soakctl.judge.resources import excluded_of
from tests.support.attributed import FOUND, leaks
from tests.support.scripted import config_of


def test_the_lines_stand_beside_the_finding_and_the_look_is_told() -> None:
    """One inventory a life, one look an alarm; when it ran and what it cost is said; its samples are in no trend."""
    store, world, verdict = leaks(FOUND)
    assert [type(one) for one in world.asked] == [TakeInventory, Attribute]
    (ended,) = store.of("attribution_ended")
    assert ended["rows"][0]["where"] == "app.py:7"
    checks = {check.id: check for check in verdict.checks}
    told = "\n".join(checks["resource.rss"].evidence)
    assert "97% of it" in told
    assert "+81 MB/h  app.py:7 (bytes)" in told
    assert "4% to 6.5% of a core" in told
    assert checks["attribution.rss"].severity == "info"
    state = fold(RunState(plan=Plan.of(config_of(soak={"hours": 6}).soak)), store.entries)
    (window,) = excluded_of(state)
    assert window[1] - window[0] == pytest.approx(31.0)
    assert "left out of growth" in checks["attribution.rss"].reason


def test_a_short_run_keeps_the_samples_of_the_look() -> None:
    """A hole of a third of the run would look like a jump, and hide the leak."""
    state = RunState(plan=Plan(60.0, 60.0, 1.0, 1), began_s=0.0, elapsed_s=60.0)
    state.attributions = [{"resource": "rss", "from_s": 20.0, "to_s": 40.0, "ended": True}]
    assert excluded_of(state) == []


def test_a_look_without_an_answer_ends_and_is_told() -> None:
    """The run goes on, and the finding says that nothing was found."""
    store, _, verdict = leaks(None)
    assert "no answer in time" in store.of("attribution_ended")[0]["reason"]
    rss = next(check for check in verdict.checks if check.id == "resource.rss")
    assert "not found" in rss.evidence[-1]


def test_nobody_looks_unless_asked_to() -> None:
    """It is off by default."""
    store, world, _ = leaks(FOUND, attribute=False)
    assert world.asked == []
    assert store.of("attribution_started") == []


def _explained(resident: float, second: dict[str, float]) -> Attribution:
    first = Living({"a.py:1": 1000.0, "b.py:2": 500.0}, {}, at_s=0.0)
    later = Living({"b.py:2": 500.0, **second}, {"a.py:1": {"bytes": 9, "list": 1, "int": 2}}, at_s=36.0)
    return explain(Windows([first], [later], resident, slope_per_hour=1_000_000.0), how="it", cost={})


def test_what_lasts_over_both_windows_explains_growth() -> None:
    """Lines of the second window alone are no leak yet, and steady ones are none."""
    found = _explained(10_000.0, {"a.py:1": 9_000.0, "new.py:3": 5_000.0})
    assert found.rows == (Grown("a.py:1", "bytes, int", 8_000.0),)
    assert (found.explained, found.reason) == (0.8, "")


def test_doubts_are_told() -> None:
    """A service that hardly grew while it was looked at, lines that turn over, and growth outside of Python."""
    assert _explained(1_000.0, {"a.py:1": 1_900.0}).explained == pytest.approx(0.9)
    assert "less than half" in _explained(1_000.0, {"a.py:1": 1_900.0}).reason
    assert "takes the place" in _explained(10_000.0, {"a.py:1": 90_000.0}).reason
    assert "not allocated by Python" in _explained(10_000.0, {"a.py:1": 1_100.0}).reason
