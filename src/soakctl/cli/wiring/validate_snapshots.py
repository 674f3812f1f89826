"""Snapshots of the environment before and after a validation: what its sections have changed can be told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.cli.output import warn
from soakctl.cli.wiring.reports import replace_text
from soakctl.errors import SoakctlError
from soakctl.judge.environment import compare_environments
from soakctl.services.snapshot import difference_document

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.environment import Comparison

BEFORE, AFTER = "before", "after"


class EnvironmentSnapshots:
    """Takes them, keeps them beside the logs, and compares them."""

    def __init__(self, setup: Setup, directory: Path) -> None:
        """`directory` is where they are kept, as `environment_before.json` and `environment_after.json`."""
        self._setup = setup
        self._directory = directory
        self._taken: dict[str, dict[str, Any]] = {}

    def take(self, moment: str) -> None:
        """Take one and write it; one that cannot be had is told, and changes no verdict."""
        from soakctl.cli.wiring.snapshot import Surroundings, snapshot_of

        try:
            around = Surroundings.of(self._setup, self._setup.config, pid=None, key_file=None)
            taken = snapshot_of(around, moment)
            text = json.dumps(taken, indent=1, sort_keys=True, ensure_ascii=False)
            replace_text(self._directory / f"environment_{moment}.json", text + "\n")
        except SoakctlError as error:
            warn(f"the snapshot of the environment {moment} the sections is missing: {error.message} ({error.where})")
            return
        self._taken[moment] = taken

    def compared(self) -> Comparison | None:
        """What differs between the two; None where there are not both."""
        if len(self._taken) < len((BEFORE, AFTER)):
            return None
        return compare_environments(self._taken[BEFORE], self._taken[AFTER])

    def to_json(self) -> dict[str, Any] | None:
        """The comparison as `soakctl snapshot --diff` prints it; None where there is none."""
        found = self.compared()
        if found is None:
            return None
        names = [(self._directory / f"environment_{moment}.json").name for moment in (BEFORE, AFTER)]
        told: dict[str, Any] = self._setup.redactor.value(difference_document(names[0], names[1], found))
        return told
