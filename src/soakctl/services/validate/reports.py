"""Sections that read a report of the project: readiness, gates, the summary of its tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.domain.validation import Outcome

if TYPE_CHECKING:
    from soakctl.domain.config.validate import Report
    from soakctl.ports import Bench

_FULL_SCORE = 100.0


def _read(asked: Report, bench: Bench, name: str) -> tuple[str, Any, str]:
    """The path, what stands in the file, and why it cannot be used, or ""."""
    path = asked.file or bench.report_path(f"reports/{name}")
    try:
        found = json.loads(bench.text(path))
    except ValueError as error:
        return path, {}, f"{path}: not JSON: {error}"
    if not isinstance(found, dict):
        return path, {}, f"{path}: holds no object"
    return path, found, ""


def readiness(asked: Report, bench: Bench) -> Outcome:
    """Score 100 and verdict GO; nothing less."""
    path, found, wrong = _read(asked, bench, "readiness.json")
    if wrong:
        return Outcome((wrong,))
    score, verdict = found.get("score"), found.get("verdict")
    if isinstance(score, bool) or not isinstance(score, int | float) or not isinstance(verdict, str):
        return Outcome((f"{path}: needs a number `score` and a text `verdict`",))
    details = f"score={float(score)}, verdict={verdict}"
    if score == _FULL_SCORE and verdict == "GO":
        return Outcome(details=details)
    return Outcome((f"{path}: {details}; must be score={_FULL_SCORE}, verdict=GO",), details=details)


def gates(asked: Report, bench: Bench) -> Outcome:
    """`passed` is true."""
    path, found, wrong = _read(asked, bench, "gates_summary.json")
    if wrong:
        return Outcome((wrong,))
    if found.get("passed") is True:
        return Outcome()
    return Outcome((f"{path}: passed is {json.dumps(found.get('passed'))}; must be true",))


def tests_summary(asked: Report, bench: Bench) -> Outcome:
    """`result` says so, or `passed` is true; where both stand, both must."""
    path, found, wrong = _read(asked, bench, "tests_summary.json")
    if wrong:
        return Outcome((wrong,))
    said = []
    if "result" in found:
        said.append(str(found["result"]).upper() in {"OK", "PASS", "PASSED", "SUCCESS"})
    if "passed" in found and not ("result" in found and not isinstance(found["passed"], bool)):
        said.append(found["passed"] is True)
    if said and all(said):
        return Outcome()
    told = ", ".join(f"{key}={json.dumps(found[key])}" for key in ("result", "passed") if key in found)
    return Outcome((f"{path}: {told or 'neither result nor passed is given'}; must be result=OK or passed=true",))
