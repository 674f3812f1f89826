"""JUnit XML, as junitparser and the CI systems built like it read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from soakctl.domain.verdict import Check, Severity
from soakctl.errors import ExitCode
from soakctl.report.junit import junit_text
from soakctl.report.subject import Subject
from tests.support.verdicts import ALL, FAILED, NOTE, OK, SUBJECT, UNREAD, WARNED, hostile, verdict_of

WHOLE = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="soakctl" tests="3" failures="1" errors="0" skipped="1" time="86400.000">
  <testsuite name="soakctl: app" tests="3" failures="1" errors="0" skipped="1" time="86400.000"\
 timestamp="2026-01-01T00:00:00+00:00">
    <properties>
      <property name="run_id" value="20260101T000000Z-00000001" />
      <property name="title" value="Run 20260101T000000Z-00000001: app, 24h00m of 24h00m observed" />
      <property name="verdict" value="FAIL" />
      <property name="exit_code" value="1" />
      <property name="strict" value="false" />
      <property name="mock_thresholds" value="false" />
    </properties>
    <testcase classname="app" name="record.samples" time="0">
      <system-out>ok: Samples: 1440
over run, n=1440</system-out>
    </testcase>
    <testcase classname="app" name="kpi.quality" time="0">
      <skipped message="no data (allowed &gt;= 0.5): connection refused" />
      <system-out>NO DATA: quality: no data (allowed &gt;= 0.5): connection refused
over last 8
hint: Is it up?</system-out>
    </testcase>
    <testcase classname="app" name="stability.crashes" time="0">
      <failure message="1 (allowed 0): the service was killed by SIGSEGV" type="stability.crashes">\
Crashes: 1 (allowed 0): the service was killed by SIGSEGV
over run, n=1
| 10m: life 1 was killed by SIGSEGV
hint: Look at its last lines.</failure>
    </testcase>
  </testsuite>
</testsuites>
"""


def _cases(text: str) -> dict[str, TestCase]:
    (suite,) = JUnitXml.fromstring(text)
    assert isinstance(suite, TestSuite)
    return {case.name: case for case in suite}


def test_the_whole_file() -> None:
    """A check is a test case; a failing one holds its story, one without data is skipped, others tell their line."""
    assert junit_text(SUBJECT, verdict_of((OK, UNREAD, FAILED))) == WHOLE


@pytest.mark.parametrize("how", [{}, {"strict": True}, {"fail_on_warn": True}])
@pytest.mark.parametrize("checks", [ALL, (OK, NOTE), (OK, UNREAD), (OK, WARNED)])
def test_the_totals_say_what_the_exit_code_says(how: dict[str, bool], checks: tuple[Check, ...]) -> None:
    """A CI system that counts failures comes to the same end as one that looks at the exit code."""
    verdict = verdict_of(checks, **how)
    text = junit_text(SUBJECT, verdict)
    found = JUnitXml.fromstring(text)
    assert bool(found.failures) == (verdict.exit_code is not ExitCode.SUCCESS)
    results = [kind for case in _cases(text).values() for kind in map(type, case.result)]
    assert (found.tests, found.failures, found.skipped) == (
        len(checks),
        results.count(Failure),
        results.count(Skipped),
    )


def test_each_case_has_a_name_of_its_own() -> None:
    """Readers take cases of one name for one case: nothing is lost where a check came out twice."""
    twice = [Check("record.damaged", Severity.WARN, "Record", reason=reason) for reason in ("torn", "missing")]
    assert list(_cases(junit_text(SUBJECT, verdict_of(twice)))) == ["record.damaged", "record.damaged (2)"]


def test_without_a_run_there_is_no_time_and_no_id() -> None:
    """A bare file of samples has neither."""
    text = junit_text(Subject("rss.jsonl: 60 samples", "rss.jsonl"), verdict_of((OK,)))
    assert "run_id" not in text
    assert "timestamp" not in text


@pytest.mark.parametrize("severity", Severity)
def test_hostile_texts_stay_readable(severity: Severity) -> None:
    """What cannot stand in XML is spelled out; colours are left out, and the rest comes back as it was."""
    (case,) = _cases(junit_text(SUBJECT, verdict_of((hostile(severity),)))).values()
    told = case.result[0].text if severity is Severity.FAIL else case.system_out
    assert told is not None
    assert "a|b <b>&amp; `c`" in told
    assert "#xD800 ]]> \"q\" 'r'" in told
    assert "\x1b" not in told


@given(st.text(st.characters()), st.sampled_from(Severity))
def test_any_text_makes_xml(text: str, severity: Severity) -> None:
    """Whatever a service wrote, the file can be read, by any encoding of it."""
    check = Check(text, severity, text, text, text, text, 1, text, text, (text,))
    written = junit_text(Subject(text, text, text, text), verdict_of((check,)))
    assert len(_cases(written)) == 1
    written.encode("utf-8")
