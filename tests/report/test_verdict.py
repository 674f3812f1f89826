"""The verdict of a run as people see it: the whole text at 80 and at 160 columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soakctl.domain.plan import Plan
from soakctl.domain.verdict import Check, Severity, Verdict, conclude
from soakctl.report.summary import summary_text
from soakctl.report.verdict import headline, verdict_report, why
from tests.support.scripted import config_of, manifest_of
from tests.support.shown import shown

CHECKS = (
    Check("boot", Severity.OK, "Boot", "2.3s", reason="checkpoint event_received"),
    Check(
        "stability.crashes",
        Severity.FAIL,
        "Crashes",
        "1",
        "0",
        "run",
        1,
        "the service was killed by SIGSEGV by itself",
        evidence=("3h20m: life 1 was killed by SIGSEGV",),
    ),
    Check(
        "kpi.p95_latency_ms",
        Severity.WARN,
        "p95_latency_ms",
        "mean 322 ms",
        "<= 340 ms",
        "last 8",
        8,
        "outside the warning level <= 300 ms",
    ),
    Check("kpi.ratio", Severity.NO_DATA, "ratio", "", ">= 0.8", "last 8", 0, "connection refused"),
    Check("iterations", Severity.OK, "Iterations passed", "7", ">= 6", "last 8 of 24", 8),
    Check(
        "resource.rss",
        Severity.WARN,
        "RSS growth",
        "+1.2 MB/h",
        "<= +1 MB/h",
        "run",
        1440,
        "INCONCLUSIVE, unknown, the noise is larger than the budget, 95% interval -1 MB/h to +3 MB/h",
        hint="Run it for 3d.",
        strict=True,
    ),
    Check("record.gaps", Severity.INFO, "Gaps", "1, 12.0s lost", "", "run", 1, "soakctl was not running"),
)
FACTS: dict[str, Any] = {
    "observed_s": 86_000.0,
    "pass_count": 7,
    "looked_at": 8,
    "look": {
        "start_bytes": 1e8,
        "end_bytes": 1.3e8,
        "peak_bytes": 1.4e8,
        "growth_bytes": 3e7,
        "events": 86_000,
        "events_per_second": 1.0,
        "exhaustion_s": [864_000.0, 432_000.0, 1_728_000.0],
    },
}
MANIFEST = manifest_of(config_of(), Plan(86_400.0, 3600.0, 60.0, 24)).model_copy(
    update={"command": ("python", "-m", "risk_manager")}
)


def verdict_of(*checks: Check, strict: bool = False, mock: bool = False, **facts: Any) -> Verdict:
    """The verdict of these checks."""
    return conclude(checks, mock=mock, strict=strict, facts=facts)


FAILED = verdict_of(*CHECKS, **FACTS)
AT_80 = """\
Run 20260101T000000Z-00000001: python -m risk_manager, 23h53m of 24h00m observed
         check              value          limit       over
ok       Boot               2.3s                       checkpoint event_received
FAIL     Crashes            1              0           run, n=1, see below
WARN     p95_latency_ms     mean 322 ms    <= 340 ms   last 8, n=8, see below
NO DATA  ratio                             >= 0.8      last 8, see below
ok       Iterations passed  7              >= 6        last 8 of 24, n=8
WARN     RSS growth         +1.2 MB/h      <= +1 MB/h  run, n=1440, see below
note     Gaps               1, 12.0s lost              run, n=1, soakctl was not
                                                       running

memory  100 MB at the start, 130 MB at the end (+30 MB), peak 140 MB
events  86,000 processed, 1 per second
memory of this machine is used up in 10d00h (5d00h to 20d00h) if it goes on so

FAIL  Crashes: 1 (allowed 0)
      the service was killed by SIGSEGV by itself
      | 3h20m: life 1 was killed by SIGSEGV
WARN  p95_latency_ms: mean 322 ms (allowed <= 340 ms)
      outside the warning level <= 300 ms
