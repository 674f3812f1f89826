"""The environment variables that soakctl obeys. A flag beats them, they beat the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.adapters.artifact_places import artifact_places
from soakctl.domain.units import Duration
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soakctl.domain.config.root import Config

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_MINI_HOURS = 2.0
_STEP_TIMEOUT_S = 900.0
_MOST_HOURS = 876_000


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, in each of the places it can be given.

    Attributes:
        variable: the environment variable.
        flag: the option of the command line that beats it, or "".
        key: the key of the file that it beats, or "".
        kind: what it takes, for people.
        what: what it does, for people.
        read: the text -> the value; raises ValueError saying what is allowed.
    """

    variable: str
    flag: str
    key: str
    kind: str
    what: str
    read: Callable[[str], Any]


def _hours(text: str) -> float:
    try:
        hours = float(text) if _is_number(text) else Duration.parse(text) / 3600
    except ValueError:
        hours = 0.0
    if not 0 < hours <= _MOST_HOURS:
        message = "a positive number of hours like 24 or 0.5"
        raise ValueError(message)
    return hours


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _switch(text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    message = "1 or 0"
    raise ValueError(message)


def _is_true(text: str) -> bool:
    """A variable of somebody else's: whatever it holds beside true is not ours to refuse."""
    return text.lower() in {"true", "1"}


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        unix = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        unix = -1.0
    if unix < 0:
        message = "an ISO 8601 time since 1970 like 2025-01-01T00:00:00Z"
        raise ValueError(message)
    return unix


def _path(text: str) -> Path:
    if "\0" in text:
        message = "a directory"
        raise ValueError(message)
    return Path(text)


SETTINGS: tuple[Setting, ...] = (
    Setting("BOOT_TIMEOUT_S", "--deadline", "smoke.deadline", "duration or seconds", "deadline of the boot",
            Duration.parse),
    Setting("SOAK_HOURS", "--hours", "soak.hours", "hours", "length of a soak; beats SOAK_MINI", _hours),
    Setting("SOAK_MINI", "", "soak.hours", "1 or 0", "a soak of 2 hours in safe mode", _switch),
    Setting("USE_MOCK", "--mock", "", "1 or 0", "simulate the service, and judge by the limits under mock", _switch),
    Setting("ARTIFACTS_DIR", "", "", "directory", "for all that is written; by default artifacts/ in the project root",
            _path),
    Setting("ARTIFACTS_ROOT", "", "", "directory", "the same, where ARTIFACTS_DIR is not set", _path),
    Setting("SOAK_ARTIFACTS_DIR", "", "", "directory", "where runs are written; by default soak/ in the artifacts",
            _path),
    Setting("CI_ARTIFACTS_DIR", "", "", "directory", "where CI collects artifacts from", _path),
    Setting("CI_FAKE_UTC", "", "", "ISO 8601 time", "where the clock starts, for records that can be reproduced",
            _moment),
    Setting("FSV_TIMEOUT_SEC", "", "", "duration or seconds",
            "how long a section of a validation, or a test command of the chain, may take",
            Duration.parse),
    Setting("MM_ALLOW_MISSING_SECRETS", "--allow-missing-secrets", "", "1 or 0",
            "safe mode: sections of a validation that need secrets are skipped", _switch),
    Setting("FULL_STACK_VALIDATION_FAST", "--fast", "", "1 or 0", "slow sections of a validation are left out",
            _switch),
    Setting("FIXTURES_DIR", "", "", "directory", "of the project's fixtures; by default tests/fixtures or fixtures",
            _path),
    Setting("GOLDEN_DIR", "", "", "directory", "of the project's golden files; by default tests/golden", _path),
    Setting("CI", "", "", "true", "a validation takes no skip that nobody allowed", _is_true),
    Setting("MM_VERSION", "", "", "text", "the project's version, in summaries", str),
    Setting("ASYNC_DEBUG", "", "service.agent", "1 or 0", "the agent on, and traces in runtime_trace.log too", _switch),
    Setting("NO_COLOR", "--no-color", "", "anything", "no colours", bool),
    Setting("GITHUB_ACTIONS", "", "", "true", "findings of a gate are shown as annotations", _is_true),
    Setting("GITHUB_STEP_SUMMARY", "", "", "file", "the verdict of a gate is added to it as Markdown", _path),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment asks for; None where it says nothing.

    Attributes:
        boot_timeout_s: the deadline of the boot, seconds.
        soak_hours: the length of a soak; 2 for SOAK_MINI, unless SOAK_HOURS says otherwise.
        mini: safe mode is asked for.
        mock: simulation is asked for.
        artifacts_dir: where everything is written.
        soak_dir: where runs are written.
        ci_artifacts_dir: where CI collects artifacts from.
        fake_utc: where the clock starts, unix seconds.
        version: the project's version, for summaries.
        step_timeout_s: how long a test command of the chain may take, seconds.
        allow_missing_secrets: safe mode is asked for.
        fast: slow sections are to be left out.
        ci: this is CI.
        async_debug: the agent is wanted, and a log of what it sees.
        no_color: colours are unwanted.
        github_actions: this runs in a job of GitHub Actions.
        step_summary: where the summary of the job is gathered.
        overrides: for each key of the file that is overridden, the variable that does it.
    """

    artifacts_dir: Path
    soak_dir: Path
    boot_timeout_s: Duration | None = None
    soak_hours: float | None = None
    mini: bool = False
    mock: bool = False
    ci_artifacts_dir: Path | None = None
    fake_utc: float | None = None
    version: str | None = None
    step_timeout_s: float = _STEP_TIMEOUT_S
    allow_missing_secrets: bool = False
    fast: bool = False
    ci: bool = False
    async_debug: bool = False
    no_color: bool = False
    github_actions: bool = False
    step_summary: Path | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], root: Path, *, cwd: Path | None = None) -> Environment:
        """Read the variables; an empty one counts as unset. Relative directories start from `root`.

        A relative GITHUB_STEP_SUMMARY, which no runner gives, starts from `cwd`, where there is one.

        Raises ConfigError naming each variable with a value it cannot have.
        """
        given = _read(environ)
        base = cwd if cwd is not None else root
        artifacts_dir, soak_dir = artifact_places(environ, root)
        collected = given.get("CI_ARTIFACTS_DIR")
        mini = given.get("SOAK_MINI", False)
        return cls(
            artifacts_dir=artifacts_dir,
            soak_dir=soak_dir,
            boot_timeout_s=given.get("BOOT_TIMEOUT_S"),
            soak_hours=given.get("SOAK_HOURS", _MINI_HOURS if mini else None),
            mini=mini,
            mock=given.get("USE_MOCK", False),
            ci_artifacts_dir=None if collected is None else root / collected,
            fake_utc=given.get("CI_FAKE_UTC"),
            version=given.get("MM_VERSION"),
            step_timeout_s=float(given.get("FSV_TIMEOUT_SEC", _STEP_TIMEOUT_S)),
            allow_missing_secrets=mini or given.get("MM_ALLOW_MISSING_SECRETS", False),
            fast=given.get("FULL_STACK_VALIDATION_FAST", False),
            ci=given.get("CI", False) or given.get("GITHUB_ACTIONS", False),
            async_debug=given.get("ASYNC_DEBUG", False),
            no_color=given.get("NO_COLOR", False),
            github_actions=given.get("GITHUB_ACTIONS", False),
            step_summary=None if (summary := given.get("GITHUB_STEP_SUMMARY")) is None else base / summary,
            overrides=_overrides(given),
        )


def _read(environ: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    wrong: list[str] = []
    for setting in SETTINGS:
        text = environ.get(setting.variable, "").strip()
        if not text:
            continue
        try:
            given[setting.variable] = setting.read(text)
        except ValueError as error:
            shown = text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004
            wrong.append(f"environment variable {setting.variable}={shown!r}: must be {_allowed(setting, error)}")
    if wrong:
        message = "\n".join(wrong)
        raise ConfigError(message, hint="unset the variable or correct it", where="environment")
    return given


def _allowed(setting: Setting, error: ValueError) -> str:
    return "a duration like 8s, or seconds" if setting.read == Duration.parse else str(error)


def _overrides(given: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for setting in SETTINGS:
        asked = setting.variable in given and given[setting.variable] is not False
        if setting.key and asked:
            found.setdefault(setting.key, setting.variable)
    return found


def apply_environment(config: Config, env: Environment) -> Config:
    """The configuration with what the environment overrides. Flags are applied after it, as they beat both."""
    update: dict[str, Any] = {}
    if env.async_debug:
        update["service"] = config.service.model_copy(update={"agent": "auto"})
    if env.boot_timeout_s is not None:
        update["smoke"] = config.smoke.model_copy(update={"deadline": env.boot_timeout_s})
    if env.soak_hours is not None:
        # The file's duration would beat hours, but the environment beats the file.
        update["soak"] = config.soak.model_copy(update={"hours": env.soak_hours, "duration": None})
    return config.model_copy(update=update)
