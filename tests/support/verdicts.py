"""Verdicts made by hand: one check of each severity, and texts that every format must survive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.verdict import Check, Severity, Verdict, conclude
from soakctl.report.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OK = Check("record.samples", Severity.OK, "Samples", "1440", "", "run", 1440)
NOTE = Check("kpi.depth", Severity.INFO, "depth", "mean 4", "", "last 8", 8, "no limit given")
UNREAD = Check("kpi.quality", Severity.NO_DATA, "quality", "", ">= 0.5", "last 8", 0, "connection refused", "Is it up?")
WARNED = Check("stability.restarts", Severity.WARN, "Restarts", "2", "0", "run", 3)
OPEN = Check("resource.rss", Severity.WARN, "RSS growth", "+2 MB/h", "<= +1 MB/h", "run", 1440, "noisy", strict=True)
FAILED = Check(
    "stability.crashes",
    Severity.FAIL,
    "Crashes",
    "1",
    "0",
    "run",
    1,
    "the service was killed by SIGSEGV",
    "Look at its last lines.",
    ("10m: life 1 was killed by SIGSEGV",),
)
ALL = (OK, NOTE, UNREAD, WARNED, OPEN, FAILED)
# What has a meaning in XML, Markdown, workflow commands or a terminal.
HOSTILE = "a|b <b>&amp; `c` *d* __e__ [f](g) $h$ \\ 100% ::error::x, y\r\n\x1b[31mred\x1b[0m \x00\ud800 ]]> \"q\" 'r'"
SUBJECT = Subject(
    "Run 20260101T000000Z-00000001: app, 24h00m of 24h00m observed", "app", "20260101T000000Z-00000001",
    "2026-01-01T00:00:00Z",
)  # fmt: skip


def verdict_of(
    checks: Iterable[Check],
    facts: Mapping[str, Any] | None = None,
    /,
    *,
    strict: bool = False,
    fail_on_warn: bool = False,
) -> Verdict:
    """The verdict of these checks."""
    figures = {"pass_count": 8, "looked_at": 8, "observed_s": 86400.0} if facts is None else facts
    return conclude(checks, mock=False, strict=strict, fail_on_warn=fail_on_warn, facts=figures)


def hostile(severity: Severity) -> Check:
    """A check whose every text is hostile."""
    texts = (HOSTILE,) * 4
    return Check(f"kpi.{HOSTILE}", severity, *texts, points=3, reason=HOSTILE, hint=HOSTILE, evidence=(HOSTILE, "```"))
