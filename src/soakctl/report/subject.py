"""What a verdict is about, and each of its checks in words: shared by every report that is plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soakctl.domain.ansi import without_escapes
from soakctl.domain.verdict import Severity
from soakctl.domain.wording import show_count
from soakctl.report.verdict import headline

if TYPE_CHECKING:
    from soakctl.domain.run import Manifest
    from soakctl.domain.verdict import Check, Verdict


@dataclass(frozen=True, slots=True)
class Subject:
    """What was judged.

    Attributes:
        title: one line for people.
        service: the name that results of several services are told apart by.
        run_id: the run; "" where there was none.
        started_utc: when it began, ISO 8601; "" where that is not known.
    """

    title: str
    service: str
    run_id: str = ""
    started_utc: str = ""

    @classmethod
    def run(cls, manifest: Manifest, verdict: Verdict) -> Subject:
        """A recorded run."""
        return cls(headline(manifest, verdict), service_name(manifest), manifest.run_id, manifest.started_utc)


def service_name(manifest: Manifest) -> str:
    """The name of the service that was run."""
    return str(manifest.config.get("service", {}).get("name", "service"))


def worth_reading(verdict: Verdict) -> list[Check]:
    """What fails, then what only warns. A note is told where it fails, as strictly an open question does."""
    failing = [check for check in verdict.findings if verdict.fails(check)]
    warning = [check for check in verdict.findings if not verdict.fails(check) and check.severity is not Severity.INFO]
    return failing + warning


def found(check: Check) -> str:
    """What was found against what is allowed, and why that is so, in one line."""
    value = check.value or ("no data" if check.severity is Severity.NO_DATA else "")
    limit = f"(allowed {check.limit})" if check.limit else ""
    said = " ".join(part for part in (value, limit) if part)
    return plain(": ".join(part for part in (said, check.reason) if part))


def over(check: Check) -> str:
    """Over what it was taken, and how many values that was."""
    points = f"n={show_count(check.points)}" if check.points else ""
    return plain(", ".join(part for part in (check.window, points) if part))


def plain(text: str) -> str:
    """The text in one line, without what only a terminal understands."""
    return " ".join(without_escapes(text).split())
