"""The JUnit report of the project's tests, before it is kept."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any, cast

import pytest

from soakctl.domain.validation import OutOfTimeError
from soakctl.redact import Redactor
from soakctl.services.validate.junit_report import hide_report

SECRET = """my"Secret<Value>&'x"""
AWS = "AKIA" + "Q3EGSXW7LXKQ4TVB"


class _Bench:
    def __init__(self, text: str, *, late: bool = False) -> None:
        self.text_now, self._late = text, late

    def text(self, _path: str) -> str:
        if self._late:
            message = "timeout"
            raise OutOfTimeError(message)
        return self.text_now

    def write(self, _path: str, text: str) -> None:
        self.text_now = text

    def hide(self, value: Any) -> Any:
        return Redactor({"SHOP_KEY": SECRET}).value(value)


def _hidden(text: str, *, late: bool = False) -> str:
    bench = _Bench(text, late=late)
    hide_report("x.xml", cast("Any", bench))
    return bench.text_now


def test_texts_and_attributes() -> None:
    """Are redacted as what they mean, whichever way XML writes them; the report stays one."""
    root = ET.Element("testsuites")
    case = ET.SubElement(root, "testcase", classname="a", name=f"test_x[{AWS}]")
    ET.SubElement(case, "failure", message=f"assert {SECRET!s} == 1").text = f"E  {SECRET}\nE  key={AWS}\n"
    properties = ET.SubElement(case, "properties")
    ET.SubElement(properties, "property", name="password", value="hunter2xyz")
    ET.SubElement(case, "system-out").tail = f"<{SECRET}>"
    after = _hidden(ET.tostring(root, encoding="unicode"))
    found = ET.fromstring(after)  # noqa: S314 - as above
    for secret in ("Secret", "Value", AWS, "hunter2xyz"):
        assert secret not in after
    assert [case.get("name") for case in found.iter("testcase")] == ["test_x[[REDACTED:aws-key]]"]
    assert [one.get("message") for one in found.iter("failure")] == ["assert [REDACTED:SHOP_KEY] == 1"]


@pytest.mark.parametrize("late", [True, False])
def test_half_a_report_is_not_kept(*, late: bool) -> None:
    """When the tests were killed, or time is up."""
    assert (
        _hidden(f"<testsuites><testcase name='{AWS}'>" + ("</testcase></testsuites>" if late else ""), late=late) == ""
    )
