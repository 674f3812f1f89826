"""`soakctl gate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soakctl.cli.finish import present, try_to_record
from soakctl.cli.machines import tell_machines, write_metrics
from soakctl.cli.options import GLOBALS
from soakctl.cli.output import document, line, show, warn
from soakctl.cli.overrides import with_budgets
from soakctl.cli.wiring.runs import (
    baseline_of,
    is_going_on,
    older_run,
    read_older_run,
    read_older_tuning,
    read_resources,
    recorded,
)
from soakctl.cli.wiring.setup import set_up
from soakctl.domain.run import RunPhase
from soakctl.domain.wording import show_seconds
from soakctl.errors import UsageError
from soakctl.judge.verdict import Options, judge_summaries
from soakctl.report.subject import Subject
from soakctl.report.verdict import report_under, verdict_line
from soakctl.services.gate import (
    judge_resource_file,
    judge_run,
    older_run_document,
    recorded_config,
    resource_file_document,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.cli.wiring.runs import DocumentStore
    from soakctl.cli.wiring.setup import Setup
    from soakctl.domain.config.root import Config
    from soakctl.domain.deltas import DeltaJudgement
    from soakctl.domain.record import Record
    from soakctl.judge.verdict import Judgement


@dataclass(frozen=True, slots=True)
class GateFlags:
    """What was given on the command line."""

    path: str = "latest"
    resources: str | None = None
    chain: bool = False
    strict: bool = False
    fail_on: str = "fail"
    mock: bool = False
    production: bool = False
    budgets: tuple[str, ...] = ()
    junit: str | None = None
    prometheus: bool = False
    compare: str | None = None
    force: bool = False
    deltas: bool = False

    def check(self) -> None:
        """Raise UsageError for flags that contradict each other."""
        if self.fail_on not in {"fail", "warn"}:
            message = f"--fail-on is fail or warn, not {self.fail_on!r}"
            raise UsageError(message)
        if self.mock and self.production:
            message = "--mock and --production contradict each other"
            raise UsageError(message)
        if self.resources is not None and self.path != "latest":
            message = "--path and --resources each say what to judge; give one"
            raise UsageError(message)
        if self.prometheus and (self.chain or self.resources is not None):
            message = "--prometheus writes beside a run; it goes with neither --chain nor --resources"
            raise UsageError(message)
        if self.compare is not None and (self.chain or self.resources is not None):
            message = "--compare judges a run against another; it goes with neither --chain nor --resources"
            raise UsageError(message)
        if self.deltas and (self.chain or self.resources is not None or self.compare is not None):
            message = "--deltas judges the parameter changes of a run alone; it goes with no other kind of gate"
            raise UsageError(message)
        if self.force and self.compare is None:
            message = "--force has a meaning only with --compare"
            raise UsageError(message)


def gate(flags: GateFlags) -> int:
    """Judge a recorded run, or a bare file of samples, and give the exit code of the verdict."""
    flags.check()
    setup = set_up(needs_config=flags.chain or flags.resources is not None)
    if flags.chain:
        from soakctl.cli.chain import chain  # the only way here that starts anything

        on_warn = flags.fail_on == "warn"
        return chain(setup, strict=flags.strict, fail_on_warn=on_warn, mock=flags.mock, junit=flags.junit)
    if flags.resources is not None:
        return _resources(flags, setup, Path(flags.resources))
    older = older_run(flags.path, setup.environment)
    if older is not None:
        return _older(flags, setup, older)
    # Asked first: by the time that it is judged, what was read may be old.
    going_on = is_going_on(flags.path, setup.environment)
    record, store = recorded(flags.path, setup.environment, redact=setup.redactor.value)
    # A run is judged by the configuration it was made with; another one must be asked for by name.
    config = setup.config if GLOBALS.config else recorded_config(record)
    if flags.deltas:
        from soakctl.services.deltas import deltas_of

        deltas, keep = deltas_of(record, config), None if going_on else store
        code = _deltas(flags, setup, record.manifest.run_id, deltas, problems=record.problems, store=keep)
        # The one file of metrics has those of the changes, and loses none of the others.
        if flags.prometheus:
            code = write_metrics(record, _judged(flags, setup, record, store, config), store, code)
        return code
    judgement = _judged(flags, setup, record, store, config)
    if going_on and record.manifest.state is RunPhase.RUNNING:
        warn("the run is still going on; its verdict so far is not written down")
    else:
        try_to_record(store, record, judgement)
    subject = Subject.run(record.manifest, judgement.verdict)
    code = tell_machines(subject, judgement.verdict, setup, junit=flags.junit)
    if flags.prometheus:
        code = write_metrics(record, judgement, store, code)
    present(record, judgement, setup.redactor, store.path)
    return code


def _judged(flags: GateFlags, setup: Setup, record: Record, store: DocumentStore, config: Config) -> Judgement:
    return judge_run(
        record,
        config=with_budgets(config, flags.budgets),
        mock=False if flags.production else flags.mock or None,
        strict=flags.strict,
        fail_on_warn=flags.fail_on == "warn",
        baseline=None if flags.compare is None else baseline_of(record, store.path, flags.compare, setup.environment),
        force=flags.force,
    )


def _deltas(
    flags: GateFlags,
    setup: Setup,
    run_id: str,
    deltas: DeltaJudgement,
    *,
    problems: Sequence[str],
    store: DocumentStore | None,
) -> int:
    """The parameter changes alone."""
    from soakctl.cli.deltas import tell_deltas

    return tell_deltas(
        setup,
        run_id,
        deltas,
        problems=problems,
        store=store,
        strict=flags.strict,
        fail_on_warn=flags.fail_on == "warn",
        junit=flags.junit,
    )


def _older(flags: GateFlags, setup: Setup, path: Path) -> int:
    """A directory of an older tool: judged by the KPIs of the configuration that is in force here."""
    from soakctl.judge.deltas_older import judge_older_deltas
    from soakctl.services.deltas import require_rows

    if flags.prometheus:
        message = "--prometheus writes the metrics of a run that soakctl made, and this one was made by an older tool"
        raise UsageError(message)
    if flags.compare is not None:
        message = "--compare judges a run that soakctl made, and this one was made by an older tool"
        raise UsageError(message)
    malformed: list[str] = []
    rows, report = read_older_tuning(path, malformed)
    deltas = judge_older_deltas(rows, setup.config, report)
    if flags.deltas and not rows and report:  # a report alone
        return _deltas(flags, setup, path.name, deltas, problems=malformed, store=None)
    iterations, problems = read_older_run(path)
    problems = (*problems, *malformed)
    if flags.deltas:
        return _deltas(flags, setup, path.name, require_rows(deltas, path.name), problems=problems, store=None)
    config = with_budgets(setup.config, flags.budgets)
    mock = flags.mock or setup.environment.mock
    changes = deltas.checks if deltas.rows else ()
    options = Options(mock=mock, strict=flags.strict, fail_on_warn=flags.fail_on == "warn", extra_checks=changes)
    verdict = judge_summaries(iterations, problems, config, options)
    if GLOBALS.json:
        document(setup.redactor.value(older_run_document(path.name, verdict)))
    subject = Subject(f"{path}: {len(iterations)} iterations of an older layout", path.name, path.name)
    code = tell_machines(subject, verdict, setup, junit=flags.junit)
    if not GLOBALS.quiet:
        show(report_under(subject.title, verdict))
    if verdict.mock:
        line("Mock mode: USE_MOCK=1 (relaxed KPI thresholds)")
    line(verdict_line(verdict, real=True))
    return code


def _resources(flags: GateFlags, setup: Setup, path: Path) -> int:
    series, problems = read_resources(path)
    budgets = with_budgets(setup.config, flags.budgets).gate.resources
    judgement = judge_resource_file(
        series, problems, budgets, strict=flags.strict, fail_on_warn=flags.fail_on == "warn"
    )
    if GLOBALS.json:
        document(resource_file_document(judgement, series))
    verdict = judgement.verdict
    subject = Subject(f"{path}: {len(series)} samples over {show_seconds(series.times[-1])}", path.name)
    code = tell_machines(subject, verdict, setup, junit=flags.junit)
    if not GLOBALS.quiet:
        show(report_under(subject.title, verdict))
    line(verdict_line(verdict, real=True))
    return code
