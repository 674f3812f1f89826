"""Asking KPI sources: one answer each, in time, whatever hangs."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from soakctl.adapters import kpi_sources
from soakctl.adapters.kpi_json import read_json_file
from soakctl.adapters.kpi_sources import KpiReader
from soakctl.domain.config.kpi import Kpi
from soakctl.domain.config.service import Metric
from soakctl.domain.signal import KpiRead
from tests.support.http_servers import ScriptedServer, answer, silent
from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENV = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}


class Asked:
    """A reader with the answers it gave."""

    def __init__(self, base: Path, sources: dict[str, dict[str, Any]], **given: Any) -> None:
        """One KPI a source."""
        self.answers: SimpleQueue[Any] = SimpleQueue()
        kpis = [Kpi.model_validate({"name": name, "source": source}) for name, source in sources.items()]
        self.reader = KpiReader(
            kpis,
            base=base,
            environ=ENV,
            not_before_unix=given.pop("not_before_unix", 0.0),
            emit=self.answers.put,
            **given,
        )

    def ask(self, name: str, token: int = 1) -> KpiRead:
        """Ask and wait for the answer."""
        self.reader.read(name, token)
        return self.next()

    def next(self) -> KpiRead:
        """The next answer."""
        answered = self.answers.get(timeout=20)
        assert isinstance(answered, KpiRead)
        return answered


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A working directory with a report."""
    (tmp_path / "r.json").write_text('{"p95": 222}', encoding="utf-8")
    return tmp_path


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Files that cannot be read until the event is set, as on a dead network file system; short patience."""
    release, real = threading.Event(), read_json_file

    def stuck(*path: Any, **given: Any) -> float:
        assert release.wait(30)
        return real(*path, **given)

    monkeypatch.setattr(kpi_sources, "read_json_file", stuck)
    monkeypatch.setattr(kpi_sources, "_FILE_TIMEOUT_S", 0.1)
    monkeypatch.setattr(kpi_sources, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(kpi_sources, "_MARGIN_S", 0.05)
    yield release
    release.set()


REPORT = {"json": "r.json", "pointer": "/p95"}


def test_each_kind_of_source(service: Path) -> None:
    """Files relative to the service, endpoints, commands, and the liveness metric by its own name."""
    with ScriptedServer(answer("events_total 12\n")) as server:
        asked = Asked(
            service,
            {
                "file": REPORT,
                "metric": {"prometheus": server.url(), "metric": "events"},
                "command": {"command": "cat r.json", "pointer": "/p95"},
                "line": {"log": "took (?P<value>[0-9]+)"},
                "memory": {"resource": "rss_bytes"},
            },
            extra={"liveness.metric": Metric(url=server.url(), name="events_total")},
        )
        assert asked.reader.names == {"file", "metric", "command", "liveness.metric"}
        assert asked.ask("file", 7) == KpiRead("file", 7, 222.0)
        assert asked.ask("metric", 8) == KpiRead("metric", 8, 12.0)
        assert asked.ask("liveness.metric", 9) == KpiRead("liveness.metric", 9, 12.0)
        if sys.platform != "win32":
            assert asked.ask("command", 10) == KpiRead("command", 10, 222.0)


@pytest.mark.parametrize("name", ["nothing", "line"])
def test_what_is_not_read_here_is_answered_too(service: Path, name: str) -> None:
    """A question for an unknown KPI, or for one made of log lines, gets its answer."""
    asked = Asked(service, {"line": {"log": "x", "reduce": "count"}})
    assert asked.ask(name) == KpiRead(name, 1, None, f'"{name}" is not read from a file, an endpoint or a command')


def test_a_file_older_than_the_run(service: Path) -> None:
    """The report of an earlier run is not read."""
    asked = Asked(service, {"file": REPORT}, not_before_unix=time.time() + 3600)
    found = asked.ask("file")
    assert found.value is None
    assert "is older than this run" in found.reason


def test_reasons_are_redacted_and_then_cut(service: Path) -> None:
    """A secret in a reason is hidden whole, also where the cut would have split it; a reason is one line."""
    secret = "s3cret" * 30
    (service / "r.json").write_text(f'{{"{"k" * 30}": 1}}', encoding="utf-8")
    pointer = f"/{'x' * 200} {secret}"
    asked = Asked(
        service,
        {"file": {"json": "r.json", "pointer": pointer}},
        redact=lambda text: text.replace(secret, "[hidden]").replace(" names", "\nnames"),
    )
    reason = asked.ask("file").reason
    assert "s3cret" not in reason
    assert "[hidden]" in reason
    assert "\n" not in reason
    assert len(reason) <= 300


def test_a_fault_of_our_own_is_an_answer(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is answered even when reading fails in a way nobody thought of, and says so."""

    def broken(*_: object, **__: object) -> float:
        raise KeyError("oh")

    monkeypatch.setattr(kpi_sources, "read_json_file", broken)
    found = Asked(service, {"file": REPORT}).ask("file")
    assert found == KpiRead("file", 1, None, "soakctl failed to read it: KeyError: 'oh'")


