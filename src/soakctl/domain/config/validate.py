"""`validate:` the sections of a validation, and what each of the built-in ones looks at."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from soakctl.domain.config.base import LocatedError, Model, unique
from soakctl.domain.config.values import Argv, Name, Pointer, TcpAddress, Text, VariableName, Variables, Whole
from soakctl.domain.units import Duration, Size

BUILT_IN = (
    "linters",
    "tests_whitelist",
    "dry_runs",
    "reports",
    "dashboards",
    "secrets",
    "security_audit",
    "preflight",
    "readiness",
    "gates",
    "tests_summary",
    "audit_dump",
    "audit_chain",
)
NEED_SECRETS = frozenset({"audit_dump", "audit_chain", "secrets"})
# What takes longer than a look at files; left out under --fast unless the section says `fast: true`.
SLOW = frozenset({"tests_whitelist", "dry_runs", "reports", "security_audit"})


class Section(Model):
    """One section: a built-in one by its name, or an own one by its command."""

    name: Name
    command: Argv | None = None
    cwd: Text = "."
    env: Variables = Field(default_factory=dict)
    timeout: Duration | None = None
    retries: Annotated[Whole, Field(ge=0, le=100)] = 0
    needs: tuple[Name, ...] = ()
    needs_secrets: bool | None = None
    fast: bool | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _known(self) -> Section:
        if self.command is None and self.name not in BUILT_IN:
            near = get_close_matches(self.name, BUILT_IN, n=1)
            guess = f"; did you mean {near[0]}?" if near else "."
            message = f"no built-in section is named {self.name}{guess} Known are {', '.join(BUILT_IN)}; "
            raise LocatedError(f"{message}an own section needs a command", "name")
        if self.command is not None and self.name in BUILT_IN:
            message = f"{self.name} is a built-in section; give a section with a command another name"
            raise LocatedError(message, "name")
        return self

    @property
    def wants_secrets(self) -> bool:
        """Whether it cannot do its work without the configured secrets."""
        return self.name in NEED_SECRETS if self.needs_secrets is None else self.needs_secrets

    @property
    def is_fast(self) -> bool:
        """Whether --fast leaves it in."""
        return (self.command is None and self.name not in SLOW) if self.fast is None else self.fast


class JsonWriter(Model):
    """Source files that write JSON past the project's own writer: only those of `allow` may."""

    files: tuple[Text, ...] = ()
    allow: tuple[Text, ...] = ()


class MetricLabels(Model):
    """Metric files in the Prometheus text format, and the labels that may stand in them."""

    files: tuple[Text, ...] = ()
    allow: tuple[Text, ...] = ()


class Linters(Model):
    """What the linters section looks at: logs, JSON artifacts, source, metrics, and commands of the project."""

    ascii_logs: tuple[Text, ...] = ()
    canonical_json: tuple[Text, ...] = ()
    json_writer: JsonWriter = JsonWriter()
    labels: MetricLabels = MetricLabels()
    commands: tuple[Argv, ...] = ()


class TestsWhitelist(Model):
    """Pytest over the tests that a file lists."""

    selection: Text = "tests_whitelist.txt"
    python: Text | None = None
    workers: Text = "auto"
    args: tuple[Text, ...] = ()


class Expected(Model):
    """A file that a command leaves behind."""

    path: Text
    json_schema: Annotated[Text | None, Field(alias="schema")] = None
    max_age: Duration | None = None


class Job(Model):
    """A command, and what it must leave behind."""

    command: Argv
    cwd: Text = "."
    env: Variables = Field(default_factory=dict)
    artifacts: tuple[Expected, ...] = ()


class Jobs(Model):
    """Commands that are run one after the other."""

    jobs: tuple[Job, ...] = ()


class Dashboards(Model):
    """Grafana dashboards and Prometheus rule files, and what they may refer to."""

    files: tuple[Text, ...] = ("dashboards/**/*.json", "**/grafana/**/*.json")
    rules: tuple[Text, ...] = ()
    metrics: Text | None = None
    datasources: tuple[Text, ...] = ()


