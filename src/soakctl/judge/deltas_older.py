"""The parameter changes of a run that an older tool made: as far as its summaries can prove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.deltas import Problem
from soakctl.domain.wording import counted
from soakctl.judge.delta_checks import conclude_deltas
from soakctl.judge.delta_places import last_name, told
from soakctl.judge.deltas import differences, shown
from soakctl.judge.older_look import Chain
from soakctl.judge.older_row import read_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.root import Config
    from soakctl.domain.deltas import DeltaJudgement, Verified
    from soakctl.judge.older_row import OlderRow

    Rows = Mapping[int, Mapping[str, Any]]

_COMPARED = (
    "proposed_deltas",
    "applied",
    "changed_keys",
    "values",
    "parameters",
    "state_hash",
    "old_hash",
    "signature",
)


def judge_older_deltas(rows: Rows, config: Config, report: Rows | None = None) -> DeltaJudgement:
    """Verify what can be: hashes, places and values where they were recorded, else the signature and no more.

    A change that cannot be verified counts as applied nowhere; it is said, and is NO DATA. `report` is the same as
    another document tells it.
    """
    report = report or {}
    raw = {**report, **rows}
    read = {number: read_row(number, row) for number, row in sorted(raw.items())}
    signed = any(row.is_proven for row in read.values())
    verified: list[Verified] = []
    look = Chain(config.tuning.parameters, signed=signed)
    for number, row in read.items():
        result = look.verified(row)
        result.failed(_reported(number, rows, report))
        verified.append(result)
    known = {number: {**raw[number], "state_hash": row.signature} for number, row in read.items()}
    problems = [problem for result in verified for problem in result.problems]
    return conclude_deltas(verified, known, config, problems=problems, missing=_missing(read, verified))


def _missing(read: Mapping[int, OlderRow], verified: list[Verified]) -> list[str]:
    missing: list[str] = []
    by_field: dict[str, list[int]] = {}
    for number, row in read.items():
        for name in row.wrong:
            by_field.setdefault(name, []).append(number)
    for name, numbers in by_field.items():
        missing.append(f"tuning.{name} is missing or malformed in iteration {numbers[0]} ({len(numbers)} in all)")
    doubtful = [result.iteration for result in verified if result.outcome == "unverified"]
    if doubtful:
        some = ", ".join(map(str, doubtful[:10]))
        missing.append(f"the changes of {counted(len(doubtful), 'iteration')} cannot be verified ({some}): no values")
    untold = [number for number, row in read.items() if row.written and row.parameters is None]
    if not doubtful and (untold or all(row.parameters is None for row in read.values())):
        some = ", ".join(map(str, (untold or list(read))[:10]))
        count = counted(len(untold or read), "iteration")
        missing.append(f"the hashes of {count} cannot be reckoned anew ({some}): no parameters")
    return missing


def _reported(number: int, rows: Rows, report: Rows) -> Iterator[Problem]:
    """What TUNING_REPORT.json tells otherwise than the summary; what only one of them tells is no difference."""
    if number not in rows or number not in report:
        return
    both = [name for name in _COMPARED if rows[number].get(name) is not None and report[number].get(name) is not None]
    one, other = ({name: row[number][name] for name in both} for row in (rows, report))
    for where, meant, found in differences(one, other):
        key = where[1] if where[0] in {"values", "proposed_deltas"} and len(where) > 1 else last_name(where)
        what = f"the report and the summary differ in {told(where)}"
        yield Problem(number, key, what, shown(meant), shown(found))
