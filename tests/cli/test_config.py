"""`soakctl config check|show|schema` as functions."""

from __future__ import annotations

import io
import json
from pathlib import Path

import yaml

from soakctl.adapters.config_file import load
from soakctl.cli.config import check, schema, show
from soakctl.domain.config.loaded import Loaded
from soakctl.domain.config.root import Config
from soakctl.redact import Redactor

FOUND = Loaded(
    Config.model_validate({"service": {"name": "app", "env": {"API_KEY": "abcdef1234"}}}),
    Path("/p/soakctl.yaml"),
    Path("/p"),
    "soakctl.yaml",
    ("soakctl.yaml:3: kpis[a]: has no limit",),
    {"service.name": "soakctl.yaml:2"},
)


HIDE = Redactor().value


def test_check_says_ok_and_what_was_found() -> None:
    """The answer goes to standard output, warnings to standard error."""
    out, err = io.StringIO(), io.StringIO()
    assert check(FOUND, HIDE, as_json=False, out=out, err=err) == 0
    assert out.getvalue() == (
        "ok: /p/soakctl.yaml (soakctl.yaml)\n"
        "  service  app: no command; give one after --\n"
        "  smoke    no checkpoints, any sign of life within 8s\n"
        "  soak     1d, 24 iterations of 1h, a sample every 1m\n"
        "  kpis     none; resources, crashes and logs have default limits\n"
        "  gate     of the last 8 iterations 6 for PASS, 5 for WARN\n"
    )
    assert err.getvalue() == "warning: soakctl.yaml:3: kpis[a]: has no limit\n"


def test_check_as_json_is_one_document() -> None:
    """Nothing else is written anywhere."""
    out, err = io.StringIO(), io.StringIO()
    assert check(FOUND, HIDE, as_json=True, out=out, err=err) == 0
    document = json.loads(out.getvalue())
    assert (document["ok"], document["warnings"], err.getvalue()) == (True, list(FOUND.warnings), "")


def test_show_writes_yaml_and_says_where_it_comes_from() -> None:
    """Standard output can be kept as a file; the origins stand beside it on standard error."""
    out, err = io.StringIO(), io.StringIO()
    assert show(FOUND, FOUND.config, {"soak.hours": "SOAK_HOURS"}, HIDE, as_json=False, out=out, err=err) == 0
    shown = yaml.safe_load(out.getvalue())
    assert shown["service"]["env"] == {"API_KEY": "[REDACTED:api-key]"}
    assert err.getvalue() == (
        "from /p/soakctl.yaml (soakctl.yaml)\n"
        "  service.name: soakctl.yaml:2\n"
        "  soak.hours: $SOAK_HOURS\n"
        "  everything else: default\n"
        "warning: soakctl.yaml:3: kpis[a]: has no limit\n"
    )


def test_show_as_json_holds_configuration_and_origins() -> None:
    """Programs need no second command."""
    out, err = io.StringIO(), io.StringIO()
    assert show(FOUND, FOUND.config, {}, HIDE, as_json=True, out=out, err=err) == 0
    document = json.loads(out.getvalue())
    assert document["config"]["service"]["env"] == {"API_KEY": "[REDACTED:api-key]"}
    assert (document["origins"], err.getvalue()) == ({"service.name": "soakctl.yaml:2"}, "")


def test_defaults_are_named_as_such(tmp_path: Path) -> None:
    """No file is no error."""
    out = io.StringIO()
    check(load(None, cwd=tmp_path, environ={}), HIDE, as_json=False, out=out, err=io.StringIO())
    assert out.getvalue().startswith("ok: built-in defaults (no soakctl.yaml found)\n")


def test_schema_is_json() -> None:
    """It can be given to an editor as it is."""
    out = io.StringIO()
    assert schema(out) == 0
    assert json.loads(out.getvalue())["title"] == "soakctl.yaml"
