"""A secret reaches the service, and nobody else ever sees it."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import TYPE_CHECKING, Any

from tests.support.cli import APPS, PYTHON

if TYPE_CHECKING:
    from tests.support.cli import Cli

SECRET = 'Wq7/zR+2=pX&9"tL#u5-mK%vB'
USER_INFO = base64.b64encode(f"user:{SECRET}".encode()).decode()
FORMS = {
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


def told(text: str) -> list[str]:
    """The forms of the secret that stand in a text."""
    return [name for name, form in FORMS.items() if form in text]


def test_a_secret_from_a_file_reaches_the_service_and_appears_nowhere(cli: Cli) -> None:
    """NAME_FILE is resolved; the service logs the value in every form it knows, and none of them is kept or shown."""
    cli.configure(SERVICE)
    cli.cwd.joinpath("password").write_text(SECRET, encoding="utf-8")
    env = {"SERVICE_PASSWORD_FILE": str(cli.cwd / "password")}
    smoke = cli.run("smoke", "--json", env=env)
    assert smoke.code == 0, str(smoke)
    plan = ("--duration", "2s", "--iteration", "1s", "--sample-every", "0.25s")
    soak = cli.run("-v", "soak", *plan, "--", *SERVICE["service"]["command"], f"--password={SECRET}", env=env)
    assert soak.code == 1, str(soak)  # it logs CRITICAL lines
    gate = cli.run("gate", "--json")

    log = (cli.latest / "logs" / "service.log").read_text(encoding="utf-8")
    assert f"password has {len(SECRET)} characters" in log
    assert "the word is [REDACTED:SERVICE_PASSWORD] and no other" in log
    assert "CRITICAL" in soak.out
    for done in (smoke, soak, gate):
        assert told(done.out + done.err) == [], str(done)
    files = [path for path in cli.artifacts.rglob("*") if path.is_file()]
    assert len(files) > 8
    for path in files:
        assert told(path.read_text(encoding="utf-8")) == [], path.name


def test_a_secret_that_cannot_be_read_is_named_and_its_file_too(cli: Cli) -> None:
    """That is a mistake in the configuration, told before anything is started."""
    cli.configure(SERVICE)
    done = cli.run("smoke", env={"SERVICE_PASSWORD_FILE": "/nowhere/password"})
    assert done.code == 3, str(done)
    assert "secret SERVICE_PASSWORD: cannot read /nowhere/password" in done.err
    assert "SERVICE_PASSWORD_FILE" in done.err.partition("hint:")[2]
