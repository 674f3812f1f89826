"""The documents of a tuned run: the tuning part of each summary, and TUNING_REPORT.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.services.engine.part import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.state import RunState

REPORT = "TUNING_REPORT.json"
# The report is written anew after each iteration up to so many, then after every so-manieth, and at the end.
_EACH, _EVERY = 200, 50


def tuning_documents(state: RunState, iteration: int) -> Iterator[Document]:
    """The summary of the iteration with its tuning, and the report over all of them."""
    rows = state.tuning.rows
    found = next((item for item in reversed(state.iterations) if item.index == iteration), None)
    if found is not None and iteration in rows:
        yield Document(f"ITER_SUMMARY_{iteration}.json", found.to_summary(rows[iteration]))
    if len(rows) <= _EACH or len(rows) % _EVERY == 0 or state.stopping:
        yield Document(REPORT, tuning_report(state))


def tuning_report(state: RunState) -> dict[str, Any]:
    """`TUNING_REPORT.json`."""
    verdicts = {item.index: item.verdict for item in state.iterations}
    rows = [
        {"iteration": number, "kpi_verdict": verdicts.get(number), **row}
        for number, row in sorted(state.tuning.rows.items())
    ]
    return {"schema": "soakctl.tuning/1", "iterations": rows}
