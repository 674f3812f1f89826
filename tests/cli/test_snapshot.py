"""`soakctl snapshot` as a command."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.cli.app import run
from tests.support.environments import environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty project with artifacts and a key of its own, and no Python or git to be asked on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def _json(argv: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    capsys.readouterr()
    code = run([*argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


def _write(path: Path, **changes: Any) -> str:
    path.write_text(json.dumps(environment(**changes)))
    return str(path)


def test_a_snapshot_is_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file holds what --json prints; the page is told to people."""
    assert run(["snapshot", "--output", "out/here.json"]) == 0
    told = capsys.readouterr()
    assert "Which Python has it?" in told.out
    assert "wrote out/here.json" in told.err
    written = json.loads((tmp_path / "out" / "here.json").read_text())
    assert written["schema"] == "soakctl.environment/1"
    assert written["moment"] == "asked"
    assert run(["snapshot", "--diff", "out/here.json", "now"]) == 0
    assert "Same: no difference" in capsys.readouterr().out


def test_a_change_since_is_a_difference(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and its name; its values stay where they are."""
    monkeypatch.setenv("APP_SETTING", "before-value")
    assert run(["-q", "snapshot", "--output", "here.json"]) == 0
    monkeypatch.setenv("APP_SETTING", "after-value")
    code, found = _json(["snapshot", "--diff", "here.json", "now"], capsys)
    assert code == 1
    (difference,) = found["differences"]
    assert (difference["what"], difference["before"]) == ("variable APP_SETTING", "a value")
    assert "after-value" not in json.dumps(found)


@pytest.mark.parametrize(
    ("before", "after"), [("8.8.8.8", "8.8.4.4"), ("postgres://u:p1Xq@h/db", "postgres://u:p2Yr@h/db")]
)
def test_shown_values_that_differ_where_they_are_hidden_differ(
    before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Redaction makes them look the same."""
    (tmp_path / "soakctl.yaml").write_text("snapshot: {show_env: [UPSTREAM]}\n")
    monkeypatch.setenv("UPSTREAM", before)
    assert run(["-q", "snapshot", "--output", "here.json"]) == 0
    assert run(["-q", "snapshot", "--diff", "here.json", "now"]) == 0
    monkeypatch.setenv("UPSTREAM", after)
    code, found = _json(["snapshot", "--diff", "here.json", "now"], capsys)
    assert (code, [each["what"] for each in found["differences"]]) == (1, ["variable UPSTREAM"])
    assert before not in (tmp_path / "here.json").read_text() + json.dumps(found)


def test_a_secret_in_a_changed_path_is_hidden(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Values that are shown are redacted, and what is said of their difference."""
    monkeypatch.setenv("PYTHONPATH", "/a")
    assert run(["-q", "snapshot", "--output", "here.json"]) == 0
    monkeypatch.setenv("PYTHONPATH", "/a:/b/password=hunter2-and-more")
    code, found = _json(["snapshot", "--diff", "here.json", "now"], capsys)
    after = [each["after"] for each in found["differences"] if "PYTHONPATH" in each["what"]]
    assert (code, after) == (1, ["/a:/b/password=[REDACTED:password]"])
    assert "hunter2" not in json.dumps(found)


def test_another_program_is_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Gone from the directory, or started in another way, whose secrets are not shown."""
    (tmp_path / "app.py").write_text("print(1)")
    assert run(["snapshot", "-q", "--output", "a.json", "--", "python", "app.py", "--port", "1"]) == 0
    assert run(["snapshot", "--diff", "a.json", "now", "--", "python", "app.py", "--port", "1"]) == 0
    (tmp_path / "app.py").unlink()
    capsys.readouterr()
    again = ["python", "app.py", "--password=hunter2-and-more"]
    assert run(["snapshot", "--json", "--diff", "a.json", "now", "--", *again]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(each["what"], each["weight"]) for each in found["differences"]] == [
        ("service command", "likely"),
        ("app.py", "likely"),
    ]
    assert found["differences"][0]["before"] == "python app.py --port 1"
    assert "hunter2" not in json.dumps(found)


def test_a_password_glued_to_a_flag_is_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    """A port is not."""
    assert run(["snapshot", "--json", "--", "python3", "svc.py", "-p8080", "-pMYSQLPW123"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["start"]["command"] == "python3 svc.py -p8080 -p[REDACTED:password]"


def test_two_files_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 for the same, 1 for a difference."""
    one = _write(tmp_path / "a.json")
    other = _write(tmp_path / "b.json", python__version="3.12.0")
    assert run(["snapshot", "--diff", one, one]) == 0
    assert run(["snapshot", "--diff", one, other]) == 1
    assert "3.11" in capsys.readouterr().out


def test_a_run_stands_for_its_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its id, its path, or as the latest."""
    run_dir = tmp_path / "artifacts" / "soak" / "20251121T020304Z-1a2b3c4d"
    run_dir.mkdir(parents=True)
    (run_dir / "run.json").write_text("{}")
    _write(run_dir / "environment_start.json")
    for name in ("latest", run_dir.name, str(run_dir)):
        code, found = _json(["snapshot", "--diff", name, str(run_dir / "environment_start.json")], capsys)
        assert (code, found["same"]) == (0, True)


def test_a_run_without_one_of_its_start_has_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which one it is, is told; a run with none is refused with what is true."""
    run_dir = tmp_path / "artifacts" / "soak" / "20251121T020304Z-1a2b3c4d"
    run_dir.mkdir(parents=True)
    (run_dir / "run.json").write_text("{}")
    here = _write(tmp_path / "here.json")
    code, found = _json(["snapshot", "--diff", "latest", here], capsys)
    assert (code, "unless it is a mock run" in found["error"]["hint"]) == (3, True)
    _write(run_dir / "environment_failure_7.json")
    assert run(["snapshot", "--diff", "latest", here]) == 0
    assert "environment_failure_7.json is compared" in capsys.readouterr().err


def test_names_that_are_no_text_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files and variables may have any bytes in their names."""
    (tmp_path / os.fsdecode(b"bad\xff")).touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(os.fsdecode(b"N\xfe"), os.fsdecode(b"v\xfd"))
        code, found = _json(["snapshot"], capsys)
        assert run(["snapshot"]) == 0
    assert code == 0
    assert "bad\\udcff" in {each["name"] for each in found["directory"]["listing"]}
    assert "N\\udcfe" in found["variables"]


@pytest.mark.parametrize("content", [None, "{", "[]", '{"schema": "soakctl.snapshot/1"}', "[" * 100_000])
def test_what_is_no_snapshot_is_refused(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 3 and what to do."""
    if content is not None:
        (tmp_path / "a.json").write_text(content)
    code, found = _json(["snapshot", "--diff", "a.json", "a.json"], capsys)
    assert code == 3
    assert "soakctl snapshot --output" in found["error"]["hint"]


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--diff", "a"], 64),
        (["--diff", "a", "b", "--output", "c"], 64),
        (["--diff", "a", "b", "--pid", "1"], 64),
        (["--pid", "1", "--", "sleep", "1"], 64),
        (["--pid", "4194999"], 69),
        (["--key-file", "none"], 69),
    ],
)
def test_flags_that_make_no_sense(argv: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Are refused before anything is looked at."""
    assert run(["snapshot", *argv]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_shared_key_makes_two_machines_comparable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a key each, a value is neither the same nor another one."""
    (tmp_path / "team.key").write_text("0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("APP_SETTING", "one")
    run(["-q", "snapshot", "--output", "own.json"])
    run(["-q", "snapshot", "--output", "shared.json", "--key-file", "team.key"])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    monkeypatch.setenv("APP_SETTING", "two")
    code, found = _json(["snapshot", "--diff", "own.json", "now"], capsys)
    assert code == 0
    assert any("APP_SETTING" in note and "--key-file" in note for note in found["notes"])
    code, found = _json(["snapshot", "--diff", "shared.json", "now", "--key-file", "team.key"], capsys)
    assert (code, found["differences"][0]["what"]) == (1, "variable APP_SETTING")


def test_configured_hosts_files_and_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of the section; a name that promises a secret is not shown though it is listed."""
    section = {
        "hosts": ["127.0.0.1:1"],
        "show_env": ["MODE_*", "MY_TOKEN"],
        "files": [{"path": "a.json", "count": {"n": "/x"}}],
    }
    (tmp_path / "soakctl.yaml").write_text(json.dumps({"version": 1, "snapshot": section}))
    (tmp_path / "a.json").write_text('{"x": [1, 2, 3]}')
    monkeypatch.setenv("MODE_ONE", "fast")
    monkeypatch.setenv("MY_TOKEN", "tok-9f8e7d6c5b4a")
    code, found = _json(["snapshot"], capsys)
    assert code == 0
    assert found["network"][0]["target"] == "127.0.0.1:1"
    assert not found["network"][0]["reached"]
    assert found["variables"]["MODE_ONE"]["value"] == "fast"
    assert "tok-9f8e7d6c5b4a" not in json.dumps(found)
    assert found["files"]["a.json"]["counts"] == {"n": 3}


@pytest.mark.parametrize("host", ["db", "http://u:hunter2@h", "ftp://h:21", "h:0", "tls://h", "h:99999"])
def test_a_host_that_is_none_is_refused(host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the configuration, with its place and what is allowed, without the text of it."""
    (tmp_path / "soakctl.yaml").write_text(json.dumps({"version": 1, "snapshot": {"hosts": [host]}}))
    assert run(["snapshot"]) == 3
    told = capsys.readouterr().err
    assert "snapshot.hosts[0]" in told
    assert "hunter2" not in told
