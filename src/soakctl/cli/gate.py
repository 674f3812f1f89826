"""`soakctl gate`."""

from __future__ import annotations

from soakctl.cli.finish import present, try_to_record
from soakctl.cli.options import GLOBALS
from soakctl.cli.overrides import with_budgets
from soakctl.cli.wiring.runs import recorded
from soakctl.cli.wiring.setup import set_up
from soakctl.errors import UsageError
from soakctl.services.gate import judge_run, recorded_config


def gate(*, path: str, strict: bool, fail_on: str, mock: bool, production: bool, budgets: tuple[str, ...]) -> int:
    """Judge a recorded run and give the exit code of its verdict."""
    if fail_on not in {"fail", "warn"}:
        message = f"--fail-on is fail or warn, not {fail_on!r}"
        raise UsageError(message)
    if mock and production:
        message = "--mock and --production contradict each other"
        raise UsageError(message)
    setup = set_up()
    record, store = recorded(path, setup.environment, redact=setup.redactor.value)
    # A run is judged by the configuration it was made with; another one must be asked for by name.
    config = setup.config if GLOBALS.config else recorded_config(record)
    judgement = judge_run(
        record,
        config=with_budgets(config, budgets),
        mock=False if production else mock or None,
        strict=strict,
        fail_on_warn=fail_on == "warn",
    )
    try_to_record(store, record, judgement)
    present(record, judgement, setup.redactor, store.path)
    return int(judgement.verdict.exit_code)
