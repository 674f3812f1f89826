"""The snapshot as a use case, and when a run takes one."""

from __future__ import annotations

from typing import Any

from soakctl.domain.environment import SECTIONS
from soakctl.errors import UnavailableError
from soakctl.redact import Redactor
from soakctl.services.snapshot import take_snapshot
from soakctl.services.soak.snapshots import MOST_FAILURES, SnapshotMoments
from tests.support.scripted import Script, config_of, soak_script


def test_a_question_without_an_answer_costs_only_itself() -> None:
    """It leaves null and a note; everything is redacted on its way out."""

    def fails() -> Any:
        message = "git is not installed"
        raise UnavailableError(message, where="/srv/app")

    questions = {section: (fails if section == "git" else lambda: {"password": "hunter2"}) for section in SECTIONS}
    found = take_snapshot(
        questions, moment="asked", unix=1.0, key=None, hide=Redactor().value, notes=("no key can be kept",)
    )
    assert found["git"] is None
    assert found["notes"] == [
        {"section": "", "problem": "no key can be kept"},
        {"section": "git", "problem": "git is not installed (/srv/app)"},
    ]
    assert "hunter2" not in str(found)
    assert found["taken_utc"] == "1970-01-01T00:00:01Z"


def _asked(script: Script, *, resumed: bool = False) -> list[tuple[str, str, bool]]:
    """What a run of this script asks for: the name without its number, the moment, whether there is a process."""
    asked: list[tuple[str, str, bool]] = []
    moments = SnapshotMoments(
        lambda name, moment, pid: asked.append((name.rstrip("0123456789.json"), moment, pid is not None)),
        resumed=resumed,
    )
    soak_script(script, observer=moments)
    return asked


SOAK = {"duration": "10m", "sample_every": "10s"}


def test_a_healthy_run_takes_one_at_its_start_and_one_at_its_end() -> None:
    """With the process to look at: at its end it has not been stopped yet."""
    script = Script(config_of(soak=SOAK), lines=[(0.1, "up", "out")], every=(10.0, "tick"))
    assert _asked(script) == [("environment_start", "start", True), ("environment_end", "end", True)]


def test_a_resumed_run_keeps_the_first_one() -> None:
    """It takes another one beside it."""
    script = Script(config_of(soak=SOAK), lines=[(0.1, "up", "out")], every=(10.0, "tick"))
    assert _asked(script, resumed=True)[0] == ("environment_resumed_", "start", True)


def test_a_crash_is_a_failure() -> None:
    """The process is gone, so there is none to look at."""
    script = Script(config_of(soak=SOAK), lines=[(0.1, "up", "out")], every=(10.0, "tick"), ends={1: (60.0, 1)})
    asked = _asked(script)
    assert asked[1:] == [("environment_failure_", "failure", False), ("environment_end", "end", False)]


def test_silence_is_a_failure_seen_while_the_process_is_there() -> None:
    """What it was doing can only be seen before it is stopped."""
    quiet = {"liveness": {"pattern": "tick", "silence": "1m"}}
    script = Script(config_of(service=quiet, soak=SOAK), lines=[(0.1, "tick", "out")])
    assert ("environment_failure_", "failure", True) in _asked(script)


def test_a_boot_that_fails_is_one_failure() -> None:
    """The crash and the boot that failed for it are one."""
    script = Script(config_of(soak=SOAK), lines=[(0.1, "ImportError: x", "err")], ends={1: (0.5, 1)})
    asked = [name for name, _, _ in _asked(script)]
    assert (asked.count("environment_failure_"), asked.count("environment_start")) == (1, 1)


def test_a_service_that_fails_for_ever_does_not_fill_the_disk() -> None:
    """The first looks tell; so many and no more."""
    again = {"restart": {"policy": "on_failure", "max": 100, "backoff": "12s"}}
    ends = dict.fromkeys(range(1, 200), (30.0, 1))
    soak = {"duration": "2h", "sample_every": "10s"}
    script = Script(config_of(service=again, soak=soak), lines=[(0.1, "up", "out")], every=(10.0, "x"), ends=ends)
    assert [name for name, _, _ in _asked(script)].count("environment_failure_") == MOST_FAILURES
