"""The environment variables that soakctl obeys."""

from __future__ import annotations

from pathlib import Path

import pytest

from soakctl.adapters.environment import SETTINGS, Environment, apply_environment
from soakctl.domain.config.root import Config
from soakctl.errors import ConfigError

ROOT = Path("/project")


def _read(**environ: str) -> Environment:
    return Environment.from_environ(environ, ROOT)


def test_an_empty_environment_asks_for_nothing() -> None:
    """Artifacts go to the project; a variable that is set to nothing counts as unset."""
    nothing = Environment(artifacts_dir=Path("/project/artifacts"), soak_dir=Path("/project/artifacts/soak"))
    assert _read() == nothing
    assert _read(**{setting.variable: " " for setting in SETTINGS}) == nothing


READ = [
    ({"BOOT_TIMEOUT_S": "20"}, "boot_timeout_s", 20.0),
    ({"BOOT_TIMEOUT_S": "1m"}, "boot_timeout_s", 60.0),
    ({"SOAK_HOURS": "0.5"}, "soak_hours", 0.5),
    ({"SOAK_HOURS": "90m"}, "soak_hours", 1.5),
    ({"SOAK_MINI": "1"}, "soak_hours", 2.0),
    ({"SOAK_MINI": "1"}, "mini", True),
    ({"SOAK_MINI": "1", "SOAK_HOURS": "3"}, "soak_hours", 3.0),
    ({"SOAK_MINI": "0"}, "soak_hours", None),
    ({"USE_MOCK": "true"}, "mock", True),
    ({"USE_MOCK": "0"}, "mock", False),
    ({"ARTIFACTS_DIR": "/a", "ARTIFACTS_ROOT": "/b"}, "artifacts_dir", Path("/a")),
    ({"ARTIFACTS_ROOT": "/b"}, "soak_dir", Path("/b/soak")),
    ({"ARTIFACTS_DIR": "out"}, "artifacts_dir", Path("/project/out")),
    ({"SOAK_ARTIFACTS_DIR": "/s", "ARTIFACTS_DIR": "/a"}, "soak_dir", Path("/s")),
    ({"CI_ARTIFACTS_DIR": "ci"}, "ci_artifacts_dir", Path("/project/ci")),
    ({"CI_FAKE_UTC": "2025-01-01T00:00:00Z"}, "fake_utc", 1735689600.0),
    ({"CI_FAKE_UTC": "2025-01-01T01:00:00+01:00"}, "fake_utc", 1735689600.0),
    ({"CI_FAKE_UTC": "2025-01-01T00:00:00.5"}, "fake_utc", 1735689600.5),
    ({"CI_FAKE_UTC": "2025-01-01"}, "fake_utc", 1735689600.0),
    ({"MM_VERSION": "1.2.3"}, "version", "1.2.3"),
    ({"NO_COLOR": "1"}, "no_color", True),
    ({"NO_COLOR": "0"}, "no_color", True),
    ({"GITHUB_ACTIONS": "true"}, "github_actions", True),
    ({"GITHUB_ACTIONS": "whatever"}, "github_actions", False),
    ({"GITHUB_STEP_SUMMARY": "/tmp/summary"}, "step_summary", Path("/tmp/summary")),
]


@pytest.mark.parametrize(("environ", "field", "value"), READ)
def test_each_variable_is_read(environ: dict[str, str], field: str, value: object) -> None:
    """Bare numbers are seconds, those of SOAK_HOURS hours; the more exact variable wins."""
    assert getattr(_read(**environ), field) == value


def test_relative_directories_start_from_the_root() -> None:
    """So that they are the same from wherever in the project a command is given."""
    given = {"ARTIFACTS_DIR": "out", "SOAK_ARTIFACTS_DIR": "soaks", "CI_ARTIFACTS_DIR": "ci"}
    here = Environment.from_environ(given, ROOT, cwd=Path("/project/sub"))
    assert (here.artifacts_dir, here.soak_dir, here.ci_artifacts_dir) == (ROOT / "out", ROOT / "soaks", ROOT / "ci")
    assert Environment.from_environ({}, ROOT, cwd=Path("/project/sub")).artifacts_dir == ROOT / "artifacts"


def test_every_bad_value_is_told_at_once() -> None:
    """Each line names the variable, its value and what is allowed."""
    bad = {
        "BOOT_TIMEOUT_S": "soon",
        "SOAK_HOURS": "-1",
        "SOAK_MINI": "maybe",
        "CI_FAKE_UTC": "yesterday",
    }
    with pytest.raises(ConfigError) as refused:
        _read(**bad)
    assert refused.value.message.splitlines() == [
        "environment variable BOOT_TIMEOUT_S='soon': must be a duration like 8s, or seconds",
        "environment variable SOAK_HOURS='-1': must be a positive number of hours like 24 or 0.5",
        "environment variable SOAK_MINI='maybe': must be 1 or 0",
        "environment variable CI_FAKE_UTC='yesterday': must be an ISO 8601 time since 1970 like 2025-01-01T00:00:00Z",
    ]


@pytest.mark.parametrize("hours", ["nan", "inf", "0", "1e9", "a day", "24hours"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    """No length of a run comes of what is not one."""
    with pytest.raises(ConfigError, match=r"SOAK_HOURS=.*must be a positive number of hours"):
        _read(SOAK_HOURS=hours)


def test_the_environment_beats_the_file() -> None:
    """SOAK_HOURS also beats a duration, which within the file comes before hours; nothing else changes."""
    data = {"soak": {"duration": "10m", "sample_every": "5s"}, "smoke": {"deadline": "9s"}, "kpis": []}
    config = Config.model_validate(data)
    changed = apply_environment(config, _read(SOAK_HOURS="3", BOOT_TIMEOUT_S="20"))
    assert (changed.soak.hours, changed.soak.duration, changed.soak.sample_every) == (3.0, None, 5.0)
    assert "hours" in changed.soak.model_fields_set
    assert changed.smoke.deadline == 20.0
    assert apply_environment(config, _read()) == config


def test_overridden_keys_are_known() -> None:
    """`config show` can say which variable a value comes from."""
    asked = _read(SOAK_HOURS="3", SOAK_MINI="1", BOOT_TIMEOUT_S="20", ARTIFACTS_DIR="/a")
    assert asked.overrides == {"smoke.deadline": "BOOT_TIMEOUT_S", "soak.hours": "SOAK_HOURS"}
    assert _read(SOAK_MINI="1").overrides == {"soak.hours": "SOAK_MINI"}
    assert _read(SOAK_MINI="0").overrides == {}
