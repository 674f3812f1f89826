"""KPIs from Prometheus endpoints."""

from __future__ import annotations

import builtins
import math
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as untyped_generate

from soakctl.adapters.http_get import Deadline
from soakctl.adapters.kpi_prometheus import metric_value
from soakctl.adapters.kpi_value import NoValueError

if TYPE_CHECKING:
    from collections.abc import Callable


generate_openmetrics: Callable[[CollectorRegistry], bytes] = untyped_generate

TEXT = """\
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="get",code="200"} 1027 1395066363000
http_requests_total{method="post",code="200"} 3
http_requests_total{method="post",code="500",path="/a{b} c"} 4

# TYPE jobs counter
jobs 12
# TYPE lag_seconds gauge
lag_seconds 1.5e-1
lag_seconds_old 9
# TYPE rpc summary
rpc{quantile="0.5"} 4773
rpc{quantile="0.95"} 5000
rpc_sum 1.7e7
rpc_count 2693
empty{quantile="0.95"} NaN
endless +Inf
\tindented\t7
"""


def _reason(text: str, name: str, labels: dict[str, str] | None = None) -> str:
    with pytest.raises(NoValueError) as caught:
        metric_value(text, name, labels or {})
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("http_requests_total", {}, 1034.0),
        ("http_requests_total", {"method": "post"}, 7.0),
        ("http_requests_total", {"method": "post", "code": "500"}, 4.0),
        ("http_requests_total", {"path": "/a{b} c"}, 4.0),
        ("http_requests", {}, 1034.0),
        ("jobs", {}, 12.0),
        ("jobs_total", {}, 12.0),
        ("lag_seconds", {}, 0.15),
        ("rpc", {"quantile": "0.95"}, 5000.0),
        ("rpc_count", {}, 2693.0),
        ("indented", {}, 7.0),
    ],
)
def test_a_metric_is_found(name: str, labels: dict[str, str], expected: float) -> None:
    """By its very name, with and without _total, its series added, those without the labels left out."""
    assert metric_value(TEXT, name, labels) == expected


@pytest.mark.parametrize(
    ("name", "labels", "reason"),
    [
        (
            "http_request_total",
            {},
            'there is no metric "http_request_total"; similar are http_requests_total',
        ),
        ("lag", {}, 'there is no metric "lag"; similar are lag_seconds, lag_seconds_old'),
        ("zzz", {}, 'there is no metric "zzz"; there are 10 others, as empty'),
        (
            "http_requests_total",
            {"method": "put"},
            'no series of "http_requests_total" has the labels {method="put"}; there are {code="200", method="get"}',
        ),
        (
            "rpc",
            {},
            '"rpc" has 2 series that differ in "quantile" and cannot be added; choose one by labels: {quantile: "0.5"}',
        ),
        ("empty", {}, '"empty" is NaN, not a number'),
        ("endless", {}, '"endless" is infinite, not a number'),
    ],
)
def test_why_a_metric_has_no_value(name: str, labels: dict[str, str], reason: str) -> None:
    """Absent, other labels, parts of a distribution, NaN: each has a reason that helps."""
    assert _reason(TEXT, name, labels).startswith(reason)


def test_one_series_without_a_number_spoils_the_sum() -> None:
    """A sum that leaves out what could not be measured would be a wrong number."""
    assert _reason("a{x='1'} 1\n".replace("'", '"') + 'a{x="2"} NaN\n', "a") == '"a" is NaN, not a number'


def test_names_in_quotes_are_found() -> None:
    """The newer syntax, with the name inside the braces, is read."""
    assert metric_value('{"my.metric", a="b"} 5\n{"my.metric.other"} 6\n', "my.metric", {}) == 5


@given(st.dictionaries(st.text(max_size=8), st.floats(-1e9, 1e9), min_size=1, max_size=6))
def test_what_the_client_library_writes_is_read(values: dict[str, float]) -> None:
    """Whatever text a label holds, in both formats, the series is found by it and the sum is the sum."""
    registry = CollectorRegistry()
    gauge = Gauge("depth", "Depth\nof it.", ["queue"], registry=registry)
    for label, value in values.items():
        gauge.labels(label).set(value)
    for text in (generate_latest(registry).decode(), generate_openmetrics(registry).decode()):
        assert metric_value(text, "depth", {}) == math.fsum(values.values())
        for label, value in values.items():
            assert metric_value(text, "depth", {"queue": label}) == value


def test_counters_and_histograms_of_the_client_library() -> None:
    """OpenMetrics with exemplars: counters by either name, histograms by their parts."""
    registry = CollectorRegistry()
    counter = Counter("jobs", "Jobs.", registry=registry)
    counter.inc(3, exemplar={"trace_id": "a b"})
    histogram = Histogram("took_seconds", "Took.", buckets=[1, 2], registry=registry)
    histogram.observe(1.5, exemplar={"trace_id": "x"})
    text = generate_openmetrics(registry).decode()
    assert metric_value(text, "jobs", {}) == 3
    assert metric_value(text, "jobs_total", {}) == 3
    assert metric_value(text, "took_seconds_count", {}) == 1
    assert metric_value(text, "took_seconds_bucket", {"le": "2.0"}) == 1
    assert "differ in" in _reason(text, "took_seconds_bucket")


@given(st.lists(st.text(alphabet='a{}="\\, \t\r#1.e\x00é', max_size=25), max_size=5))
def test_any_text_gives_a_number_or_a_reason(lines: list[str]) -> None:
    """Whatever an endpoint writes, there is a finite number or a reason, and no other exception."""
    with suppress(NoValueError):
        assert math.isfinite(metric_value("\n".join(lines), "a", {}))


def test_a_line_without_an_end_is_refused() -> None:
    """A line of megabytes is not parsed character by character."""
    assert _reason('a{x="' + "y" * 100_000 + '"} 1\n', "a") == "a line is longer than 65536 characters"


def test_an_endpoint_with_too_many_series_stops_at_the_deadline() -> None:
    """Parsing ends with the time-out too."""
    deadline = Deadline(1e-9)
    with pytest.raises(TimeoutError):
        metric_value("a 1\n" * 10, "a", {}, deadline)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is optional; who needs it is told its name."""
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("prometheus_client"):
            raise ImportError(name)
        return real(name, *rest)

    for name in [name for name in sys.modules if name.startswith("prometheus_client")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    assert _reason("a 1\n", "a") == "reading it needs prometheus_client: pip install soakctl[prometheus]"
