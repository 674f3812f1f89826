"""Whether what else tells of the parameter changes tells what the journal does: summaries, report, overrides file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import BlockedError, look_up, same
from soakctl.domain.deltas import Problem
from soakctl.domain.tuning_shape import lacks_in_row
from soakctl.judge.delta_places import leaves, place, place_of, told
from soakctl.judge.deltas import differences, shown, verify_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.tuning import Parameter
    from soakctl.domain.record import Record
    from soakctl.judge.delta_places import Place


def documents_differ(record: Record, specs: Mapping[str, Parameter]) -> tuple[list[Problem], list[str]]:
    """Each place in which a document tells another story, and what the documents do not tell at all."""
    problems: list[Problem] = []
    missing: list[str] = []
    for source, rows in record.tuning_files.items():
        problems += _elsewhere(source, rows, record, specs, missing)
    return problems, missing


def _elsewhere(
    source: str, rows: Mapping[int, Any], record: Record, specs: Mapping[str, Parameter], missing: list[str]
) -> Iterator[Problem]:
    """What a kind of document tells of iterations, verified by itself, and compared with the journal."""
    journal = record.state.tuning.rows
    last = max(journal, default=0) if record.state.ended is None else None
    known = {number: row for number, row in rows.items() if row is not None}
    absent = [number for number in journal if number not in known and number != last]
    if absent:
        missing.append(f"{source} tell nothing of the tuning in iteration {absent[0]} ({len(absent)} in all)")
    tuning = record.state.tuning
    begun = (tuning.at_start or {}).get("parameters")
    broken = {row.iteration: row for row in verify_rows(_sound(known), specs, tuning.before, begun=begun)}
    for number, row in sorted(known.items()):
        if number not in journal:
            yield Problem(number, "tuning", f"{source} and the journal differ", "nothing", "a tuning part")
        elif number != last:
            found = list(_row_differs(source, number, journal[number], row))
            if found and number in broken:
                yield from broken[number].problems
            yield from found


def _sound(rows: Mapping[int, Any]) -> dict[int, Mapping[str, Any]]:
    return {number: row for number, row in rows.items() if not lacks_in_row(row)}


def _row_differs(source: str, number: int, journal: Mapping[str, Any], row: Any) -> Iterator[Problem]:
    if not isinstance(row, dict) or not row:
        yield Problem(number, "tuning", f"{source} and the journal differ", "a tuning part", shown(row or None))
        return
    malformed = lacks_in_row(row).removeprefix("tuning.")
    if malformed:
        what = f"{source} hold what cannot be in {malformed}"
        yield Problem(number, malformed, what, shown(journal.get(malformed)), shown(row.get(malformed)))
    for where, one, other in differences(journal, row):
        if where[0] != malformed:
            what = f"{source} and the journal differ in {told(where)}"
            yield Problem(number, _key_of(where, row), what, shown(one), shown(other))


def _key_of(where: Place, row: Mapping[str, Any]) -> str:
    """The parameter that a place in a tuning part is about, else the place itself."""
    if where[0] in {"values", "proposed_deltas"} and len(where) > 1:
        return where[1]
    if where[0] == "parameters" and len(where) > 1:
        values = row.get("values")
        pairs = values.items() if isinstance(values, dict) else ()
        inner = ".".join(where[1:])
        return next((key for key, value in pairs if isinstance(value, dict) and value.get("path") == inner), where[-1])
    return told(where)


def file_differs(record: Record, specs: Mapping[str, Parameter], missing: list[str]) -> Iterator[Problem]:
    """What stands otherwise in the overrides file that a mock run leaves in its directory: nobody else writes it."""
    file, tuning = record.overrides, record.state.tuning
    if file is None or record.state.ended is None or tuning.open is not None or tuning.parameters is None:
        return
    if file.document is None:
        if tuning.moves:
            missing.append(f"the overrides file cannot be compared with the record: {file.error}")
        return
    iteration = tuning.moves[-1].iteration if tuning.moves else min(tuning.rows, default=1)
    for key, spec in specs.items():
        meant, found = _standing(tuning.parameters, spec.path), _standing(file.document, spec.path)
        if not same(meant, found):
            what = f"{file.name} does not hold what was recorded last"
            yield Problem(iteration, key, what, shown(meant), shown(found))
    known = {place(spec.path) for spec in specs.values()}
    for where, value in leaves(file.document):
        if where not in known:
            key, belongs = place_of(where, specs)
            what = f"a key in the wrong place of {file.name}"
            yield Problem(iteration, key, what, belongs, f"{told(where)} = {shown(value)}")


def _standing(document: Any, path: str) -> Any:
    try:
        return look_up(document, path)
    except BlockedError:
        return None
