"""Whether the service stayed up, kept working, logged nothing critical and stopped cleanly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soakctl.errors import ExitCode
from soakctl.judge.stability import stability_checks, stop_check
from tests.support.records import BOOTED, STOPPED, ended, iteration_of, state_of
from tests.support.scripted import config_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.verdict import Check

LIVELY = {"liveness": {"pattern": "tick", "silence": "2m"}}
Event = tuple[float, str, "Mapping[str, Any]"]


def checks_of(*events: Event, **sections: Any) -> dict[str, Check]:
    """The checks by id of a run that saw these events."""
    return {item.id: item for item in stability_checks(state_of(*events), config_of(**sections))}


def test_a_quiet_run_is_stable() -> None:
    """Every line is there, and says what was found against what was allowed."""
    found = checks_of(*BOOTED, *STOPPED, service=LIVELY)
    told = {key: f"{item.severity} {item.value} {item.limit} {item.reason}".strip() for key, item in found.items()}
    assert told == {
        "boot": "ok 1.0s  port 8000",
        "stability.crashes": "ok 0 0",
        "stability.liveness": "ok no long silence <= 2m",
        "logs.critical": "ok 0 <= 0",
        "stability.stop": "ok 1.0s <= 40s asked SIGTERM",
    }


def boot_ended(**data: Any) -> Event:
    """The end of a boot."""
    return (2.0, "boot_ended", {"exit": "SUCCESS", "took_s": 2.0, "reason": "", "sign": "", **data})


def test_a_failed_boot_carries_its_story() -> None:
    """Code, reason, hints and the lines around it; no crash is told beside it."""
    event = boot_ended(exit="API_ERROR", reason="401 Unauthorized", hints=["a", "b", "c", "d"], evidence=["x", "y"])
    death = (2.1, "service_exited", {"code": 1, "expected": False})
    found = checks_of(*BOOTED[:2], event, death)
    boot = found["boot"]
    assert (boot.severity, boot.value, boot.exit_code) == ("fail", "API_ERROR", ExitCode.API_ERROR)
    assert (boot.reason, boot.hint, boot.evidence) == ("401 Unauthorized", "a; b; c", ("x", "y"))
    assert "stability.crashes" not in found


def test_a_boot_that_stalled_says_how_long_it_was_waited_for() -> None:
    """There is no better reason than time."""
    boot = checks_of(*BOOTED[:2], boot_ended(exit="STALLED", took_s=8.0))["boot"]
    assert (boot.severity, boot.reason, boot.exit_code) == ("fail", "no events after 8.0s", ExitCode.STALLED)


def test_a_boot_without_any_sign_of_life_warns() -> None:
    """Being up is not being alive."""
    boot = checks_of(*BOOTED[:2], boot_ended())["boot"]
    assert (boot.severity, boot.value) == ("warn", "no sign of life")
    assert "service.ready" in boot.hint


def test_a_boot_not_seen_to_its_end_has_no_data() -> None:
    """Interrupted before it was decided: neither good nor bad."""
    assert checks_of(*BOOTED[:2])["boot"].severity == "no_data"


def test_checkpoints_out_of_order_are_a_finding() -> None:
    """The boot passed, and something about it is odd."""
    points: list[Event] = [
        (0.5, "checkpoint", {"name": "b", "at_s": 0.5, "fields": {}, "in_order": False}),
        (0.6, "checkpoint", {"name": "a", "at_s": 0.6, "fields": {}, "in_order": True}),
    ]
    found = checks_of(*BOOTED[:2], *points, boot_ended(sign="checkpoint a"))
    assert found["boot"].severity == "ok"
    assert (found["boot.order"].severity, found["boot.order"].reason) == ("warn", "out of order: b")


def test_the_boot_of_a_restart_that_fails_fails_the_run() -> None:
    """The first boot was good; the newest one is what the service can do now."""
    again = (90.0, "service_starting", {"life": 2, "restart": True})
    found = checks_of(*BOOTED, again, (98.0, "boot_ended", {"exit": "STALLED", "took_s": 8.0, "reason": ""}))
    assert found["boot"].severity == "fail"


def test_a_restart_whose_boot_is_not_over_leaves_the_first_one_standing() -> None:
    """Killed in the middle of a restart: the crash says enough."""
    death = (50.0, "service_exited", {"code": 1, "expected": False})
    found = checks_of(*BOOTED, death, (90.0, "service_starting", {"life": 2, "restart": True}))
    assert found["boot"].severity == "ok"
    assert found["stability.crashes"].severity == "fail"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0, "the service exited with code 0 by itself"),
        (3, "the service exited with code 3 by itself"),
        (-11, "the service was killed by SIGSEGV by itself"),
        (None, "the service ended by itself"),
    ],
)
def test_ending_by_itself_is_a_crash_whatever_the_code(code: int | None, reason: str) -> None:
    """Even 0; when and how stand in the evidence."""
    crash = checks_of(*BOOTED, (3700.0, "service_exited", {"code": code, "expected": False}))["stability.crashes"]
    assert (crash.severity, crash.value) == ("fail", "1")
    assert crash.reason == reason
    assert crash.evidence[0].startswith("1h01m: life 1 ")


def test_a_keeper_that_was_killed_is_not_blamed_on_the_service() -> None:
    """No crash, and no pass: what ended the run is named."""
    cause = "soakctl's keeper was ended from outside, by SIGKILL"
    found = checks_of(*BOOTED, (3700.0, "service_exited", {"code": None, "expected": False, "cause": cause}))
    assert (found["stability.crashes"].severity, found["stability.crashes"].value) == ("ok", "0")
    keeper = found["stability.keeper"]
    assert keeper.severity == "fail"
    assert keeper.reason == f"{cause}, and the service ended with it, which is not to blame"
    assert keeper.evidence == (f"1h01m: life 1: {cause}",)


def test_a_keeper_that_was_killed_in_the_stop_makes_the_stop_no_failure_of_the_service() -> None:
    """What was killed then was killed because nobody was left to end it."""
    cause = "soakctl's keeper was ended from outside, by SIGKILL"
    found = checks_of(
        *BOOTED,
        (3600.0, "stop_rung", {"rung": "requested", "reason": "planned end"}),
        (3601.0, "stop_rung", {"rung": "asked", "signal": "SIGTERM", "targets": 1}),
        (3602.0, "service_exited", {"code": None, "expected": True, "cause": cause}),
        (3602.0, "stop_rung", {"rung": "killed", "signal": "SIGKILL", "targets": 2}),
        (3602.0, "stop_rung", {"rung": "gone", "left": 0}),
    )
    assert found["stability.stop"].severity == "ok"
    assert found["stability.keeper"].severity == "fail"


def test_an_expected_end_is_no_crash() -> None:
    """It was asked to end."""
    assert checks_of(*BOOTED, *STOPPED)["stability.crashes"].severity == "ok"


def test_restarts_warn_beside_the_crash_that_caused_them() -> None:
    """Coming back does not undo the fall."""
    events: list[Event] = []
    for life in (1, 2):
        events.append((100.0 * life, "service_exited", {"code": 1, "expected": False}))
        events.append((100.0 * life + 1, "service_starting", {"life": life + 1, "restart": True}))
        events.append((100.0 * life + 2, "boot_ended", {"exit": "SUCCESS", "took_s": 1.0, "sign": "x", "reason": ""}))
    found = checks_of(*BOOTED, *events)
    assert (found["stability.restarts"].severity, found["stability.restarts"].value) == ("warn", "2")
    assert (found["stability.crashes"].value, found["stability.crashes"].points) == ("2", 3)


@pytest.mark.parametrize(
    ("restored", "words"),
    [(True, "silent at 5m00s for longer than allowed, and came back"), (False, "and never came back")],
)
def test_a_silence_fails_even_if_it_ended(restored: bool, words: str) -> None:
    """A bot that placed no order for hours was not working, however busy it is now."""
    events: list[Event] = [(300.0, "liveness_lost", {"silence_s": 120.0, "allowed_s": 120.0})]
    if restored:
        events.append((400.0, "liveness_restored", {}))
    found = checks_of(*BOOTED, *events, service=LIVELY)["stability.liveness"]
    assert (found.severity, found.value) == ("fail", "1 silence")
    assert words in found.reason


def test_without_liveness_nothing_is_said_of_progress() -> None:
    """A line about what nobody asked for would look like a pass."""
    assert "stability.liveness" not in checks_of(*BOOTED)


@pytest.mark.parametrize(("allowed", "seen", "severity"), [(0, 0, "ok"), (0, 1, "fail"), (2, 2, "ok"), (2, 3, "fail")])
def test_critical_lines_are_counted_against_what_is_allowed(allowed: int, seen: int, severity: str) -> None:
    """The limit belongs to what is allowed; the first lines are the evidence of a failure only."""
    data = {"lines": 100, "critical": seen, "events": 0, "critical_lines": [f"CRITICAL {n}" for n in range(seen)]}
    found = checks_of(*BOOTED, (60.0, "log_observed", data), gate={"logs": {"critical": allowed}})["logs.critical"]
    assert (found.severity, found.value, found.limit, found.points) == (severity, str(seen), f"<= {allowed}", 100)
    assert bool(found.evidence) == (severity == "fail")


def test_at_most_five_critical_lines_are_shown() -> None:
    """The rest is in the log."""
    data = {"lines": 50, "critical": 50, "events": 0, "critical_lines": [f"CRITICAL {n}" for n in range(50)]}
    found = checks_of(*BOOTED, (60.0, "log_observed", data))["logs.critical"]
    assert found.evidence == tuple(f"CRITICAL {n}" for n in range(5))


@pytest.mark.parametrize(
    ("allowed", "failed", "severity"), [(0, 0, "ok"), (0, 1, "fail"), (2, 2, "ok"), (2, 3, "fail")]
)
def test_failed_runs_of_a_repeated_command(allowed: int, failed: int, severity: str) -> None:
    """They count over the whole run."""
    iterations = [ended(iteration_of(place, failed_runs=int(place <= failed))) for place in range(1, 9)]
    sections = {"soak": {"repeat": {"command": ["job"]}}, "gate": {"failures": allowed}}
    found = checks_of(*BOOTED, *iterations, **sections)
    assert (found["stability.repeats"].severity, found["stability.repeats"].value) == (severity, str(failed))
    assert "stability.stop" not in found


def rung(name: str, at_s: float = 11.0, **data: Any) -> Event:
    """A rung of the stop."""
    return (at_s, "stop_rung", {"rung": name, **data})


ASKED = (rung("requested", 10.0, reason="planned end"), rung("asked", 10.0, signal="SIGTERM", targets=1))


@pytest.mark.parametrize(
    ("events", "stop", "reason"),
    [
        ([rung("killed", signal="SIGKILL", targets=2), rung("gone", left=0)], {}, "2 processes had to be killed"),
        ([rung("gone", left=3)], {}, "3 processes could not be ended"),
        ([rung("gone", left=0), rung("not_verified", detail="exit 1")], {}, "the verification failed: exit 1"),
        ([rung("gone", left=0), rung("not_logged", patterns=["a", "b"])], {}, "it did not log a, b"),
        ([(11.0, "service_exited", {"code": 3, "expected": True}), rung("gone", left=0)], {}, "it exited with code 3"),
        (
            [(11.0, "service_exited", {"code": -9, "expected": True}), rung("gone", left=0)],
            {},
            "it was killed by SIGKILL",
        ),
        (
            [rung("killed", signal="SIGKILL", targets=1), rung("gone", left=1), rung("not_logged", patterns=["bye"])],
            {},
            "1 process had to be killed; it did not log bye; 1 process could not be ended",
        ),
    ],
)
def test_what_makes_a_stop_unclean(events: list[Event], stop: dict[str, Any], reason: str) -> None:
    """Each is named; several are told together."""
    found = checks_of(*BOOTED, *ASKED, *events, service={"stop": stop})["stability.stop"]
    assert (found.severity, found.reason) == ("fail", reason)


@pytest.mark.parametrize(
    ("code", "stop", "severity"),
    [
        (0, {}, "ok"),
        (-15, {}, "ok"),
        (143, {}, "ok"),  # a handler that ends as the signal would, as a shell says it
        (130, {}, "fail"),  # nobody sent SIGINT
        (130, {"signal": "SIGINT"}, "ok"),
        (143, {"signal": "SIGINT"}, "fail"),
        (143, {"clean_exit": [143]}, "ok"),
        (0, {"clean_exit": [143]}, "fail"),
        (143, {"clean_exit": [0]}, "ok"),
        (-2, {"signal": "SIGINT"}, "ok"),  # the signal itself is always a clean end
        (-2, {}, "fail"),
        (None, {}, "ok"),  # nobody knows
    ],
)
def test_which_exit_codes_are_clean(code: int | None, stop: dict[str, Any], severity: str) -> None:
    """Configured, with the signal that was sent on top."""
    events = ((11.0, "service_exited", {"code": code, "expected": True}), rung("gone", left=0))
    found = checks_of(*BOOTED, *ASKED, *events, service={"stop": stop})["stability.stop"]
    assert found.severity == severity


def test_a_stop_that_was_not_seen_to_its_end_is_not_judged() -> None:
    """Killed in the middle of it: nothing is known."""
    assert stop_check(state_of(*BOOTED, *ASKED), config_of()) is None
    assert stop_check(state_of(*BOOTED), config_of()) is None


def test_a_dead_service_had_no_stop_to_judge() -> None:
    """Nobody was there to be asked."""
    death = (9.0, "service_exited", {"code": 1, "expected": False})
    events = (rung("requested", 10.0, reason="the service ended by itself"), rung("gone", left=0))
    assert stop_check(state_of(*BOOTED, death, *events), config_of()) is None


def test_an_attached_process_is_not_judged_by_its_end() -> None:
    """It was never asked to stop."""
    events = (*BOOTED, *ASKED, rung("killed", signal="SIGKILL", targets=1), rung("gone", left=0))
    found = stop_check(state_of(*events, attached=True), config_of())
    assert found is not None
    assert found.severity == "ok"
