"""What stands in the overrides file when a tuned run begins and when it ends: recorded, so that a change is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.journal import Event, EventKind
from soakctl.tuning.parameters import as_document, current, found_values

if TYPE_CHECKING:
    from soakctl.domain.config.root import Config
    from soakctl.domain.state import RunState
    from soakctl.ports import Overrides


def look_at_start(overrides: Overrides, config: Config) -> Event:
    """Where the parameters start, before the service does; a file that is not there is a state as well."""
    answer, parameters = overrides.read(0), config.tuning.parameters
    values, wrong = ({}, answer.error) if answer.error else current(parameters, answer.document)
    document = None if wrong else as_document(parameters, values)
    data = {"when": "start", "exists": answer.exists, "parameters": document, "reason": wrong}
    return Event(EventKind.OVERRIDES_READ, data)


def look_at_end(overrides: Overrides, config: Config, state: RunState) -> Event:
    """What is left in the file, whatever it is; before the first write a missing value is the initial one."""
    answer, parameters = overrides.read(0), config.tuning.parameters
    values, wrong = ({}, "") if state.tuning.moves or answer.error else current(parameters, answer.document)
    if answer.error:
        document = None
    elif values and not wrong:
        document = as_document(parameters, values)
    else:
        document = as_document(parameters, found_values(parameters, answer.document))
    data = {"when": "end", "exists": answer.exists, "parameters": document, "reason": answer.error}
    return Event(EventKind.OVERRIDES_READ, data)