WARN  RSS growth: +1.2 MB/h (allowed <= +1 MB/h)
      INCONCLUSIVE, unknown, the noise is larger than the budget, 95% interval
      -1 MB/h to +3 MB/h
      hint: Run it for 3d.
NO DATA  ratio: (allowed >= 0.8)
      connection refused

FAIL  7 checks: 1 failed, 2 warned, 1 without data; 7 of the last 8 iterations
passed
"""
AT_160 = """\
Run 20260101T000000Z-00000001: python -m risk_manager, 23h53m of 24h00m observed
         check              value          limit       over
ok       Boot               2.3s                       checkpoint event_received
FAIL     Crashes            1              0           run, n=1, see below
WARN     p95_latency_ms     mean 322 ms    <= 340 ms   last 8, n=8, see below
NO DATA  ratio                             >= 0.8      last 8, see below
ok       Iterations passed  7              >= 6        last 8 of 24, n=8
WARN     RSS growth         +1.2 MB/h      <= +1 MB/h  run, n=1440, see below
note     Gaps               1, 12.0s lost              run, n=1, soakctl was not running

memory  100 MB at the start, 130 MB at the end (+30 MB), peak 140 MB
events  86,000 processed, 1 per second
memory of this machine is used up in 10d00h (5d00h to 20d00h) if it goes on so

FAIL  Crashes: 1 (allowed 0)
      the service was killed by SIGSEGV by itself
      | 3h20m: life 1 was killed by SIGSEGV
WARN  p95_latency_ms: mean 322 ms (allowed <= 340 ms)
      outside the warning level <= 300 ms
WARN  RSS growth: +1.2 MB/h (allowed <= +1 MB/h)
      INCONCLUSIVE, unknown, the noise is larger than the budget, 95% interval -1 MB/h to +3 MB/h
      hint: Run it for 3d.
NO DATA  ratio: (allowed >= 0.8)
      connection refused

FAIL  7 checks: 1 failed, 2 warned, 1 without data; 7 of the last 8 iterations passed
"""


def test_one_reason_for_several_is_told_once() -> None:
    """A run that was cut short cannot judge growth of anything: one finding names all of it."""
    few, names = "INCONCLUSIVE, 5 samples: too few to judge growth", ("RSS", "USS", "Threads")
    open_ = [
        Check(f"resource.{name}", Severity.WARN, f"{name} growth", "", "<= +1/h", reason=few, strict=True)
        for name in names
    ]
    other = Check("resource.fds", Severity.WARN, "Open files growth", "+2/h", "<= +1/h", reason="it grows steadily")
    text = shown(verdict_report(MANIFEST, verdict_of(*open_, other)), 80)
    assert text.count(few) == 1
    assert (
        f"""
WARN  RSS growth, USS growth, Threads growth:
      {few}
WARN  Open files growth: +2/h (allowed <= +1/h)
      it grows steadily
"""
        in text
    )
    evidence = [Check(f"x.{at}", Severity.FAIL, "X", reason="broke", evidence=(str(at),)) for at in range(2)]
    assert shown(verdict_report(MANIFEST, verdict_of(*evidence)), 80).count("broke") == 2


@pytest.mark.parametrize(("width", "text"), [(80, AT_80), (160, AT_160)])
def test_the_whole_report(width: int, text: str) -> None:
    """Worst first under the table, and nothing wider than the screen."""
    assert shown(verdict_report(MANIFEST, FAILED), width) == text


STRICTLY = """\
Run 20260101T000000Z-00000001: python -m risk_manager, 23h53m of 24h00m
observed, mock thresholds, strict
      check              value          limit       over
FAIL  ratio              no data        >= 0.8      last 8, see below
ok    Iterations passed  7              >= 6        last 8 of 24, n=8
FAIL  RSS growth         +1.2 MB/h      <= +1 MB/h  run, n=1440, see below
note  Gaps               1, 12.0s lost              run, n=1, soakctl was not
                                                    running

FAIL  RSS growth: +1.2 MB/h (allowed <= +1 MB/h)
      INCONCLUSIVE, unknown, the noise is larger than the budget, 95% interval
      -1 MB/h to +3 MB/h
      hint: Run it for 3d.
