"""A KPI read from a Prometheus endpoint: one metric, its matching series added."""

from __future__ import annotations

import difflib
import math
import re
import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING

from soakctl.adapters.http_get import Deadline, UnansweredError, get, without_credentials
from soakctl.adapters.kpi_value import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prometheus_client.samples import Sample

LARGEST = 32 * 1024 * 1024
_LONGEST_LINE = 65536
_REDIRECTS = 3
_ACCEPT = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1"
# KPIs that are asked for together share a scrape: one moment's figures, and less load on the service.
_SHARED_FOR_S = 0.25
_NAME = re.compile(r"^[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*[ \t{]", re.MULTILINE)
_FOREIGN = re.compile(r"^(?![ \t]*(?:#|\r?$|\{|[a-zA-Z_:][a-zA-Z0-9_:]*[ \t{]))", re.MULTILINE)
_NAMES_LOOKED_AT = 5000
_PARTS = ("quantile", "le")
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


def read_metric(
    url: str,
    name: str,
    labels: Mapping[str, str] = _NO_LABELS,
    *,
    timeout_s: float = 5.0,
    scraper: Scraper | None = None,
) -> float:
    """The sum of the series called `name` that carry `labels`. Blocks for `timeout_s` at most; raises NoValueError."""
    deadline = Deadline(timeout_s)
    shown = without_credentials(url)
    text = (scraper or Scraper()).text(url, deadline)
    try:
        return metric_value(text, name, labels, deadline)
    except NoValueError as error:
        raise NoValueError(f"{shown}: {error}") from None
    except TimeoutError:
        raise NoValueError(f"{shown}: too many series to read within {timeout_s:g}s") from None


class Scraper:
    """Fetches endpoints, once for all who ask in the same moment. Any thread may use it."""

    def __init__(self) -> None:
        """Nothing is fetched before it is asked for."""
        self._lock = threading.Lock()
        self._endpoints: dict[str, _Endpoint] = {}

    def text(self, url: str, deadline: Deadline) -> str:
        """What the endpoint says. Raises NoValueError where it does not answer, or not with metrics."""
        with self._lock:
            endpoint = self._endpoints.setdefault(url, _Endpoint(url))
        try:
            return endpoint.text(deadline)
        except TimeoutError:
            raise NoValueError(f"{without_credentials(url)}: no answer within {deadline.seconds:g}s") from None
        except UnansweredError as error:
            raise NoValueError(f"{without_credentials(url)}: {error}") from None


class _Endpoint:
    def __init__(self, url: str) -> None:
        self._url = url
        self._turn = threading.Lock()
        self._text = ""
        self._fetched = -math.inf

    def text(self, deadline: Deadline) -> str:
        if not self._turn.acquire(timeout=deadline.left()):
            raise TimeoutError
        try:
            if time.monotonic() - self._fetched > _SHARED_FOR_S:
                self._text = _fetch(self._url, deadline)
                self._fetched = time.monotonic()
            return self._text
        finally:
            self._turn.release()


def _fetch(url: str, deadline: Deadline) -> str:
    answer = get(url, deadline=deadline, max_body=LARGEST, follow=_REDIRECTS, accept=_ACCEPT)
    if answer.status != 200:  # noqa: PLR2004
        raise UnansweredError(f"it answered {answer.status} {answer.reason}".rstrip())
    text = answer.body.decode("utf-8", "replace")
    if not text.strip():
        raise UnansweredError("the answer is empty")
    if _FOREIGN.search(text) or answer.content_type.startswith(("text/html", "application/json")):
        kind = answer.content_type.partition(";")[0] or "of no stated type"
        raise UnansweredError(f"the answer ({kind}) is not Prometheus text; is the path right? (often /metrics)")
    if answer.content_type.startswith("application/openmetrics-text"):
        whole = text.rstrip().endswith("# EOF")
    else:
        whole = answer.framed or text.endswith("\n")
    if not whole:
        raise UnansweredError("the answer is cut off: its end is missing")
    return text


def metric_value(text: str, name: str, labels: Mapping[str, str], deadline: Deadline | None = None) -> float:
    """The sum of the series in Prometheus or OpenMetrics text.

    A counter is found with and without the `_total` that some exporters write and others leave out. Raises
    NoValueError where there is no such series, no finite number, or several parts of one distribution to choose from;
    TimeoutError when the deadline is over.
    """
    other = name.removesuffix("_total") if name.endswith("_total") else f"{name}_total"
    found = _series(text, name, deadline) or _series(text, other, deadline)
    if not found:
        raise NoValueError(f'there is no metric "{name}"; {_nearest(text, name)}')
    series = [sample for sample in found if all(sample.labels.get(key) == value for key, value in labels.items())]
    if not series:
        there = "; ".join(_show(sample.labels) for sample in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""  # noqa: PLR2004
        raise NoValueError(f'no series of "{name}" has the labels {_show(labels)}; there are {there}{more}')
    _check_parts(name, series)
    try:
        total = math.fsum(sample.value for sample in series)
    except (OverflowError, ValueError):  # too large, or infinities of both signs
        total = math.inf
    if not math.isfinite(total):
        raise NoValueError(f'"{name}" is {"NaN" if math.isnan(total) else "infinite"}, not a number')
    return total


def _check_parts(name: str, series: Sequence[Sample]) -> None:
    for label in _PARTS:
        values = {sample.labels[label] for sample in series if label in sample.labels}
        if len(values) > 1:
            one = min(values)
            raise NoValueError(
                f'"{name}" has {len(values)} series that differ in "{label}" and cannot be added; '
                f'choose one by labels: {{{label}: "{one}"}}'
            )


def _series(text: str, name: str, deadline: Deadline | None) -> list[Sample]:
    """The series of that very name. Only their lines are parsed: the parser takes a second for a megabyte or two."""
    try:
        from prometheus_client.parser import text_fd_to_metric_families  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise NoValueError("reading it needs prometheus_client: pip install soakctl[prometheus]") from None
    # Without its TYPE line the parser leaves a sample's name as it is written.
    lines = re.compile(rf"^[ \t]*(?:{re.escape(name)}[ \t{{]|\{{[^\n]*{re.escape(name)})[^\n]*", re.MULTILINE)
    found: list[Sample] = []
    try:
        families = text_fd_to_metric_families(_checked(lines.finditer(text), deadline))  # type: ignore[arg-type]
        for family in families:
            found += [sample for sample in family.samples if sample.name == name]
    except (ValueError, IndexError):
        raise NoValueError(f'a line of "{name}" is not Prometheus text') from None
    return found


def _checked(lines: Iterator[re.Match[str]], deadline: Deadline | None) -> Iterator[str]:
    for line in lines:
        if deadline is not None:
            deadline.left()
        if line.end() - line.start() > _LONGEST_LINE:
            raise NoValueError(f"a line is longer than {_LONGEST_LINE} characters")
        yield line[0]


def _nearest(text: str, name: str) -> str:
    names = sorted(set(_NAME.findall(text)))
    near = difflib.get_close_matches(name, names[:_NAMES_LOOKED_AT], n=3, cutoff=0.6)
    near = near or [other for other in names if name in other][:3]
    if near:
        return f"similar are {', '.join(near)}"
    return f"there are {len(names)} others, as {names[0]}" if names else "there are none at all"


def _show(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{key}="{value}"' for key, value in sorted(labels.items())) + "}"
