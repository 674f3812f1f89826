"""A KPI with several places: the first believable one, its name in the record, and a warning for the last resorts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.kpi_first_of import read_first_of
from soakctl.adapters.kpi_value import NoValueError
from soakctl.domain.config.kpi import FirstOfSource, Kpi
from soakctl.domain.iteration import Iteration
from soakctl.judge.kpi import source_check

if TYPE_CHECKING:
    from pathlib import Path

PLACES = [
    {"name": "fills_volume", "json": "edge.json", "pointer": "/volume"},
    {"name": "fills_count", "json": "edge.json", "pointer": "/count"},
    {"name": "mock_default", "value": 0.9, "mock": True, "warn": True},
    {"name": "fallback", "value": 0.6, "warn": True},
]
KPI = Kpi.model_validate(
    {"name": "maker_taker_ratio", "source": {"first_of": PLACES}, "min": 0.5, "valid": {"ge": 0, "le": 1}}
)


def read(tmp_path: Path, document: Any, places: int = 4) -> tuple[float, str]:
    """The value and its place, with this report."""
    (tmp_path / "edge.json").write_text(json.dumps(document), encoding="utf-8")
    assert isinstance(KPI.source, FirstOfSource)
    source = KPI.source.model_copy(update={"first_of": KPI.source.first_of[:places]})
    return read_first_of(source, KPI.valid, base=tmp_path, not_before_unix=0.0, now_unix=4e9)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"volume": 0.8, "count": 0.7}, (0.8, "fills_volume")),
        ({"count": 0.7}, (0.7, "fills_count")),
        ({"volume": 1.2, "count": 0.7}, (0.7, "fills_count")),  # no ratio
        ({"volume": "x"}, (0.6, "fallback")),
    ],
)
def test_the_first_believable_place_is_taken(document: Any, expected: tuple[float, str], tmp_path: Path) -> None:
    """In order; what is simulated only is left out of a real run."""
    assert read(tmp_path, document) == expected


def test_nowhere_is_no_data_with_each_reason(tmp_path: Path) -> None:
    """Never a value from nothing."""
    with pytest.raises(NoValueError, match=r"fills_volume: .*; fills_count: 7 is not a believable value"):
        read(tmp_path, {"count": 7}, places=2)


def _iteration(note: str) -> Iteration:
    row = {"iteration": 1, "started_s": 0.0, "ended_s": 1.0, "partial": False, "values": {KPI.name: 0.6}}
    counts = dict.fromkeys(("samples", "samples_missed", "exits", "failed_runs"), 0)
    rest = {"reasons": {}, "notes": {KPI.name: note}, "kpi_verdict": "PASS", "failed": [], "ended_utc": ""}
    return Iteration.from_json({**row, **counts, **rest})


def test_a_last_resort_is_a_warning() -> None:
    """And the place is in the summary."""
    assert source_check(KPI, [_iteration("fills_count")], window=8) is None
    found = source_check(KPI, [_iteration("fills_count"), _iteration("fallback")], window=8)
    assert found is not None
    assert (found.id, found.severity.value, found.value) == ("kpi.maker_taker_ratio.source", "warn", "fallback")
    assert _iteration("fallback").to_summary()["summary"]["maker_taker_source"] == "fallback"
