"""Asking Prometheus endpoints over the network, however badly they answer."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS
from prometheus_client.openmetrics.exposition import generate_latest as untyped_generate

from soakctl.adapters import kpi_prometheus
from soakctl.adapters.kpi_prometheus import Scraper, read_metric
from soakctl.adapters.kpi_value import NoValueError
from tests.support.http_servers import ScriptedServer, answer, drip, flood, raw, silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.http_servers import Talk

generate_openmetrics: Callable[[CollectorRegistry], bytes] = untyped_generate


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