def test_a_source_that_hangs_is_answered_for(service: Path, hang: threading.Event) -> None:
    """In time, once, and later answers of it are dropped; meanwhile it is not asked again, afterwards it is."""
    asked = Asked(service, {"file": REPORT})
    assert asked.ask("file", 1) == KpiRead("file", 1, None, "no answer within 0.1s; it still hangs")
    again = asked.ask("file", 2)
    assert (again.token, again.value) == (2, None)
    assert again.reason.startswith("still reading: the read before began ")
    hang.set()
    eventually(lambda: asked.ask("file", 3).value == 222.0)
    assert asked.answers.empty()


def test_many_sources_that_hang_do_not_stop_the_others(service: Path) -> None:
    """With a dozen endpoints that never answer, a file is still read, long before their time-outs."""
    with ScriptedServer(silent) as server:
        bad = {
            f"bad{place}": {"prometheus": server.url(f"/{place}"), "metric": "a", "timeout": "10m"}
            for place in range(12)
        }
        asked = Asked(service, {**bad, "file": REPORT})
        for name in bad:
            asked.reader.read(name, 1)
        eventually(lambda: len(server.requests) >= 4)
        assert asked.ask("file", 2) == KpiRead("file", 2, 222.0)
        asked.reader.close()
        rest = [asked.next() for _ in bad]
    assert {found.name for found in rest} == set(bad)
    assert {found.reason for found in rest} == {"the run is over"}
    assert asked.answers.empty()


def test_a_hanging_endpoint_ends_within_its_time_out(service: Path) -> None:
    """Several KPIs of one endpoint that hangs all fail by the time-out of one."""
    with ScriptedServer(silent) as server:
        sources = {name: {"prometheus": server.url(), "metric": name, "timeout": 0.4} for name in "abcdef"}
        asked = Asked(service, sources)
        for name in sources:
            asked.reader.read(name, 1)
        answers = [asked.next() for _ in sources]
    assert {found.name for found in answers} == set(sources)
    assert all(found.value is None and "answer within 0.4s" in found.reason for found in answers)


@pytest.mark.skipif(sys.platform == "win32", reason="the command is a POSIX one")
def test_closing_ends_commands(service: Path) -> None:
    """No helper command outlives the run, its question is answered, and nothing is asked any more."""
    asked = Asked(service, {"slow": {"command": ["sh", "-c", "echo $$ > pid; exec sleep 300"], "timeout": "10m"}})
    asked.reader.read("slow", 1)
    eventually(lambda: (service / "pid").exists() and (service / "pid").read_text().strip())
    asked.reader.close()
    eventually(lambda: not psutil.pid_exists(int((service / "pid").read_text())))
    assert asked.next().reason in {"sh: ended because the run is over", "the run is over"}
    assert asked.ask("slow", 2) == KpiRead("slow", 2, None, "the run is over")


def test_closing_answers_for_who_hangs(service: Path, hang: threading.Event) -> None:
    """What cannot be ended is answered for at once, and only once."""
    asked = Asked(service, {"file": REPORT})
    asked.reader.read("file", 1)
    asked.reader.close()
    assert asked.next() == KpiRead("file", 1, None, "the run is over")
    hang.set()
    eventually(lambda: not any(thread.name == "kpi-file" for thread in threading.enumerate()))
    assert asked.answers.empty()


def test_no_more_threads(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is out of threads gives an answer as well."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert Asked(service, {"file": REPORT}).ask("file").reason == "cannot be read: can't start new thread"


def test_every_question_has_exactly_one_answer(service: Path) -> None:
    """Asked from many threads at once, each token comes back once."""
    asked = Asked(service, {f"kpi{place}": REPORT for place in range(5)})
    start = threading.Barrier(8)

    def keep_asking(first: int) -> None:
        start.wait(20)
        for token in range(first, first + 40):
            asked.reader.read(f"kpi{token % 5}", token)

    threads = [threading.Thread(target=keep_asking, args=(place * 40,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = [asked.next() for _ in range(320)]
    assert Counter(found.token for found in answers) == Counter(range(320))
    assert all(found.value == 222.0 or found.reason.startswith("still reading") for found in answers)
    assert asked.answers.empty()


def test_threads_do_not_pile_up(service: Path) -> None:
    """After two hundred reads there are no more threads than before but the one that watches."""
    asked = Asked(service, {"file": REPORT})
    before = threading.active_count()
    for token in range(200):
        assert asked.ask("file", token).token == token
        eventually(lambda: not any(thread.name == "kpi-file" for thread in threading.enumerate()))
    assert threading.active_count() <= before + 1
    asked.reader.close()
