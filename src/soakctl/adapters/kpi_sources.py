"""Asks KPI sources without ever holding the engine up: one answer for each question, and in time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from soakctl.adapters.kpi_command import read_command
from soakctl.adapters.kpi_first_of import read_first_of
from soakctl.adapters.kpi_json import read_json_file
from soakctl.adapters.kpi_prometheus import Scraper, read_metric
from soakctl.adapters.kpi_value import NoValueError
from soakctl.domain.config.kpi import CommandSource, FirstOfSource, JsonSource, PrometheusSource, Valid
from soakctl.domain.config.service import Metric
from soakctl.domain.signal import KpiRead
from soakctl.domain.wording import show_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from soakctl.domain.config.kpi import Kpi
    from soakctl.domain.signal import Signal

Readable = JsonSource | PrometheusSource | CommandSource | FirstOfSource | Metric

_AT_ONCE = 4
# Who has waited this long for a slot goes without one: sources that hang must not hold up those that do not.
_PATIENCE_S = 0.5
# A source says by itself that its time is over, and better; this much later it is said for it.
_MARGIN_S = 0.5
_FILE_TIMEOUT_S = 5.0
_CLOSE_S = 2.0
_LONGEST_REASON = 300
_NOTHING_MORE: Mapping[str, Readable] = MappingProxyType({})


@dataclass(slots=True)
class _Question:
    name: str
    token: int
    source: Readable
    timeout_s: float
    asked: float
    answered: bool = False

    @property
    def due(self) -> float:
        return self.asked + self.timeout_s + _PATIENCE_S + _MARGIN_S


class KpiReader:
    """Reads the KPIs that come from files, endpoints and commands.

    Each question is answered by exactly one KpiRead, at most a second after the time-out of its source, even where
    the source hangs for good. A source is asked by one daemon thread at a time, four sources at once; more only where
    some hang, so there are never more threads than sources. Any thread may call it.
    """

    def __init__(
        self,
        kpis: Sequence[Kpi],
        *,
        base: Path,
        environ: Mapping[str, str],
        not_before_unix: float,
        emit: Callable[[Signal], None],
        redact: Callable[[str], str] = str,
        extra: Mapping[str, Readable] = _NOTHING_MORE,
    ) -> None:
        """Nothing is read yet.

        Args:
            kpis: those from log lines and samples are left out: they are not read here.
            base: the service's working directory, for relative paths and for commands.
            environ: the environment of commands.
            not_before_unix: when the run began by the real clock; a file written before it has no value.
            emit: takes the answers; called from several threads.
            redact: hides secrets in reasons.
            extra: more sources by the name they are asked for, as the liveness metric.
        """
        own = {kpi.name: kpi.source for kpi in kpis if isinstance(kpi.source, Readable)}
        self._sources: dict[str, Readable] = {**own, **extra}
        self._valid = {kpi.name: kpi.valid for kpi in kpis}
        self._base = base
        self._environ = environ
        self._not_before_unix = not_before_unix
        self._emit = emit
        self._redact = redact
        self._scraper = Scraper()
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._changed = threading.Condition()
        self._running: dict[str, _Question] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._watching = False
        self._closing = threading.Event()

    @property
    def names(self) -> frozenset[str]:
        """What can be asked for."""
        return frozenset(self._sources)

    def read(self, name: str, token: int) -> None:
        """Ask; returns at once. The answer is a KpiRead with this name and token."""
        source = self._sources.get(name)
        if source is None:
            self._emit(KpiRead(name, token, None, f'"{name}" is not read from a file, an endpoint or a command'))
            return
        question = _Question(name, token, source, _timeout(source), time.monotonic())
        with self._changed:
            before = self._running.get(name)
            refused = "the run is over" if self._closing.is_set() else _still_reading(before, question)
            if not refused:
                refused = self._start(question)
        if refused:
            self._emit(KpiRead(name, token, None, refused))

    def close(self) -> None:
        """End running commands, and answer what is still open. Waits two seconds at most."""
        self._closing.set()
        with self._changed:
            commands = [name for name, question in self._running.items() if isinstance(question.source, CommandSource)]
            threads = [self._threads[name] for name in commands]
            self._changed.notify_all()
        deadline = time.monotonic() + _CLOSE_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            left = list(self._running.values())
        for question in left:
            self._answer(question, None, "the run is over")

    def _start(self, question: _Question) -> str:
        """Begin to read, under the lock. Says why not, or ""."""
        worker = threading.Thread(target=self._work, args=(question,), name=f"kpi-{question.name}", daemon=True)
        try:
            if not self._watching:
                threading.Thread(target=self._watch, name="kpi-watch", daemon=True).start()
                self._watching = True
            worker.start()
        except RuntimeError as error:
            return f"cannot be read: {error}"
        self._running[question.name] = question
        self._threads[question.name] = worker
        self._changed.notify_all()
        return ""

    def _work(self, question: _Question) -> None:
        slot = self._slots.acquire(timeout=_PATIENCE_S)
        value: float | None = None
        reason = note = ""
        try:
            if isinstance(question.source, FirstOfSource):
                value, note = self._first_of(question.source, self._valid[question.name])
            else:
                value = self._value(question.source)
        except NoValueError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a question without an answer would be worse; the fault is told
            reason = f"soakctl failed to read it: {type(error).__name__}: {error}"
        finally:
            if slot:
                self._slots.release()
            with self._changed:
                del self._running[question.name], self._threads[question.name]
            self._answer(question, value, reason, note)

    def _first_of(self, source: FirstOfSource, valid: Valid) -> tuple[float, str]:
        not_before = self._not_before_unix
        return read_first_of(source, valid, base=self._base, not_before_unix=not_before, now_unix=time.time())

    def _value(self, source: JsonSource | PrometheusSource | CommandSource | Metric) -> float:
        if isinstance(source, JsonSource):
            return read_json_file(
                self._base / source.json_file,
                source.pointer,
                max_age_s=None if source.max_age is None else float(source.max_age),
                not_before_unix=self._not_before_unix,
                now_unix=time.time(),
            )
        if isinstance(source, CommandSource):
            return read_command(source, cwd=self._base, env=self._environ, cancel=self._closing)
        if isinstance(source, Metric):
            return read_metric(source.url, source.name, scraper=self._scraper)
        url, timeout_s = source.prometheus, float(source.timeout)
        return read_metric(url, source.metric, source.labels, timeout_s=timeout_s, scraper=self._scraper)

    def _watch(self) -> None:
        """Answer for sources that do not come back: a name look-up, a dead file system, a body that takes minutes."""
        while not self._closing.is_set():
            with self._changed:
                waiting = [question for question in self._running.values() if not question.answered]
                now = time.monotonic()
                late = [question for question in waiting if question.due <= now]
                if not late:
                    self._changed.wait(min((question.due - now for question in waiting), default=None))
            for question in late:
                self._answer(question, None, f"no answer within {show_seconds(question.timeout_s)}; it still hangs")

    def _answer(self, question: _Question, value: float | None, reason: str, note: str = "") -> None:
        with self._changed:
            if question.answered:
                return
            question.answered = True
        self._emit(KpiRead(question.name, question.token, value, _cut(self._redact(reason)), note))


def _timeout(source: Readable) -> float:
    return float(source.timeout) if isinstance(source, PrometheusSource | CommandSource) else _FILE_TIMEOUT_S


def _still_reading(before: _Question | None, question: _Question) -> str:
    if before is None:
        return ""
    return f"still reading: the read before began {show_seconds(question.asked - before.asked)} ago"


def _cut(reason: str) -> str:
    one_line = " ".join(reason.split())
    return one_line if len(one_line) <= _LONGEST_REASON else f"{one_line[: _LONGEST_REASON - 1]}…"
