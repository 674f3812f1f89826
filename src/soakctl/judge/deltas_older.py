"""The parameter changes of a run that an older tool made: as far as its summaries can prove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import exact, same
from soakctl.domain.deltas import Problem, Verified
from soakctl.domain.sample import is_number
from soakctl.domain.wording import counted
from soakctl.judge.delta_checks import conclude_deltas
from soakctl.judge.delta_places import last_name, leaves
from soakctl.judge.deltas import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.config.root import Config
    from soakctl.domain.deltas import DeltaJudgement


def judge_older_deltas(rows: Mapping[int, Mapping[str, Any]], config: Config) -> DeltaJudgement:
    """Verify what can be: values where parameters were recorded, else that the signature changed and no more.

    A change that cannot be verified counts as applied nowhere; it is said, and is NO DATA.
    """
    verified: list[Verified] = []
    before: tuple[int, Mapping[str, Any]] | None = None
    for number, row in sorted(rows.items()):
        verified.append(_verified(number, row, before))
        before = (number, row)
    known = {number: {**row, "state_hash": _signature(row)} for number, row in rows.items()}
    problems = [problem for row in verified for problem in row.problems]
    doubtful = [row.iteration for row in verified if row.outcome == "unverified"]
    missing: list[str] = []
    if doubtful:
        told = ", ".join(map(str, doubtful[:10]))
        missing.append(f"the changes of {counted(len(doubtful), 'iteration')} cannot be verified ({told}): no values")
    return conclude_deltas(verified, known, config, problems=problems, missing=missing)


def _signature(row: Mapping[str, Any]) -> Any:
    return row.get("state_hash") or row.get("signature")


def _verified(number: int, row: Mapping[str, Any], before: tuple[int, Mapping[str, Any]] | None) -> Verified:
    deltas = row.get("proposed_deltas")
    deltas = deltas if isinstance(deltas, dict) else {}
    result = Verified(number, None if before is None else before[0], proposed=tuple(sorted(map(str, deltas))))
    now, last = _signature(row), None if before is None else _signature(before[1])
    result.changed = None if now is None or last is None else now != last
    skip = row.get("skip_reason")
    if row.get("applied") is True:
        _applied(result, row, before, deltas)
    elif deltas and skip:
        guard = str(skip.get("guard", "skipped")) if isinstance(skip, dict) else "skipped"
        result.skipped = dict.fromkeys(result.proposed, guard)
        result.outcome, result.reason = "skipped", str(skip)
    elif deltas:
        result.outcome, result.reason = "failed", "not applied, and no reason is told"
    if result.changed and row.get("applied") is not True:
        what = "the signature changed and nothing was applied"
        result.problems.append(Problem(number, "signature", what, shown(last), shown(now)))
        result.outcome = "failed"
    return result


def _applied(
    result: Verified, row: Mapping[str, Any], before: tuple[int, Mapping[str, Any]] | None, deltas: Mapping[Any, Any]
) -> None:
    if result.changed is False:
        result.outcome, result.reason = "stuck", "marked applied, and the signature is as it was"
        return
    old = None if before is None else before[1].get("parameters")
    new, values = row.get("parameters"), row.get("values")
    if old is None and isinstance(values, dict):  # a tool that tells what stood there before
        old = {key: value.get("before") for key, value in values.items() if isinstance(value, dict)}
    if not isinstance(old, dict) or not isinstance(new, dict):
        result.outcome, result.reason = "unverified", "no parameters were recorded before and behind the change"
        return
    good = []
    for key, delta in deltas.items():
        was, stands = _of(old, str(key)), _of(new, str(key))
        if not (is_number(was) and is_number(delta)):
            result.outcome, result.reason = "unverified", f"{key} is not among the recorded parameters"
            return
        meant = float(exact(was) + exact(delta))
        if is_number(stands) and same(float(stands), meant):
            good.append(str(key))
            continue
        what = "the delta was written as the value" if stands == delta else "the value is not what was meant"
        result.problems.append(Problem(result.iteration, str(key), what, shown(meant), shown(stands)))
    result.match = not result.problems
    result.applied = tuple(sorted(good))
    result.outcome = "failed" if result.problems else "full"
    result.reason = result.problems[0].line() if result.problems else ""


def _of(parameters: Mapping[str, Any], key: str) -> Any:
    """The parameter of a name, wherever it stands; None for none, or for more than one."""
    found = [value for path, value in leaves(parameters) if last_name(path) == key]
    return found[0] if len(found) == 1 else None
