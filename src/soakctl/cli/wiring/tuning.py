"""The file of the parameters: looked at before a run, and again at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.adapters.overrides_file import OverridesFile
from soakctl.cli.wiring.world import overrides_path
from soakctl.domain.command import WriteOverrides
from soakctl.domain.delta import cast
from soakctl.domain.tuning import Tune
from soakctl.errors import ConfigError
from soakctl.tuning.parameters import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.adapters.run_store import DocumentStore
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.ports import Overrides

# What the file held when the run began, for the diff at the end of a run that was resumed; empty for no file.
_COPY = "overrides_before.txt"


def parameters_in_file(setup: Setup, config: Config, tune: Tune) -> None:
    """Raise ConfigError when the file is there and cannot be tuned, or written, before anything is started."""
    path, parameters = overrides_path(setup, config), config.tuning.parameters
    file = OverridesFile(path)
    found = file.read(0)
    values, wrong = ({}, found.error) if found.error else current(parameters, found.document)
    if not wrong and tune is Tune.WRITE:
        # Each parameter as it may become: a value that stays as it is would try nothing.
        others = {name: one.min if values[name] == one.max else one.max for name, one in parameters.items()}
        wrong = file.rehearse({one.path: cast(one, others[name]) for name, one in parameters.items()})
    if wrong:
        message = f"the parameters cannot be tuned: {wrong}"
        raise ConfigError(message, hint="Correct the file, or the parameters of tuning.", where=str(path))


def overrides_file(setup: Setup, config: Config, *, mock_in: Path | None = None) -> Overrides:
    """The file as a run looks at it when it begins and when it ends; that of a mock run lies in its directory."""
    path = overrides_path(setup, config) if mock_in is None else mock_in / Path(config.tuning.file).name
    return OverridesFile(path)


@dataclass(frozen=True, slots=True)
class OverridesWatch:
    """The file that a run tunes, and what it held when the run began: None for no file; nothing, if not `known`."""

    path: Path
    before: str | None
    known: bool = True

    def place(self) -> tuple[Path | None, str]:
        """Where a diff of the file is applied, None for here; and the name of the file from there."""
        try:
            return None, self.path.relative_to(Path.cwd()).as_posix()
        except ValueError:
            return self.path.parent, self.path.name

    def change(self, first: Mapping[str, Any], last: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """What the file held (None for no file), and with the last recorded parameters in it (None if that cannot be).

        So nothing shows that someone else changed. What it held is put together from what it holds now and the
        first parameters where it is not known.
        """
        file = OverridesFile(self.path)
        if self.known:
            return self.before, file.text_with(last, self.before)
        now = file.text()
        return file.text_with(first, now), file.text_with(last, now)


def watch_overrides(path: Path) -> OverridesWatch:
    """Remember what the file holds now."""
    target = path.resolve()  # what a link leads to is what changes
    text = OverridesFile(target).text()
    return OverridesWatch(target, text, known=text is not None or not target.exists())


def watch_of_run(
    setup: Setup, config: Config, tune: Tune, store: DocumentStore, *, resumed: bool
) -> OverridesWatch | None:
    """The file that a real run tunes, as it was when the run began; a copy of that is kept for whoever resumes it.

    What holds secrets is not kept.
    """
    if tune is not Tune.WRITE:
        return None
    watch = watch_overrides(overrides_path(setup, config))
    copy = store.path / _COPY
    if resumed:
        text = OverridesFile(copy).text()
        return OverridesWatch(watch.path, text or None, known=text is not None)
    if watch.known and setup.redactor.text(watch.before or "") == (watch.before or ""):
        store.write_text(_COPY, watch.before or "")
    return watch


def watch_of_mock_run(directory: Path, config: Config, tune: Tune) -> OverridesWatch | None:
    """The file of a simulated service, with its initial parameters in it, as if it had been set up so."""
    if tune is not Tune.WRITE:
        return None
    path = directory / Path(config.tuning.file).name
    file, parameters = OverridesFile(path), config.tuning.parameters
    initial = {spec.path: cast(spec, spec.initial) for spec in parameters.values()}
    file.write(WriteOverrides(0, initial, file.read(0).digest))
    return watch_overrides(path)
