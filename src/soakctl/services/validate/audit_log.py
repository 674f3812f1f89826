"""The audit log: readable, complete, in order; and each record chained to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from soakctl.domain.validation import MissingInputError, Outcome
from soakctl.domain.wording import counted
from soakctl.services.validate.audit_place import Place, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.validate import AuditLog
    from soakctl.ports import Bench

_MOST_SHOWN = 20
_LARGEST_RECORD = 10_000_000
_ORDERS = ("seq", "sequence", "ts", "timestamp", "time", "utc", "timestamp_utc", "unix")
_NO_HASH = ("", None, "0" * 64, "genesis", "GENESIS")


class Line(NamedTuple):
    """A line of the log: its number, and its record or why it is none."""

    number: int
    record: Mapping[str, Any]
    wrong: str = ""


def record_hashes(record: Mapping[str, Any]) -> frozenset[str]:
    """SHA-256 of the canonical JSON of a record: keys sorted, no spaces, other than ASCII as UTF-8 or escaped."""
    texts = (json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=escape) for escape in (False, True))
    return frozenset(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts)


def _path(asked: AuditLog, bench: Bench) -> str:
    return asked.file if bench.exists(asked.file) else bench.report_path(asked.file)


def records(bench: Bench, path: str) -> Iterator[Line]:
    """The lines of the log, one at a time."""
    rest, number = b"", 0
    for block in bench.blocks(path, 1 << 20):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            number += 1
            yield _line(number, line)
        if len(rest) > _LARGEST_RECORD:
            yield Line(number + 1, {}, "longer than 10 MB")
            return
    if rest.strip():
        yield _line(number + 1, rest, torn=True)


def _line(number: int, raw: bytes, *, torn: bool = False) -> Line:
    try:
        found = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except _ConstantError as error:
        return Line(number, {}, f"holds {error}, which is no JSON")
    except (ValueError, RecursionError):
        return Line(number, {}, "cut off in the middle" if torn else "not JSON in UTF-8")
    return Line(number, found) if isinstance(found, dict) else Line(number, {}, "no object")


class _ConstantError(Exception):
    """NaN, Infinity or -Infinity stands in a record."""


def _no_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def audit_dump(asked: AuditLog, bench: Bench) -> Outcome:
    """Every line is a record, has all fields, and does not come before its predecessor."""
    path = _path(asked, bench)
    problems: list[str] = []
    count = 0
    order = asked.order
    before: Place | None = None
    for line in records(bench, path):
        count += 1
        where = f"{path}:{line.number}"
        if line.wrong:
            problems.append(f"{where}: {line.wrong}")
            continue
        missing = [field for field in asked.fields if line.record.get(field) is None]
        if missing:
            problems.append(f"{where}: without {', '.join(missing)}")
        order = order or next((name for name in _ORDERS if name in line.record), None)
        problem, before = _in_order(line.record, order, before)
        problems += [f"{where}: {problem}"] if problem else []
    if not count:
        raise MissingInputError("holds no record", where=path)
    notes = [counted(count, "record")]
    if order is None:
        notes.append("no field says their order: name one as validate.audit.order")
    return _shortened(problems, tuple(notes))


def _in_order(record: Mapping[str, Any], order: str | None, before: Place | None) -> tuple[str, Place | None]:
    if order is None:
        return "", before
    place = place_of(record.get(order))
    if place is None:
        return f"{order} is no number, time or text", before
    if before is None:
        return "", place
    if type(place.at) is not type(before.at):
        return f"{order} is of another kind than before", place
    counts = order in {"seq", "sequence"} and isinstance(place.at, Decimal) and place.at == int(place.at)
    if counts and place.at != before.at + 1:
        return f"{order} {place.said} follows {before.said}: a record is missing or out of order", place
    return (f"{order} goes back: {place.said!r} after {before.said!r}" if place.at < before.at else ""), place


def audit_chain(asked: AuditLog, bench: Bench) -> Outcome:
    """`prev_hash` of each record is the hash of the one before; the first that is not is named, and ends it."""
    path = _path(asked, bench)
    expected: frozenset[str] | None = None
    count = 0
    for line in records(bench, path):
        count += 1
        where = f"{path}:{line.number}"
        if line.wrong:
            return Outcome((f"{where}: {line.wrong}; the chain ends here",))
        found = line.record.get("prev_hash")
        if expected is None:
            if "prev_hash" in line.record and found not in _NO_HASH:
                return Outcome((f"{where}: the first record names a record before it, which is gone",))
        elif not isinstance(found, str) or found not in expected:
            said = "has no prev_hash" if found is None else "prev_hash is not the hash of the record before"
            return Outcome((f"{where}: the chain is broken: {said}",))
        expected = record_hashes(line.record)
    if not count:
        raise MissingInputError("holds no record", where=path)
    return Outcome(notes=(counted(count, "record"),))


def _shortened(problems: list[str], notes: tuple[str, ...]) -> Outcome:
    if len(problems) > _MOST_SHOWN:
        problems = [*problems[:_MOST_SHOWN], f"and {len(problems) - _MOST_SHOWN} more"]
    return Outcome(tuple(problems), notes=notes)
