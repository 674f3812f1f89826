"""A value to fall back on moves no parameter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soakctl.tuning.measured import measured
from tests.support.scripted import config_of
from tests.support.tuned import improves, soak_tuned

SOURCE = {"first_of": [{"name": "real", "json": "r.json"}, {"name": "house_value", "value": 120}]}
CONFIG = config_of(
    kpis=[{"name": "speed", "source": SOURCE, "max": 100}],
    tuning={
        "parameters": {"limit": {"path": "limit", "initial": 10, "min": 1, "max": 20}},
        "rules": [{"name": "FAST", "when": {"speed": {"gt": 100}}, "change": {"limit": {"add": -1}}}],
    },
)


@pytest.mark.parametrize("source", ["fallback", "mock_default", "house_value"])
def test_no_rule_acts_on_a_value_that_was_made_up(source: str) -> None:
    """Which rule that held back is said, with the value and its source."""
    record, _ = soak_tuned(improves())
    last = replace(record.state.iterations[0], values={"speed": 120.0, "other": 1.0}, notes={"speed": source})
    values, lines = measured(CONFIG.kpis, CONFIG.tuning.rules, last)
    assert values == {"speed": None, "other": 1.0}
    assert lines == [f"speed 120 is of {source} and was not measured: no rule acts on it; held back: FAST"]
    values, lines = measured(CONFIG.kpis, CONFIG.tuning.rules, replace(last, notes={"speed": "real"}))
    assert (values["speed"], lines) == (120.0, [])
