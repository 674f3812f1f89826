"""A secret reaches the service, and nobody else ever sees it."""

from __future__ import annotations

import base64
import json
import shlex
import urllib.parse
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.cli import APPS, PYTHON
from tests.support.inside import Inside

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.cli import Cli

SECRET = 'Wq7/zR+2=pX&9"tL#u5-mK%vB'
USER_INFO = base64.b64encode(f"user:{SECRET}".encode()).decode()
UNLISTED = "Vt6mQ-zx8Lw2pR"
FORMS = {
    "unlisted": UNLISTED,
    "plain": SECRET,
    "in part": SECRET[:12],
    "URL-encoded": urllib.parse.quote(SECRET, safe=""),
    "JSON-escaped": json.dumps(SECRET)[1:-1],
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 of user:password": USER_INFO[8:],
}
SERVICE: dict[str, Any] = {
    "service": {
        "command": [PYTHON, "-u", str(APPS / "tells_secrets.py")],
        "secrets": ["SERVICE_PASSWORD"],
        "ready": {"log": r"password has (?P<length>\d+) characters"},
    },
    "smoke": {"checkpoints": [{"name": "told", "pattern": "the word is (?P<word>.*) and no other"}]},
}


_TELLS = f"import sys; print('key is', {UNLISTED!r}, {SECRET!r}); raise ValueError({UNLISTED!r})"
VALIDATE: dict[str, Any] = {
    "sections": [
        {"name": "tells", "command": [PYTHON, "-c", _TELLS, UNLISTED]},
        "reports",
        "gates",
    ],
    "reports": {"jobs": [{"command": [PYTHON, "-c", _TELLS], "artifacts": [{"path": f"reports/{UNLISTED}.json"}]}]},
    "gates": {"file": f"reports/{UNLISTED}.json"},
}
# What is looked at once there is a run, each in this process.
LATER = f"""
gate
gate --json
-v gate --junit junit.xml --prometheus
gate --path {UNLISTED}
gate --resources {UNLISTED}.json
gate --compare {UNLISTED}
gate --budget rss_slope={UNLISTED}
logs -n 50
logs --json --errors
logs --checkpoints
logs {UNLISTED}.log
logs {UNLISTED}.txt
logs --grep {UNLISTED}
snapshot --output {UNLISTED}/snapshot.json
snapshot --json
snapshot --diff {UNLISTED} now
config show
validate
validate -v --json
validate --section tells --output all.json
validate --section {UNLISTED}
--config {UNLISTED} gate
trace {UNLISTED}
""".strip().splitlines()


def told(text: str) -> list[str]:
    """The forms of the secret that stand in a text."""
    return [name for name, form in FORMS.items() if form in text]


def test_a_secret_reaches_the_service_and_appears_nowhere(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a listed secret's file and an unlisted variable to arguments, output, errors and names of files."""
    cli.configure(SERVICE)
    cli.cwd.joinpath("password").write_text(SECRET, encoding="utf-8")
    env = {"SERVICE_PASSWORD_FILE": str(cli.cwd / "password"), "BACKUP_API_TOKEN": UNLISTED}
    command = (*SERVICE["service"]["command"], f"--password={SECRET}", UNLISTED)
    smoke = cli.run("smoke", "--json", "--", *command, env=env)
    assert smoke.code == 0, str(smoke)
    plan = ("--duration", "2s", "--iteration", "1s", "--sample-every", "0.25s")
    soak = cli.run("-v", "soak", *plan, "--", *command, env=env)
    assert soak.code == 1, str(soak)  # it logs CRITICAL lines
    traced = cli.run("trace", "--after", "1s", "--", *command, env=env)

    (tmp_path / "inside").mkdir()
    inside = Inside(tmp_path / "inside", monkeypatch, capsys)
    cli.cwd.joinpath(f"{UNLISTED}.log").write_text(f"WARNING told {UNLISTED} and {SECRET}\n", encoding="utf-8")
    cli.cwd.joinpath("soakctl.yaml").write_text(yaml.safe_dump({**SERVICE, "validate": VALIDATE}), encoding="utf-8")
    looked = [inside.run(*shlex.split(line), env={**cli.env, **env}, cwd=cli.cwd) for line in LATER]
    assert [done.code for done in looked if done.code in {70, 130}] == []

    log = (cli.latest / "logs" / "service.log").read_text(encoding="utf-8")
    assert f"password has {len(SECRET)} characters" in log
    assert "the word is [REDACTED:SERVICE_PASSWORD] and no other" in log
    assert "[REDACTED:BACKUP_API_TOKEN]" in (cli.latest / "run.json").read_text(encoding="utf-8")
    assert "CRITICAL" in soak.out
    for done in (smoke, soak, traced, *looked):
        assert told(done.out + done.err) == [], str(done)
    ours = [path for path in cli.cwd.rglob("*") if path.name in {"snapshot.json", "junit.xml", "all.json"}]
    assert len(ours) == 3
    files = [*ours, *(path for path in cli.artifacts.rglob("*") if path.is_file())]
    assert len(files) > 12
    for path in files:
        assert told(path.read_text(encoding="utf-8") + path.name) == [], path.name


def test_a_secret_that_cannot_be_read_is_named_and_its_file_too(cli: Cli) -> None:
    """That is a mistake in the configuration, told before anything is started."""
    cli.configure(SERVICE)
    done = cli.run("smoke", env={"SERVICE_PASSWORD_FILE": "/nowhere/password"})
    assert done.code == 3, str(done)
    assert "secret SERVICE_PASSWORD: cannot read /nowhere/password" in done.err
    assert "SERVICE_PASSWORD_FILE" in done.err.partition("hint:")[2]
