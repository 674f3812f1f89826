"""Snapshots that a real soak takes by itself, and a project full of secrets looked at."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import PYTHON

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Cli

PLAN = ("--duration", "2s", "--iteration", "1s", "--sample-every", "0.25s")
TICKS = "import sys, time\nwhile True:\n    print('tick', flush=True)\n    time.sleep(0.1)\n"
SECRET = re.compile(r"PW[a-z]+\d+")
ENV = {
    "API_TOKEN": "PWtoken1-abcdefgh",
    "DATABASE_URL": "postgres://app:PWdsn2@db.internal/app",
    "RANDOM_THING": "PWrandom3",
    "CONFIGURED_SECRET": "PWconfigured4",
    "SMTP_PASS": "PWsmtp5xx",
    "PIP_INDEX_URL": "https://bot:PWpip6@index.example.com/simple",
    "APP_CALLBACK": "https://bot:PWcallback7@host.example.com/",
}
COMMAND = [
    PYTHON,
    "app.py",
    "--password",
    "PWflag8",
    "--token=PWflag9",
    "https://u:PWurl10@h.example.com/",
    "PWtoken1-abcdefgh",
]


def _project(root: Path) -> dict[str, Any]:
    """Writes secrets wherever people have them; the configuration."""
    (root / "app.py").write_text(TICKS)
    (root / "conf").mkdir()
    (root / "conf" / "app.yaml").write_text("db:\n  password: PWyaml11\n")
    (root / "conf" / "broken.json").write_text('{"password": "PWbroken12", oops')
    (root / ".env").write_text("API_KEY=PWenvfile13\nPWbare14 is here\n")
    (root / "PWtoken1-abcdefgh.txt").write_text("")
    forked = root / "site" / "forked-3.dist-info"
    forked.mkdir(parents=True)
    (forked / "METADATA").write_text("Metadata-Version: 2.1\nName: forked\nVersion: 3\n")
    url = "https://bot:PWdirect15@index.example.com/forked-3.tar.gz?token=PWquery16"
    (forked / "direct_url.json").write_text(json.dumps({"url": url}))
    if shutil.which("git") is not None:
        remote = "https://bot:PWremote17@git.example.com/app.git?private_token=PWremote18"
        for words in (["init", "-q"], ["remote", "add", "origin", remote]):
            subprocess.run(["git", *words], cwd=root, check=True, timeout=30)
    return {
        "service": {
            "command": COMMAND,
            "env": {"PYTHONPATH": "site"},
            "secrets": ["CONFIGURED_SECRET", "MISSING_SECRET"],
        },
        "snapshot": {
            "show_env": ["API_*", "APP_*", "DATABASE_URL"],
            "files": ["conf/app.yaml", "conf/broken.json"],
        },
    }


def test_no_secret_is_shown_wherever_it_lies(cli: Cli) -> None:
    """In variables, files, command lines, URLs of git and of packages, names of files; by command and by soak."""
    cli.configure(_project(cli.cwd))
    page = cli.run("-v", "snapshot", "--output", "here.json", env=ENV)
    assert page.code == 0, str(page)
    assert "forked comes from https://index.example.com/forked-3.tar.gz" in page.out
    assert "MISSING_SECRET: MISSING" in page.out
    soak = cli.run("soak", *PLAN, env=ENV)
    assert soak.code == 0, str(soak)
    running = cli.read("environment_end.json")["service"]["processes"][0]["command"]
    assert running[1:4] == ["app.py", "--password", "[REDACTED:password]"]
    diff = cli.run("snapshot", "--diff", "here.json", "now", env={**ENV, "SMTP_PASS": "PWother19"})
    assert diff.code == 1, str(diff)
    assert "another value" in diff.out
    told = {"page": page.out + page.err, "diff": diff.out + diff.err}
    told |= {path.name: path.read_text(encoding="utf-8") for path in cli.latest.glob("environment_*")}
    assert len(told) == 4
    told["here.json"] = (cli.cwd / "here.json").read_text()
    assert {name: SECRET.findall(text) for name, text in told.items() if SECRET.search(text)} == {}


def test_a_soak_takes_one_at_its_start_and_one_at_its_end(cli: Cli) -> None:
    """With the running service in both, and nothing that differs."""
    (cli.cwd / "app.py").write_text(TICKS)
    done = cli.run("soak", *PLAN, "--", PYTHON, "app.py")
    assert done.code == 0, str(done)
    start, end = cli.read("environment_start.json"), cli.read("environment_end.json")
    assert (start["moment"], end["moment"]) == ("start", "end")
    pid = cli.events("service_started")[0]["pid"]
    assert start["service"]["pid"] == end["service"]["pid"] == pid
    same = cli.run("snapshot", "--diff", "latest", str(cli.latest / "environment_end.json"), "--json")
    assert (same.code, same.document()["same"]) == (0, True), str(same)


def test_a_crash_leaves_one_of_the_failure(cli: Cli) -> None:
    """Named by its line in the journal."""
    (cli.cwd / "app.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(3)\nraise SystemExit(3)\n")
    done = cli.run("soak", "--duration", "60s", "--", PYTHON, "app.py")
    assert done.code == 1, str(done)
    (exited,) = cli.events("service_exited")
    failure = cli.read(f"environment_failure_{exited['seq']}.json")
    assert (failure["moment"], failure["service"]) == ("failure", None)


@pytest.mark.slow
def test_a_run_to_be_reproduced_takes_none(cli: Cli) -> None:
    """Host names and paths stay out of its record."""
    (cli.cwd / "app.py").write_text(TICKS)
    done = cli.run("soak", *PLAN, "--", PYTHON, "app.py", env={"CI_FAKE_UTC": "2025-01-01T00:00:00Z"})
    assert done.code == 0, str(done)
    assert list(cli.latest.glob("environment_*")) == []


@pytest.mark.slow
def test_the_service_of_a_soak_that_goes_on_is_looked_at(cli: Cli) -> None:
    """Without being told its number."""
    (cli.cwd / "app.py").write_text(TICKS)
    with cli.start("soak", "--duration", "60s", "--sample-every", "0.25s", "--", PYTHON, "app.py", env=ENV) as soak:
        cli.wait_for_samples(2)
        found = cli.run("snapshot", "--json").document()
        soak.signal(signal.SIGINT)
        assert soak.done().code == 130
    assert found["service"]["pid"] == cli.events("service_started")[0]["pid"]
    assert found["variables"]["SMTP_PASS"]["state"] == "present"
    assert not SECRET.search(json.dumps(found))