FAIL  ratio: no data (allowed >= 0.8)
      connection refused

FAIL  4 checks: 2 failed; 7 of the last 8 iterations passed
"""


def test_a_strict_verdict_shows_what_failed_it() -> None:
    """What is missing or open fails there, and is called so; nobody has to guess why."""
    verdict = verdict_of(*CHECKS[3:], strict=True, mock=True, **FACTS | {"look": None})
    assert shown(verdict_report(MANIFEST, verdict)) == STRICTLY


def test_what_was_softened_is_shown_where_it_fails_all_the_same() -> None:
    """A short run under --strict: the note is the reason of the FAIL."""
    softened = replace(CHECKS[5], severity=Severity.INFO)
    assert "none to worry about" in why(verdict_of(CHECKS[0], softened))
    text = shown(verdict_report(MANIFEST, verdict_of(CHECKS[0], softened, strict=True)))
    assert "\nFAIL  RSS growth: +1.2 MB/h" in text
    assert text.endswith("FAIL  2 checks: 1 failed\n")


def test_a_pass_is_short() -> None:
    """A table, a look, a line."""
    text = shown(verdict_report(MANIFEST, verdict_of(CHECKS[0], CHECKS[4], **FACTS | {"look": None})))
    assert text.splitlines()[-2:] == ["", "PASS  2 checks: none to worry about; 7 of the last 8 iterations passed"]
    assert len(text.splitlines()) == 6


@pytest.mark.parametrize(
    ("update", "text"),
    [
        ({}, "python -m risk_manager, 23h53m of 24h00m observed"),
        ({"command": ()}, "the simulated service, 23h53m of 24h00m observed"),
        ({"pid": 77, "command": ()}, "process 77, 23h53m of 24h00m observed"),
    ],
)
def test_the_headline_says_what_was_judged(update: dict[str, Any], text: str) -> None:
    """The command, the process, or that it was none."""
    manifest = MANIFEST.model_copy(update=update)
    assert headline(manifest, FAILED) == f"Run 20260101T000000Z-00000001: {text}"


NASTY = "\x1b[31mred\x1b[0m \x1b]0;title\x07 [bold]not markup[/bold] :boom: \x9b2J"


def test_what_a_service_said_moves_nothing_on_the_screen() -> None:
    """Escape sequences, markup and emoji codes in values, reasons and evidence are text or nothing."""
    check = Check("x", Severity.FAIL, "x", NASTY, NASTY, NASTY, 1, NASTY, evidence=(NASTY,))
    text = shown(verdict_report(MANIFEST, verdict_of(check)), 160)
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "[bold]not markup[/bold] :boom:" in text


def test_severities_have_their_colour() -> None:
    """Red for what fails; the words alone say the same."""
    text = shown(verdict_report(MANIFEST, FAILED), colour=True)
    assert "\x1b[1;31mFAIL" in text
    assert "\x1b[32mok" in text


@settings(max_examples=30)
@given(st.lists(st.sampled_from(CHECKS), min_size=1, max_size=8), st.integers(40, 200), st.booleans())
def test_any_report_fits_its_screen(checks: list[Check], width: int, strict: bool) -> None:
    """And always ends with the verdict."""
    text = shown(verdict_report(MANIFEST, verdict_of(*checks, strict=strict, **FACTS)), width)
    assert any(line.startswith(("PASS  ", "WARN  ", "FAIL  ")) for line in text.splitlines()[-6:])


def test_the_summary_is_the_report_at_120_columns_and_the_verdict() -> None:
    """Plain text, without a space at the end of a line, that ends as the command did."""
    text = summary_text(MANIFEST, FAILED)
    *report, last, end = text.split("\n")
    assert "\n".join([*report, ""]) == shown(verdict_report(MANIFEST, FAILED), 120)
    assert (last, end) == ("Verdict: FAIL (exit 1)", "")
    assert not any(line != line.rstrip() for line in text.splitlines())