class SecretScan(Model):
    """Where committed secrets are looked for, and what is known to be none."""

    exclude: tuple[Text, ...] = ()
    whitelist: tuple[Text, ...] = ("secrets_whitelist.txt", "test_secrets_whitelist.txt")
    baseline: Text = ".secrets.baseline"
    history: bool = False
    second_opinion: Literal["off", "auto", "gitleaks", "detect-secrets"] = "off"


class SecurityAudit(Model):
    """Requirements files whose packages are looked up for known vulnerabilities; Cargo.lock by itself."""

    requirements: tuple[Text, ...] = ("requirements.txt", "requirements/*.txt")
    ignore: tuple[Text, ...] = ()


class MustEqual(Model):
    """A value that a JSON, YAML or TOML file must hold: the kill switch is on."""

    file: Text
    pointer: Pointer
    equals: Any


class Preflight(Model):
    """What must be in place before a long run."""

    python: Text | None = None
    syntax: tuple[Text, ...] = ("**/*.py", "**/*.json", "**/*.yaml", "**/*.yml", "**/*.toml")
    exclude: tuple[Text, ...] = ()
    imports: tuple[Text, ...] = ()
    commands: tuple[Text, ...] = ()
    free_disk: Size = Size(10**9)
    ports: tuple[TcpAddress, ...] = ()
    docker_secrets: tuple[VariableName, ...] = ()
    config: tuple[MustEqual, ...] = ()
    compose: tuple[Text, ...] = ("compose*.yml", "compose*.yaml", "docker-compose*.yml", "docker-compose*.yaml")
    soak: Argv | None = None


class Report(Model):
    """A file of the reports; found under the artifacts unless its path leads elsewhere."""

    file: Text | None = None


class AuditLog(Model):
    """A JSONL audit log: the fields that each record has, and the field that counts or dates them."""

    file: Text = "audit/audit.jsonl"
    fields: tuple[Text, ...] = ()
    order: Text | None = None


class Housekeeping(Model):
    """How many logs a section keeps, and from what size of the artifacts on it keeps only the newest."""

    keep_logs: Annotated[Whole, Field(ge=1)] = 5
    limit: Size = Size(5 * 10**9)


def _section(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Validate(Model):
    """The sections, and for each built-in one what it looks at."""

    sections: Annotated[
        tuple[Annotated[Section, BeforeValidator(_section, json_schema_input_type=Section | str)], ...],
        unique("section"),
    ] = ()
    parallel: Annotated[Whole, Field(ge=1, le=64)] = 2
    snapshots: bool = True
    linters: Linters = Linters()
    tests_whitelist: TestsWhitelist = TestsWhitelist()
    dry_runs: Jobs = Jobs()
    reports: Jobs = Jobs()
    dashboards: Dashboards = Dashboards()
    secrets: SecretScan = SecretScan()
    security_audit: SecurityAudit = SecurityAudit()
    preflight: Preflight = Preflight()
    readiness: Report = Report()
    gates: Report = Report()
    tests_summary: Report = Report()
    audit: AuditLog = AuditLog()
    housekeeping: Housekeeping = Housekeeping()

    @model_validator(mode="after")
    def _order_is_possible(self) -> Validate:
        known = {section.name for section in self.sections}
        done: set[str] = set()
        waiting = list(enumerate(self.sections))
        for place, section in waiting:
            for name in section.needs:
                if name not in known:
                    message = f"{section.name} needs {name}, which is not among the sections"
                    raise LocatedError(message, "sections", place, "needs")
        while waiting:
            ready = [(place, section) for place, section in waiting if done.issuperset(section.needs)]
            if not ready:
                names = ", ".join(section.name for _, section in waiting)
                message = f"{names} wait for one another" if len(waiting) > 1 else f"{names} waits for itself"
                raise LocatedError(message, "sections", waiting[0][0], "needs")
            done |= {section.name for _, section in ready}
            waiting = [(place, section) for place, section in waiting if section.name not in done]
        return self
