"""Annotations of GitHub Actions, as the runner reads them."""

from __future__ import annotations

import re

from soakctl.domain.verdict import Check, Severity, Verdict
from soakctl.report.annotations import annotation_lines
from tests.support.verdicts import ALL, NOTE, OK, hostile, verdict_of

_COMMAND = re.compile(r"::(?P<level>error|warning) title=(?P<title>[^:,\r\n]*)::(?P<text>[^\r\n]*)")


def test_a_line_for_each_finding() -> None:
    """What fails is an error and comes first, what warns is a warning; what is fine, or only a note, is not told."""
    story = "1 (allowed 0): the service was killed by SIGSEGV%0AHint: Look at its last lines."
    assert annotation_lines(verdict_of(ALL)) == [
        f"::error title=soakctl%3A Crashes::{story}",
        "::warning title=soakctl%3A Restarts::2 (allowed 0)",
        "::warning title=soakctl%3A RSS growth::+2 MB/h (allowed <= +1 MB/h): noisy",
        "::warning title=soakctl%3A quality::no data (allowed >= 0.5): connection refused%0AHint: Is it up?",
    ]


def test_what_fails_by_strictness_is_an_error() -> None:
    """The colour of an annotation is that of the job."""
    levels = [line.split()[0] for line in annotation_lines(verdict_of(ALL, strict=True))]
    assert levels == ["::error", "::error", "::error", "::warning"]
    softened = Check("resource.rss", Severity.INFO, "RSS growth", reason="too short to tell", strict=True)
    assert annotation_lines(verdict_of((softened,))) == []
    assert annotation_lines(verdict_of((softened,), strict=True))[0].startswith("::error title=soakctl%3A RSS growth::")


def test_nothing_to_read_is_no_line() -> None:
    """A healthy run leaves the page as it is."""
    assert annotation_lines(verdict_of((OK, NOTE))) == []


def test_no_text_leaves_its_line() -> None:
    """Whatever a service wrote, the runner sees one command, with a title and a message."""
    verdict: Verdict = verdict_of((hostile(Severity.FAIL),))
    (line,) = annotation_lines(verdict)
    match = _COMMAND.fullmatch(line)
    assert match is not None
    assert "\x1b" not in line
    text = match["text"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    assert "100% ::error::x, y red" in text
    assert match["title"].startswith("soakctl%3A a|b <b>")
    assert "100%25 %3A%3Aerror%3A%3Ax%2C y" in match["title"]
