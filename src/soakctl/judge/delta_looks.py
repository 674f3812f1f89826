"""Whether the overrides file still held what was recorded when the run ended, by the look that was recorded then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import BlockedError, look_up, same
from soakctl.domain.verdict import Check, Severity
from soakctl.judge.deltas import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.tuning import Parameter
    from soakctl.domain.record import Record

_SHOWN = 20
_ID, _WHAT = "deltas.file_at_end", "Overrides file at the end"


def looks(record: Record, specs: Mapping[str, Parameter]) -> Iterator[Check]:
    """What was wrong with the file when the run began, and what had become of it when it ended."""
    tuning, ended = record.state.tuning, record.state.ended
    if tuning.at_start is None:
        return
    if tuning.at_start["reason"]:
        reason = f"when the run began: {tuning.at_start['reason']}"
        yield Check("deltas.file_at_start", Severity.WARN, "Overrides file at the start", reason=reason)
    if ended is None or tuning.open is not None:
        return
    if tuning.at_end is None:
        yield Check(_ID, Severity.NO_DATA, _WHAT, reason="it was not looked at when the run ended")
        return
    if tuning.at_end["reason"]:
        yield Check(_ID, Severity.NO_DATA, _WHAT, reason=f"when the run ended: {tuning.at_end['reason']}")
        return
    lines = list(_differences(record, specs))
    if lines:
        more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
        yield Check(
            _ID,
            Severity.WARN,
            _WHAT,
            reason=f"when the run ended it did not hold what was recorded last: {lines[0]}{more}",
            hint="Let nothing but soakctl write the file while a run tunes.",
            evidence=tuple(lines[:_SHOWN]),
            strict=True,
        )


def _differences(record: Record, specs: Mapping[str, Parameter]) -> Iterator[str]:
    """A line for each parameter that stood otherwise than it was last recorded."""
    tuning = record.state.tuning
    assert tuning.at_end is not None
    if tuning.exists and not tuning.at_end["exists"]:
        yield "the file is gone"
        return
    if tuning.parameters is None:
        return
    for key, spec in specs.items():
        meant, found = _standing(tuning.parameters, spec.path), _standing(tuning.at_end["parameters"], spec.path)
        if not same(meant, found):
            yield f"{key}: meant {shown(meant)}, found {shown(found)}"


def _standing(document: Any, path: str) -> Any:
    try:
        return look_up(document, path)
    except BlockedError:
        return None
