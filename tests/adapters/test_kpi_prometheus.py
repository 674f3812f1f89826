"""KPIs from Prometheus endpoints."""

from __future__ import annotations

import builtins
import math
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS
from prometheus_client.openmetrics.exposition import generate_latest as untyped_generate

from soakctl.adapters import kpi_prometheus
from soakctl.adapters.http_get import Deadline
from soakctl.adapters.kpi_prometheus import Scraper, metric_value, read_metric
from soakctl.adapters.kpi_value import NoValueError
from tests.support.http_servers import ScriptedServer, answer, drip, flood, raw, silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.http_servers import Talk

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


# ---- over the network ----


def _scrape(talk: Talk, name: str = "a", *, timeout_s: float = 20.0) -> float:
    with ScriptedServer(talk) as server:
        return read_metric(server.url(), name, timeout_s=timeout_s)


def _failure(talk: Talk, *, timeout_s: float = 20.0) -> str:
    """The reason, without the address."""
    with ScriptedServer(talk) as server, pytest.raises(NoValueError) as caught:
        read_metric(server.url(), "a", timeout_s=timeout_s)
    reason = str(caught.value)
    assert reason.startswith(f"{server.url()}: ")
    return reason.removeprefix(f"{server.url()}: ")


def test_an_endpoint_is_asked() -> None:
    """A GET for the path and query, to the host as written, asking for text and no compression."""
    with ScriptedServer(answer("a 5\n")) as server:
        assert read_metric(server.url("/m?x=1"), "a") == 5
    head = server.requests[0].decode()
    assert head.startswith("GET /m?x=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head
    assert "Accept: text/plain;version=0.0.4, application/openmetrics-text" in head
    assert "Accept-Encoding: identity\r\n" in head


def test_openmetrics_is_read() -> None:
    """The newer content type is understood."""
    registry = CollectorRegistry()
    Gauge("a", "A.", registry=registry).set(4)
    assert _scrape(answer(generate_openmetrics(registry), kind=OPENMETRICS)) == 4


def test_a_chunked_answer_is_read() -> None:
    """As servers send that do not know the length beforehand."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert _scrape(raw(head + b"2\r\na \r\n2\r\n5\n\r\n0\r\n\r\n")) == 5


def test_an_answer_that_ends_with_the_connection_is_read() -> None:
    """As an HTTP/1.0 server sends it."""
    assert _scrape(raw(b"HTTP/1.0 200 OK\r\n\r\na 5\n")) == 5


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (answer("a 1\n", status="500 Internal Server Error"), "it answered 500 Internal Server Error"),
        (answer("a 1\n", status="404 Not Found"), "it answered 404 Not Found"),
        (answer("a 1\n", status="302 Found"), "it answered 302 Found"),
        (answer("", status="204 No Content"), "it answered 204 No Content"),
        (answer(" \n"), "the answer is empty"),
        (answer("# EOF\n"), 'there is no metric "a"; there are none at all'),
        (
            answer("<html>\n</html>\n", kind="text/html"),
            "the answer (text/html) is not Prometheus text; is the path right? (often /metrics)",
        ),
        (
            answer('{"a": 1}\n', kind="application/json"),
            "the answer (application/json) is not Prometheus text; is the path right? (often /metrics)",
        ),
        (
            answer("a 1\nWelcome!\n"),
            "the answer (text/plain) is not Prometheus text; is the path right? (often /metrics)",
        ),
        (answer("a one\n"), 'a line of "a" is not Prometheus text'),
        (answer("b 1\nc 2\n"), 'there is no metric "a"; there are 2 others, as b'),
        (answer("a 1\n", kind=OPENMETRICS), "the answer is cut off: its end is missing"),
        (answer("a 1\n", extra="Content-Encoding: gzip\r\n"), "the answer is compressed, which was not asked for"),
        (raw(b""), "it closed the connection without an answer"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "it does not speak HTTP (BadStatusLine)"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na 5"), "the answer ends 6 bytes too early"),
        (
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na 5\n\r\n"),
            "the answer ends too early",
        ),
        pytest.param(
            raw(b"HTTP/1.0 200 OK\r\n\r\na 5\nb 12"), "the answer is cut off: its end is missing", id="text cut off"
        ),
    ],
)
def test_why_an_answer_has_no_value(talk: Talk, reason: str) -> None:
    """Errors, foreign answers and answers cut short are named, and never taken for a number."""
    assert _failure(talk) == reason


def test_a_port_where_nobody_listens() -> None:
    """The service is down: refused."""
    with ScriptedServer(answer("a 1\n")) as server:
        url = server.url()
    with pytest.raises(NoValueError) as caught:
        read_metric(url, "a")
    assert str(caught.value) == f"{url}: connection refused"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://127.0.0.1/m", "ftp://127.0.0.1/m is not an http or https URL"),
        ("http:///m", "http:///m is not an http or https URL"),
        ("http://127.0.0.1:99999/m", "Port out of range 0-65535"),
        ("http://[::1/m", "Invalid IPv6 URL"),
        ("http://127.0.0.1:1/a b", ""),
    ],
)
def test_an_address_that_is_none(url: str, reason: str) -> None:
    """A broken URL is a reason and no crash."""
    with pytest.raises(NoValueError) as caught:
        read_metric(url, "a")
    assert reason in str(caught.value)


def test_a_password_in_the_address_is_used_and_not_shown() -> None:
    """Credentials go to the server as basic authentication, and into no reason."""
    with ScriptedServer(answer("a 1\n", status="401 Unauthorized")) as server:
        url = server.url().replace("http://", "http://me:s3cr%40t@") + "?token=hidden"
        with pytest.raises(NoValueError) as caught:
            read_metric(url, "a")
    assert str(caught.value) == f"{server.url()}: it answered 401 Unauthorized"
    assert b"Authorization: Basic bWU6czNjckB0\r\n" in server.requests[0]


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service under test is asked itself, whatever the machine's proxy is."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert _scrape(answer("a 5\n")) == 5


def test_a_redirect_is_followed() -> None:
    """To another path of the server, as frameworks do for a missing slash."""

    def talk(connection: Any, request: bytes) -> None:
        target = b"a 5\n" if request.startswith(b"GET /metrics/ ") else b""
        (answer(target) if target else answer("", status="307 Temporary Redirect", extra="Location: /metrics/\r\n"))(
            connection, request
        )

    with ScriptedServer(talk) as server:
        assert read_metric(server.url(), "a") == 5


def test_redirects_in_a_circle_end() -> None:
    """After three redirects it is enough."""
    assert _failure(answer("", status="302 Found", extra="Location: /metrics\r\n")) == "it answered 302 Found"


def test_a_redirect_to_a_file_is_not_followed() -> None:
    """A server cannot make soakctl read anything but web addresses."""
    moved = answer("", status="302 Found", extra="Location: file:///etc/passwd\r\n")
    assert _failure(moved) == "file:///etc/passwd is not an http or https URL"


def test_a_server_that_never_answers() -> None:
    """It takes the connection and says nothing: the time-out ends it."""
    assert _failure(silent, timeout_s=0.3) == "no complete answer within 0.3s"


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a 1\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\na 1\n\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_server_that_drips(head: bytes, drop: bytes) -> None:
    """The time-out is for the whole answer: a byte now and then does not prolong it."""
    assert _failure(drip(head, drop), timeout_s=0.3) == "no complete answer within 0.3s"


def test_an_endless_header() -> None:
    """A hundred megabytes of header are cut off at the first line that is too long."""
    assert _failure(flood(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1_000_000, pieces=100)) == (
        "the answer has an endless header line"
    )


def test_endless_headers() -> None:
    """Likewise a hundred thousand header lines."""
    many = b"X: y\r\n" * 100_000
    assert _failure(flood(b"HTTP/1.1 200 OK\r\n", many, pieces=1)) == "it does not speak HTTP (HTTPException)"


def test_an_endless_body() -> None:
    """A body is read up to its limit and no further."""
    piece = b"# filler\n" * 100_000
    assert _failure(flood(b"HTTP/1.0 200 OK\r\n\r\n", piece, pieces=200)) == "the answer is larger than 33.6 MB"


def test_who_asks_at_once_shares_a_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight KPIs of one endpoint cost the service one request, and see the same moment."""
    monkeypatch.setattr(kpi_prometheus, "_SHARED_FOR_S", 60)  # "at once" may be seconds on a busy machine
    scraper, values = Scraper(), []
    with ScriptedServer(answer("a 5\nb 6\n")) as server:
        ask = [
            threading.Thread(target=lambda name=name: values.append(read_metric(server.url(), name, scraper=scraper)))
            for name in "abababab"
        ]
        for thread in ask:
            thread.start()
        for thread in ask:
            thread.join()
        assert len(server.requests) == 1
    assert sorted(values) == [5.0] * 4 + [6.0] * 4


def test_a_failure_is_not_shared() -> None:
    """After an error the next one asks again."""
    answers = iter([answer("", status="503 Busy"), answer("a 5\n")])
    scraper = Scraper()

    def talk(connection: Any, request: bytes) -> None:
        next(answers)(connection, request)

    with ScriptedServer(talk) as server:
        with pytest.raises(NoValueError, match="503 Busy"):
            read_metric(server.url(), "a", scraper=scraper)
        assert read_metric(server.url(), "a", scraper=scraper) == 5
