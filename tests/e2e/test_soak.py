"""`soakctl soak` on real processes that go on, break, come back, and run to their end."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support.cli import APPS, PYTHON, assert_gone
from tests.support.polling import eventually

if TYPE_CHECKING:
    from tests.support.cli import Cli, Done

SHORT = ("--duration", "3s", "--iteration", "1.5s", "--sample-every", "0.25s")


def trouble(*words: str, **more: Any) -> dict[str, Any]:
    """A configuration for a service that runs into trouble; its first line says that it is up."""
    service = {"command": [PYTHON, "-u", str(APPS / "trouble.py"), *words], "ready": {"log": "Event received: up"}}
    return {"service": {**service, **more}}


def assert_healthy(done: Done) -> None:
    """Fail unless nothing is wrong with the service; a machine that is busy costs samples, which is a warning."""
    assert done.code == 0, str(done)
    wrong = [name for name, check in checks(done).items() if check["severity"] != "ok"]
    assert all(name.startswith(("record.", "resource.")) for name in wrong), str(done)


def checks(done: Done) -> dict[str, Any]:
    """The checks of a verdict that was asked for as JSON, by id."""
    return {check["id"]: check for check in done.document()["checks"]}


def test_a_healthy_service_passes_and_the_gate_says_the_same(cli: Cli) -> None:
    """A family of processes, a daemon among them, runs to the planned end, and the record gives the verdict again."""
    soak = cli.run("soak", *SHORT, "--json", "--", PYTHON, "-u", str(APPS / "family.py"))
    assert_healthy(soak)
    found = soak.document()
    assert (found["pass_count"], found["observed_s"] >= 3) == (2, True)
    assert f"Verdict: {found['verdict']} (exit 0)" in soak.err
    assert all(row["num_processes"] == 3 for row in cli.rows("resources.jsonl"))
    assert [row["elapsed_s"] for row in cli.rows("resources.jsonl")] == sorted(
        row["elapsed_s"] for row in cli.rows("resources.jsonl")
    )
    assert cli.read("run.json")["state"] == "finished"
    assert cli.read("status.json")["schema"] == "soakctl.status/1"
    log = (cli.latest / "logs" / "service.log").read_text(encoding="utf-8")
    assert "out closed the books" in log
    for word in ("main", "child", "daemon"):
        assert_gone(int(log.partition(f"out {word} ")[2].split()[0]))

    gate = cli.bash("soakctl gate --json")
    assert (gate.code, gate.document()) == (0, found)


@pytest.mark.parametrize(
    ("kind", "check", "reason"),
    [
        ("crash", "stability.crashes", "the service was killed by SIGSEGV by itself"),
        ("exit", "stability.crashes", "the service exited with code 0 by itself"),
        ("silence", "stability.liveness", "never came back"),
    ],
)
def test_a_service_that_stops_working_fails(cli: Cli, kind: str, check: str, reason: str) -> None:
    """A crash, an end that nobody asked for and a silence each fail the run, which is said where it happened."""
    cli.configure(trouble(kind, "0.5", liveness={"pattern": "Event received", "silence": "1s"}))
    done = cli.run("soak", *SHORT, "--json")
    assert done.code == 1, str(done)
    assert checks(done)[check]["severity"] == "fail"
    assert reason in checks(done)[check]["reason"]
    assert "iteration 1/2 FAIL (cut short)" in done.err or kind == "silence"


def test_a_critical_line_and_a_zombie_fail(cli: Cli) -> None:
    """What the log says and what the process table shows are each judged, and each is named in the report."""
    cli.configure(trouble("critical,zombie", "0.3"))
    done = cli.run("soak", *SHORT)
    assert (done.code, done.last) == (1, "Verdict: FAIL (exit 1)"), str(done)
    assert "FAIL  CRITICAL lines: 1 (allowed <= 0)" in done.out
    assert "CRITICAL engine: position book is corrupt" in done.out
    assert "FAIL  Zombie processes: 1 (allowed <= 0)" in done.out
    quiet = cli.bash("soakctl gate | head -1 > /dev/null; echo ${PIPESTATUS[0]}; soakctl gate -q")
    assert (quiet.code, quiet.out) == (1, "1\nVerdict: FAIL (exit 1)\n")


def test_a_leak_fails_and_is_named(cli: Cli) -> None:
    """Memory that grows by megabytes a second is a leak, however short the run."""
    cli.configure(trouble("leak"))
    done = cli.run("soak", "--duration", "6s", "--iteration", "3s", "--sample-every", "0.25s")
    assert done.code == 1, str(done)
    assert "FAIL  RSS growth" in done.out
    analysis = cli.read("resources.analysis.json")
    assert analysis["memory_leak_detected"] is True
    assert analysis["resources"]["rss"]["verdict"] == "LEAK"


def test_a_service_is_restarted_as_the_policy_says_and_every_restart_is_found(cli: Cli) -> None:
    """Each life boots anew; after the last restart the run ends with all crashes on record."""
    cli.configure(trouble("crash", "0.5", restart={"policy": "on_failure", "max": 2, "backoff": "0.1s..1s"}))
    done = cli.run("soak", "--duration", "50s", "--json")
    assert done.code == 1, str(done)
    assert checks(done)["stability.crashes"]["value"] == "3"
    assert checks(done)["stability.restarts"]["value"] == "2"
    journal = [row for row in cli.rows("events.jsonl") if row["kind"] in {"service_started", "boot_ended"}]
    assert [(row["life"], row["kind"]) for row in journal] == [
        (life, kind) for life in (1, 2, 3) for kind in ("service_started", "boot_ended")
    ]
    assert all(row["took_s"] >= 0.3 for row in journal if row["kind"] == "boot_ended")


def test_a_repeated_command_runs_once_an_iteration(cli: Cli) -> None:
    """Each run is an iteration of its own, whole and judged; one that fails fails the run, and the others go on."""
    batch = [PYTHON, str(APPS / "batch.py"), "counter", "2"]
    cli.configure({"soak": {"iterations": 3, "repeat": {"command": batch, "timeout": "20s", "heartbeat": "0.1s"}}})
    done = cli.run("soak", "--json")
    assert done.code == 1, str(done)
    assert cli.cwd.joinpath("counter").read_text(encoding="ascii") == "3"
    ended = cli.events("iteration_ended")
    assert [(row["iteration"], row["failed_runs"], row["partial"]) for row in ended] == [
        (1, 0, False),
        (2, 1, False),
        (3, 0, False),
    ]
    assert checks(done)["stability.repeats"]["severity"] == "fail"
    assert "iteration 2/3 FAIL" in done.err


def test_a_process_that_is_already_running_is_watched_and_left_alone(cli: Cli) -> None:
    """With --pid nothing is started and nothing is stopped; its end by itself fails the run."""
    command = [PYTHON, "-u", str(APPS / "trouble.py"), "exit", "600"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as foreign:
        assert_healthy(cli.run("soak", *SHORT, "--pid", str(foreign.pid), "--json"))
        assert foreign.poll() is None
        assert cli.rows("resources.jsonl")[-1]["service_pid"] == foreign.pid

        with cli.start("soak", "--duration", "50s", "--pid", str(foreign.pid), "--json") as running:
            eventually(lambda: len(cli.runs) == 2)
            cli.wait_for_samples(1)
            os.kill(foreign.pid, signal.SIGKILL)
            done = running.done()
        assert done.code == 1, str(done)
        assert checks(done)["stability.crashes"]["reason"] == "the service ended by itself"


def test_a_killed_keeper_is_named_and_the_service_not_blamed(cli: Cli) -> None:
    """The service ends with it, and nothing of it is left; that is no pass, and no crash."""
    command = [PYTHON, "-u", str(APPS / "trouble.py"), "exit", "600"]
    with cli.start("soak", "--duration", "50s", "--sample-every", "0.5s", "--json", "--", *command) as running:
        eventually(lambda: len(cli.runs) == 1)
        cli.wait_for_samples(1)
        os.kill(psutil.Process(cli.events("service_started")[0]["pid"]).ppid(), signal.SIGKILL)
        done = running.done()
    assert done.code == 1, str(done)
    found = checks(done)
    assert found["stability.crashes"]["severity"] == "ok"
    assert found["stability.keeper"]["severity"] == "fail"
    assert "soakctl's keeper was ended from outside, by SIGKILL" in found["stability.keeper"]["reason"]
    assert "the service ended by itself" not in done.out
    assert "by itself" not in done.err


def test_a_process_that_does_not_exist_cannot_be_watched(cli: Cli) -> None:
    """That is code 69, says so, and leaves neither a run nor a pointer to one."""
    with subprocess.Popen(["true"]) as gone:
        pass
    done = cli.run("soak", "--pid", str(gone.pid), "--json")
    assert done.code == 69, str(done)
    assert done.document()["error"]["message"] == f"there is no process {gone.pid}"
    assert not cli.artifacts.exists()


def test_a_kpi_that_cannot_be_read_is_no_data_and_never_a_pass(cli: Cli) -> None:
    """A file that is missing, cut, not JSON or old, and a server that is down, warn; under --strict they fail."""
    write = "; ".join(f"open({name!r}, 'w').write({text!r})" for name, text in [("cut", '{"a": 1'), ("text", "hello")])
    program = f"{write}; print('up', flush=True); import time; time.sleep(600)"
    cli.cwd.joinpath("old").write_text('{"a": 1}', encoding="utf-8")
    os.utime(cli.cwd / "old", (1, 1))
    sources = {name: {"json": name, "pointer": "/a"} for name in ("missing", "cut", "text", "old")}
    down = {"prometheus": "http://127.0.0.1:9/metrics", "metric": "x", "timeout": "1s"}
    kpis = [{"name": name, "source": source, "max": 3} for name, source in [*sources.items(), ("down", down)]]
    cli.configure({"service": {"command": [PYTHON, "-c", program], "ready": {"log": "up"}}, "kpis": kpis})
    done = cli.run("soak", *SHORT, "--json")
    assert (done.code, done.document()["verdict"]) == (0, "WARN"), str(done)
    for name, reason in {
        "missing": "missing does not exist",
        "cut": "cut ends in the middle at line 1 column 8",
        "text": "text is not JSON",
        "old": "old is older than this run",
        "down": "http://127.0.0.1:9/metrics: connection refused",
    }.items():
        check = checks(done)[f"kpi.{name}"]
        assert (check["severity"], check["value"]) == ("no_data", "")
        assert reason in check["reason"]
    codes = cli.bash("soakctl gate -q --strict; echo $?; soakctl gate -q --fail-on warn; echo $?; soakctl gate -q")
    assert codes.out.split("\n") == [
        "Verdict: FAIL (exit 1)",
        "1",
        "Verdict: WARN (exit 1)",
        "1",
        "Verdict: WARN (exit 0)",
        "",
    ]


def test_a_process_of_another_user_needs_the_right_to_look(cli: Cli) -> None:
    """Who may not read a process is told so, with code 69."""
    done = cli.as_nobody("soak", "--pid", str(os.getpid()))
    assert done.code == 69, str(done)
    assert "belongs to another user" in done.err
