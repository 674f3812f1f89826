"""Whether a KPI got worse after a change: beyond its noise, and by what was really measured."""

from __future__ import annotations

import pytest

from soakctl.domain.config.kpi import Kpi
from soakctl.domain.config.tuning import Revert
from soakctl.tuning.worse import worse
from tests.support.records import iteration_of

KPI = Kpi.model_validate({"name": "ratio", "source": {"json": "r.json"}, "min": 0.8})


@pytest.mark.parametrize(
    ("source", "is_worse"), [("fills_volume", True), ("fallback", False)], ids=["one source", "another source"]
)
def test_only_values_of_one_source_are_compared(source: str, is_worse: bool) -> None:
    """A value to fall back on is no measurement, and takes no change back."""
    before = iteration_of(1, values={"ratio": 0.9}, notes={"ratio": "fills_volume"})
    after = iteration_of(2, values={"ratio": 0.6}, notes={"ratio": source})
    found = list(worse([KPI], [before, after], frozenset({1}), Revert(), mock=False))
    assert bool(found) is is_worse
