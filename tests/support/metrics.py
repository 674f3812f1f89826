"""Metrics as Prometheus reads them, in both of its text formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from prometheus_client.samples import Sample


def openmetrics(text: str) -> list[Metric]:
    """The families of an OpenMetrics text. Raises ValueError for one that is none."""
    return list(parse_openmetrics(text))  # type: ignore[no-untyped-call]


def prometheus(text: str) -> list[Metric]:
    """The families as node_exporter's textfile collector finds them, in the older format."""
    return list(parse_text(text))


def by_name(families: list[Metric]) -> dict[str, Sample]:
    """The last sample of each name."""
    return {sample.name: sample for family in families for sample in family.samples}
