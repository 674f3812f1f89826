"""A KPI that may stand in one of several places: the first that has a believable value is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.adapters.kpi_json import read_json_file
from soakctl.adapters.kpi_value import NoValueError

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.domain.config.kpi import FirstOfSource, Valid


def read_first_of(
    source: FirstOfSource, valid: Valid, *, base: Path, not_before_unix: float, now_unix: float
) -> tuple[float, str]:
    """The value and the name of its place. Raises NoValueError with a reason for each where none has a value."""
    max_age_s = None if source.max_age is None else float(source.max_age)
    reasons = []
    for place in source.first_of:
        if place.mock:
            continue
        try:
            if place.value is not None:
                value = place.value
            else:
                assert place.json_file is not None
                value = read_json_file(
                    base / place.json_file,
                    place.pointer,
                    max_age_s=max_age_s,
                    not_before_unix=not_before_unix,
                    now_unix=now_unix,
                )
        except NoValueError as error:
            reasons.append(f"{place.name}: {error}")
            continue
        if valid.holds(value):
            return value, place.name
        reasons.append(f"{place.name}: {value:g} is not a believable value")
    raise NoValueError("; ".join(reasons) or "no place to look")
