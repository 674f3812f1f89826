"""One part of a section: an error in it is a finding, so that it does not hide what the others find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.validation import OutOfTimeError
from soakctl.errors import DependencyError, SoakctlError

if TYPE_CHECKING:
    from collections.abc import Callable


def tried(part: Callable[[], list[str]]) -> list[str]:
    """What the part finds, or its error as a finding. Time that is up and what is not installed end the section."""
    try:
        return part()
    except (OutOfTimeError, DependencyError):
        raise
    except SoakctlError as error:
        return [f"{error.where}: {error.message}" if error.where else error.message]
