"""What `config check` and `config show` tell of a configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import soakctl
from soakctl.adapters.config_file import load, parse
from soakctl.domain.config.loaded import Loaded
from soakctl.domain.config.root import Config
from soakctl.redact import Redactor
from soakctl.services.config_check import check_document, json_schema, origins, resolved, show_document, summary

ROOT = Path(__file__).parent.parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))


HIDE = Redactor({"OTHER_KEY": "hunter2-hunter2"}).value


def _loaded(data: dict[str, Any]) -> Loaded:
    return Loaded(
        Config.model_validate(data), Path("/p/soakctl.yaml"), Path("/p"), "soakctl.yaml", ("a hunter2-hunter2",)
    )


def test_the_summary_says_what_was_found() -> None:
    """A line a section, each short enough to be read."""
    loaded = load(ROOT / "configs" / "risk-manager.yaml", cwd=ROOT, environ={})
    assert summary(loaded.config, HIDE) == (
        (
            "service",
            "risk-manager: python -m risk_manager, with BYBIT_API_KEY, BYBIT_API_SECRET, STORAGE_PG_PASSWORD",
        ),
        ("smoke", "8 checkpoints within 8s, alive at event_received"),
        ("soak", "1d, 24 iterations of 1h, a sample every 1m"),
        ("kpis", "rule_errors"),
        ("gate", "of the last 8 iterations 6 for PASS, 5 for WARN"),
    )


SUMMARIES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "service", "service: no command; give one after --"),
    ({}, "smoke", "no checkpoints, any sign of life within 8s"),
    ({}, "kpis", "none; resources, crashes and logs have default limits"),
    ({"service": {"command": "app --token abcdef1234"}}, "service", "service: app --token [REDACTED:token]"),
    ({"soak": {"repeat": {"command": "pytest"}}}, "service", "service: pytest"),
    ({"soak": {"duration": "1s", "sample_every": "2s"}}, "soak", "sampling every 2s cannot happen in a run of 1s"),
    ({"soak": {"hours": 1, "iterations": 1}}, "soak", "1h, 1 iteration of 1h, a sample every 1m"),
]


@pytest.mark.parametrize(("data", "title", "text"), SUMMARIES)
def test_the_summary_of_unusual_configurations(data: dict[str, Any], title: str, text: str) -> None:
    """What is missing or contradictory is said too, and secrets are not."""
    assert dict(summary(Config.model_validate(data), HIDE))[title] == text


def test_secrets_are_hidden_wherever_they_stand() -> None:
    """In a variable by its name, in a command by its option, elsewhere by their value."""
    data = {
        "service": {"command": ["app", "--token", "abcdef1234"], "env": {"API_KEY": "abcdef1234", "PORT": "80"}},
        "smoke": {"failures": [{"pattern": "hunter2-hunter2"}]},
    }
    shown = resolved(Config.model_validate(data), HIDE)
    assert shown["service"]["command"] == ["app", "--token", "[REDACTED:token]"]
    assert shown["service"]["env"] == {"API_KEY": "[REDACTED:api-key]", "PORT": "80"}
    assert shown["smoke"]["failures"][0]["pattern"] == "[REDACTED:OTHER_KEY]"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_ready_files_are_valid_and_without_warnings(path: Path) -> None:
    """Whoever starts from one of them starts from something sound."""
    loaded = load(path, cwd=ROOT, environ={})
    assert loaded.warnings == ()
    assert loaded.config.service.command


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_what_is_shown_is_a_configuration(path: Path) -> None:
    """`config show > soakctl.yaml` keeps everything as it was."""
    config = load(path, cwd=ROOT, environ={}).config
    assert parse(yaml.safe_dump(resolved(config, HIDE)), "shown") == config


def test_the_documents_are_json_with_their_schema_and_no_secret() -> None:
    """Programs get the same as people, and as little of what is secret."""
    loaded = _loaded({"service": {"env": {"API_KEY": "abcdef1234"}}})
    for document in (check_document(loaded, HIDE), show_document(loaded, loaded.config, {}, HIDE)):
        text = json.dumps(document, allow_nan=False)
        assert "abcdef1234" not in text
        assert "hunter2-hunter2" not in text
        assert document["schema"].startswith("soakctl.config-")


def test_the_environment_is_named_before_the_file() -> None:
    """It is what counts, so it is what is shown."""
    loaded = Loaded(Config(), None, Path(), "defaults", origins={"smoke.deadline": "x:1", "gate.window": "x:2"})
    assert origins(loaded, {"smoke.deadline": "BOOT_TIMEOUT_S"}) == {
        "gate.window": "x:2",
        "smoke.deadline": "$BOOT_TIMEOUT_S",
    }


def test_the_schema_that_ships_is_that_of_the_models() -> None:
    """After a change of the models: `soakctl config schema > src/soakctl/schemas/soakctl.config.schema.json`."""
    package = Path(soakctl.__file__).parent
    shipped = json.loads((package / "schemas" / "soakctl.config.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema() == Config.model_json_schema(by_alias=True)


def test_the_schema_allows_what_people_write_briefly() -> None:
    """An editor does not complain about a command as text or a backoff as a span."""
    schema = json_schema()["$defs"]
    assert {"type": "string"} in schema["Service"]["properties"]["command"]["anyOf"]
    assert {"type": "string"} in schema["Restart"]["properties"]["backoff"]["anyOf"]
    assert {"type": "string"} in schema["Kpi"]["properties"]["fail_if"]["anyOf"]
    assert {"type": "string"} in schema["Service"]["properties"]["secrets"]["items"]["anyOf"]
