"""What `soak --auto-tune` asks for before it begins, and what it tells at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.cli.output import line, shown_path
from soakctl.cli.wiring.tuning import parameters_in_file
from soakctl.cli.wiring.tuning_place import require_own_place
from soakctl.domain.tuning import Tune
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from soakctl.cli.wiring.setup import Setup
    from soakctl.cli.wiring.tuning import OverridesWatch
    from soakctl.domain.config.root import Config
    from soakctl.domain.record import Record
    from soakctl.redact import Redactor


def require_tuning(tune: Tune, setup: Setup, config: Config, *, mock: bool) -> None:
    """Raise ConfigError for a run that cannot tune: nothing to change, no rule, or a file that is not as it must be."""
    if tune is Tune.OFF:
        return
    for key, given in (("parameters", config.tuning.parameters), ("rules", config.tuning.rules)):
        if not given:
            message = f"there is nothing to tune: the configuration has no tuning.{key}"
            hint = "Take configs/market-maker.yaml for an example, or leave --auto-tune out."
            raise ConfigError(message, hint=hint, where=str(setup.loaded.path or "configuration"))
    if not mock:
        require_own_place(setup, config)
        parameters_in_file(setup, config, tune)


def tell_net_change(record: Record, redactor: Redactor, overrides: OverridesWatch) -> None:
    """What tuning came to, as a diff of the file that can be applied and committed."""
    from soakctl.report.net_change import before_first, changed_parameters, file_diff

    rows = record.state.tuning.rows
    changed = changed_parameters(rows)
    line("")
    if not changed:
        line("The net change of the parameters: none.")
        line("")
        return
    directory, name = overrides.place()
    old, after = overrides.change(before_first(rows), rows[max(rows)]["parameters"])
    diff = "" if after is None else file_diff(old, after, name, hide=redactor.text)
    where = "" if directory is None else f" in {shown_path(directory)}"
    line(f"The net change of the parameters{f', for `git apply` or `patch -p1`{where}' if diff else ''}:")
    if not diff or old is None:
        for path, first, last in changed:
            line(redactor.text(f"  {path}: {first!r} to {last!r}"))
    if not diff:
        reason = "it could not be read" if after is None else "its lines hold something that must not be shown"
        line(f"There is no diff of {overrides.path.name}: {reason}.")
    for text in diff.split("\n")[:-1]:
        line(text)
    line("")
