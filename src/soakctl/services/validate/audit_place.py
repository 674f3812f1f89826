"""Where a record of an audit log stands in its order: a number, a moment, or a text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?")
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T t](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<part>\d{1,12}))? ?"
    r"(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?"
)


class Place(NamedTuple):
    """A place in the order, and what stood in the record.

    Attributes:
        at: a number, a moment in seconds since the epoch with all its digits, or a text.
        said: as it was written.
    """

    at: Any
    said: Any


class _Moment(Decimal):
    """Of another kind than a plain number, so that the two are not compared."""


def place_of(value: Any) -> Place | None:
    """The place that a value gives; digits count as the number that they write. None where it gives none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        return Place(number, value) if number.is_finite() else None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return Place(Decimal(text), value)
    moment = _moment(text)
    return Place(value if moment is None else moment, value)


def _moment(text: str) -> Decimal | None:
    """Seconds since the epoch; without a zone it is UTC."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    zone = (found["zone"] or "Z").upper().replace("Z", "+00:00")
    leap = found["time"].endswith(":60") and len(found["time"]) > len(
        "23:60"
    )  # a leap second is written so, and datetime knows none
    time = f"{found['time'][:-2]}59" if leap else found["time"]
    try:
        moment = datetime.fromisoformat(f"{found['date']}T{time}{zone}")
    except ValueError:
        return None
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return _Moment(f"{int(seconds) + leap}.{found['part'] or 0}") if seconds >= 0 else None
