"""A verdict as JUnit XML: a test case a check, failed where it fails the gate, skipped where there was no data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from soakctl.domain.ansi import without_escapes
from soakctl.domain.verdict import Severity
from soakctl.report.subject import found, over
from soakctl.report.words import SEVERITY_WORDS

if TYPE_CHECKING:
    from soakctl.domain.verdict import Check, Verdict
    from soakctl.report.subject import Subject

# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(subject: Subject, verdict: Verdict) -> str:
    """The XML. A warning passes unless warnings fail, so that the totals say what the exit code says."""
    cases = [_case(subject, check, name, verdict) for check, name in _named(verdict.checks)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{float(verdict.facts.get('observed_s', 0.0)):.3f}",
    }
    suites = ET.Element("testsuites", {"name": "soakctl", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": _text(f"soakctl: {subject.service}"), **counts})
    if subject.started_utc:
        suite.set("timestamp", _text(subject.started_utc.removesuffix("Z") + "+00:00"))
    suite.append(_properties(subject, verdict))
    suite.extend(cases)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _named(checks: tuple[Check, ...]) -> list[tuple[Check, str]]:
    """Each check with a name of its own: readers take cases of one name for one case."""
    seen: dict[str, int] = {}
    named = []
    for check in checks:
        seen[check.id] = seen.get(check.id, 0) + 1
        named.append((check, check.id if seen[check.id] == 1 else f"{check.id} ({seen[check.id]})"))
    return named


def _properties(subject: Subject, verdict: Verdict) -> ET.Element:
    properties = ET.Element("properties")
    for name, value in (
        ("run_id", subject.run_id),
        ("title", subject.title),
        ("verdict", verdict.outcome.value),
        ("exit_code", str(int(verdict.exit_code))),
        ("strict", str(verdict.strict).lower()),
        ("mock_thresholds", str(verdict.mock).lower()),
    ):
        if value:
            ET.SubElement(properties, "property", {"name": name, "value": _text(value)})
    return properties


def _case(subject: Subject, check: Check, name: str, verdict: Verdict) -> ET.Element:
    case = ET.Element("testcase", {"classname": _text(subject.service), "name": _text(name), "time": "0"})
    message = _text(found(check))
    if verdict.fails(check):
        ET.SubElement(case, "failure", {"message": message, "type": _text(check.id)}).text = _details(check)
        return case
    if check.severity is Severity.NO_DATA:
        ET.SubElement(case, "skipped", {"message": message})
    ET.SubElement(case, "system-out").text = f"{SEVERITY_WORDS[check.severity]}: {_details(check)}"
    return case


def _details(check: Check) -> str:
    lines = [f"{check.what}: {found(check)}".rstrip(": ")]
    if over(check):
        lines.append(f"over {over(check)}")
    lines += [f"| {line}" for line in check.evidence]
    if check.hint:
        lines.append(f"hint: {check.hint}")
    return _text(without_escapes("\n".join(lines)))


def _text(text: str) -> str:
    """The text with what cannot stand in XML spelled out, as pytest does."""
    return _UNWRITABLE.sub(lambda match: f"#x{ord(match[0]):02X}", text)
