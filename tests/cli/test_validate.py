"""A whole validation: the verdict, the rules by which sections are left out, and what is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support.polling import eventually
from tests.support.project import Project
from tests.test_schemas import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GREEN = "| full_stack | OK | STACK=GREEN |"
RED = "| full_stack | FAIL | STACK=RED |"
# Not one that the rules know: what hides it is that it is configured.
SECRET = "kestrel/Meadow+42 lantern"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """An empty project."""
    return Project(tmp_path, monkeypatch, capsys)


def _py(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def _own(name: str, script: str = "", **options: Any) -> Mapping[str, Any]:
    return {"name": name, "command": _py(script), **options}


def test_all_is_well(project: Project) -> None:
    """Each section has a line, the record is complete, and the last lines are as programs expect them."""
    project.write("artifacts/reports/readiness.json", {"score": 100, "verdict": "GO"})
    project.configure(_own("one", "print('hello')"), "readiness")
    answer = project.validate()
    assert (answer.code, answer.lines[-2:]) == (0, ["RESULT=OK", GREEN])
    record = project.record()
    assert wrong("validation", record[""]) == []
    assert (record["one"]["details"], record["readiness"]["details"]) == ("PASS", "score=100.0, verdict=GO")
    assert record[""]["runtime"]["version"] == "1.2.3"
    log = (project.artifacts / record["one"]["log"]).read_text(encoding="utf-8")
    assert "out | hello" in log
    assert "exit code 0" in log


def test_the_stack_summary_is_one_line_and_a_file(project: Project) -> None:
    """It stands between the result and the marker; --output says where it is written."""
    project.write("artifacts/reports/readiness.json", {"score": 100.0, "verdict": "GO"})
    project.write("artifacts/reports/gates_summary.json", {"passed": True})
    project.write("artifacts/reports/tests_summary.json", {"result": "OK"})
    project.configure()
    answer = project.validate("--emit-stack-summary", "--output", "summary.json")
    assert answer.code == 0
    assert (answer.lines[-3], answer.lines[-1]) == ("RESULT=OK", GREEN)
    summary = json.loads(answer.lines[-2])
    assert wrong("stack-summary", summary) == []
    assert json.loads((project.root / "summary.json").read_text(encoding="utf-8")) == summary
    assert [section["name"] for section in summary["sections"]] == ["readiness", "gates", "tests_summary"]


def test_with_json_there_is_one_document(project: Project) -> None:
    """And the marker goes to stderr."""
    project.configure(_own("one"))
    answer = project.validate("--json")
    assert wrong("validation", json.loads(answer.out)) == []
    assert answer.err.splitlines()[-1] == GREEN
    listed = project.validate("--list", "--json")
    assert wrong("validate-list", json.loads(listed.out)) == []


def test_without_a_section_nothing_is_shown(project: Project) -> None:
    """A run without any section is a failure."""
    project.configure()
    answer = project.validate()
    assert (answer.code, answer.lines[-1]) == (1, RED)
    assert "no section is configured" in answer.out


@pytest.mark.parametrize(
    ("section", "files", "said"),
    [
        (_own("broken", "import sys; print('why'); sys.exit(3)"), {}, "exit code 3"),
        ("readiness", {"artifacts/reports/readiness.json": {"score": 99.5, "verdict": "GO"}}, "score=99.5, verdict=GO"),
        ("readiness", {"artifacts/reports/readiness.json": {"score": True, "verdict": "GO"}}, "needs a number"),
        ("gates", {"artifacts/reports/gates_summary.json": {"passed": "true"}}, 'passed is "true"'),
        ("tests_summary", {"artifacts/reports/tests_summary.json": {"result": "OK", "passed": False}}, "passed=false"),
        ("gates", {}, "no such file"),
        ("preflight", {"app/a.py": "def broken(:\n"}, "app/a.py:1"),
        ("secrets", {"app.env": "DB_PASSWORD=hT7fk2Lq9zXw\n"}, "app.env:1: password"),
        ("dashboards", {"dashboards/a.json": {"title": "a", "panels": [{"targets": [{"expr": "rate(x["}]}]}}, "parse"),
        ("audit_chain", {"audit/audit.jsonl": '{"a":1}\n{"a":2,"prev_hash":"x"}\n'}, "audit.jsonl:2: the chain is"),
        ("dry_runs", {}, "no job is configured"),
        ("linters", {}, "nothing to lint"),
    ],
)
def test_a_failing_section_is_named(project: Project, section: Any, files: Mapping[str, Any], said: str) -> None:
    """The stack is RED, and the report says which section it was and why."""
    for path, content in files.items():
        project.write(path, content)
    project.configure(_own("fine"), section)
    answer = project.validate()
    name = section if isinstance(section, str) else section["name"]
    assert (answer.code, answer.lines[-1]) == (1, RED)
    assert f"1 failed: {name}" in answer.out
    assert any(said in problem for problem in project.record()[name]["problems"])
    assert project.record()["fine"]["ok"]


def test_a_command_that_is_not_there(project: Project) -> None:
    """Something is not installed: exit 5, as everywhere."""
    project.configure({"name": "lint", "command": ["no-such-linter", "."]})
    answer = project.validate()
    assert (answer.code, answer.lines[-1]) == (5, RED)
    assert "command not found" in answer.out


# --- What is left out ------------------------------------------------------------------------------------------------


def test_safe_mode(project: Project) -> None:
    """Dummy secrets: green in safe mode, by flag or variable; without it the missing ones are named."""
    project.configure(
        _own("one"), "secrets", "audit_dump", _own("deploy", needs_secrets=True), service_secrets=("SHOP_API_KEY",)
    )
    project.env(SHOP_API_KEY="dummy")
    safe = project.validate("--allow-missing-secrets")
    assert (safe.code, safe.lines[-1]) == (0, GREEN)
    for name in ("secrets", "audit_dump", "deploy"):
        assert (project.record()[name]["ok"], project.record()[name]["details"]) == (True, "SKIPPED_NO_SECRETS")
    bare = project.validate()
    assert (bare.code, bare.lines[-1]) == (1, RED)
    assert "missing secrets: SHOP_API_KEY" in bare.out
    project.env(MM_ALLOW_MISSING_SECRETS="1", CI="true")
    assert project.validate().code == 0


def test_safe_mode_still_scans_for_secrets(project: Project) -> None:
    """What is committed is committed, with or without real secrets here."""
    project.write("conf.ini", "password = hT7fk2Lq9zXw\n")
    project.configure("secrets", service_secrets=("SHOP_API_KEY",))
    answer = project.validate("--allow-missing-secrets")
    assert (answer.code, project.record()["secrets"]["status"]) == (1, "fail")


def test_with_real_secrets_everything_runs(project: Project) -> None:
    """Safe mode is no blindfold: where the secrets are here, nothing is skipped, and sections get them."""
    script = "import os, sys; sys.exit(os.environ['SHOP_API_KEY'] != 'kestrel/Meadow+42 lantern')"
    project.configure(_own("deploy", script, needs_secrets=True), service_secrets=("SHOP_API_KEY",))
    project.write("key", SECRET)
    project.env(SHOP_API_KEY_FILE=str(project.root / "key"))
    assert project.validate("--allow-missing-secrets").code == 0
    assert project.record()["deploy"]["details"] == "PASS"


def test_fast(project: Project) -> None:
    """Slow sections are left out, by flag or variable; that is allowed also in CI."""
    project.configure("tests_whitelist", _own("slow", "raise SystemExit(1)"), _own("quick", fast=True))
    assert project.validate("--fast").code == 0
    assert project.record()["slow"]["details"] == "SKIP: FAST mode"
    assert project.record()["quick"]["details"] == "PASS"
    project.env(FULL_STACK_VALIDATION_FAST="1", CI="true")
    assert project.validate().code == 0


@pytest.mark.parametrize(
    ("section", "flags", "ci", "ok"),
    [
        ("gates", [], False, False),
        ("gates", ["--allow-missing-sections"], False, True),
        ("gates", ["--allow-missing-sections"], True, True),
        ({"name": "gates", "optional": True}, [], False, True),
        ({"name": "gates", "optional": True}, [], True, False),
        ({"name": "gates", "optional": True}, ["--allow-missing-sections"], True, True),
    ],
)
def test_a_missing_file(project: Project, section: Any, flags: list[str], ci: bool, ok: bool) -> None:
    """It fails, unless somebody allowed it; CI does not take the section's own word for it."""
    project.configure(section, _own("one"))
    if ci:
        project.env(CI="true")
    answer = project.validate(*flags)
    assert (answer.code, project.record()["gates"]["ok"]) == (0 if ok else 1, ok)
    assert project.record()["gates"]["details"] == ("SKIP: missing file" if ok else "FAIL")


_GONE = "data/*.json: no file matches"


@pytest.mark.parametrize(
    ("linters", "details", "problems", "notes"),
    [
        ({}, "SKIP: missing file", [_GONE], []),
        ({"ascii_logs": ["good.log"]}, "PASS", [], [_GONE]),
        ({"ascii_logs": ["bad.log"]}, "FAIL", ["bad.log:1: not ASCII (byte 0xc3)", _GONE], []),
        ({"commands": [_py("import sys; sys.exit('no')")]}, "FAIL", ["exit code 1: no", _GONE], []),
        ({"labels": {"files": ["latin.prom"]}}, "FAIL", ["latin.prom: not UTF-8 at byte 0", _GONE], []),
    ],
)
def test_what_is_missing_hides_nothing(
    project: Project, linters: Any, details: str, problems: list[str], notes: list[str]
) -> None:
    """The rest is looked at; allowed is only what is missing."""
    project.write("good.log", "fine\n")
    project.write("bad.log", "caf\u00e9\n")
    project.write("latin.prom", b"\xe9\n")
    project.configure("linters", linters={"canonical_json": ["data/*.json"], **linters})
    assert project.validate("--allow-missing-sections").code == (1 if details == "FAIL" else 0)
    found = project.record()["linters"]
    assert found["details"] == details
    assert [text.endswith(end) for text, end in zip(found["problems"], problems, strict=True)] == [True] * len(problems)
    assert [note for note in found["notes"] if "left out" in note and note.endswith(tuple(notes))] == [
        f"left out: validate.linters.canonical_json: {note}" for note in notes
    ]
    if problems or notes:
        assert project.validate().code == 1
        assert any(text.endswith(_GONE) for text in project.record()["linters"]["problems"])


def test_a_list_of_metrics_that_is_missing_hides_nothing(project: Project) -> None:
    """Expressions are still read."""
    project.write("dashboards/a.json", {"title": "a", "panels": [{"type": "x", "targets": [{"expr": "sum("}]}]})
    project.configure("dashboards", dashboards={"metrics": "gone.txt"})
    assert project.validate("--allow-missing-sections").code == 1
    parse, gone = project.record()["dashboards"]["problems"]
    assert "does not parse" in parse
    assert gone == "validate.dashboards.metrics: gone.txt: no such file"


# --- Order, retries, time --------------------------------------------------------------------------------------------


def test_what_needs_a_failed_section_is_not_run(project: Project) -> None:
    """And it is not well either."""
    project.configure(_own("after", needs=["first"]), _own("first", "raise SystemExit(1)"))
    assert project.validate().code == 1
    assert project.record()["after"]["reason"] == "not run: it needs first, which failed"
    assert [section["name"] for section in project.record()[""]["sections"]] == ["after", "first"]


@pytest.mark.parametrize("needs", [["b"], ["ghost"]])
def test_an_order_that_cannot_be(project: Project, needs: list[str]) -> None:
    """A circle, or a name that nobody has: told before anything runs."""
    project.configure(_own("a", needs=needs), _own("b", needs=["a"]))
    assert project.validate().code == 3


def test_a_retry_that_works(project: Project) -> None:
    """The last attempt counts, and that there were several is said."""
    script = "import pathlib, sys; p = pathlib.Path('tried'); n = p.exists(); p.touch(); sys.exit(not n)"
    project.configure(_own("shaky", script, retries=2))
    assert project.validate().code == 0
    assert project.record()["shaky"]["attempts"] == 2
    assert project.record()["shaky"]["notes"] == ["attempt 2 of 3"]


def test_a_hanging_section_is_killed_with_its_children(project: Project) -> None:
    """Also a grandchild in a session of its own; no zombie stays."""
    child = "import os, time; open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'child.pid'); time.sleep(600)"
    script = (
        "import subprocess, sys, time; "
        f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True); time.sleep(600)"
    )
    project.configure(_own("hangs", script))
    before = set(psutil.Process().children())
    answer = project.validate("--timeout", "4s")
    assert (answer.code, answer.lines[-1]) == (1, RED)
    assert project.record()["hangs"]["details"] == "FAIL: timeout"
    assert "cause: it ran out of time" in answer.out
    pid = int((project.root / "child.pid").read_text(encoding="utf-8"))
    eventually(lambda: not psutil.pid_exists(pid))
    assert not set(psutil.Process().children()) - before


def test_interrupted_it_leaves_nothing_running(project: Project) -> None:
    """SIGTERM ends the sections and their trees; the code says so."""
    script = "import os, time; open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'own.pid'); time.sleep(600)"
    project.configure(_own("long", script))
    with subprocess.Popen(
        [sys.executable, "-m", "soakctl", "validate"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=project.root
    ) as soakctl:
        eventually((project.root / "own.pid").exists)
        soakctl.terminate()
        _, err = soakctl.communicate(timeout=30)
    assert soakctl.returncode == 143, err
    pid = int((project.root / "own.pid").read_text(encoding="utf-8"))
    eventually(lambda: not psutil.pid_exists(pid))


def test_causes_are_named_with_their_cure(project: Project) -> None:
    """What is well known need not be found out again."""
    project.configure(_own("imports", "import no_such_module_here"))
    answer = project.validate()
    assert "cause: the module no_such_module_here is missing" in answer.out.replace("\n      ", " ")
    assert "last lines of its output" in answer.out


# --- What is written -------------------------------------------------------------------------------------------------


def test_it_is_reproducible(project: Project, tmp_path: Path) -> None:
    """Under CI_FAKE_UTC two runs write the same record, wherever the artifacts lie."""
    project.env(CI_FAKE_UTC="2025-01-01T00:00:00Z")
    project.configure(_own("one", "print('hello')"), _own("bad", "import sys; sys.exit(2)"), "gates")
    records = []
    for place in ("first", "second"):
        project.env(ARTIFACTS_DIR=str(tmp_path / place))
        project.validate()
        records.append((tmp_path / place / "FULL_STACK_VALIDATION.json").read_bytes())
    assert records[0] == records[1]
    assert b"2025-01-01T00:00:00Z" in records[0]


def test_one_section_alone_does_not_replace_the_verdict_of_all(project: Project) -> None:
    """Its output is on the screen as it comes, and its record is its own."""
    project.configure(_own("one", "print('to be seen')"), _own("two", "raise SystemExit(1)"))
    assert project.validate().code == 1
    answer = project.validate("--section", "one")
    assert answer.code == 0
    assert "out | to be seen" in answer.out
    assert project.record()[""]["result"] == "FAIL"
    unknown = project.validate("--section", "three")
    assert (unknown.code, "there is no section 'three'" in unknown.err) == (3, True)


def test_the_newest_logs_stay(project: Project) -> None:
    """Five of each section; foreign files, links and what lies behind them stay, and a dry run removes nothing."""
    project.configure(_own("one"), _own("two"))
    logs = project.artifacts / "validate" / "logs"
    for day in range(1, 9):
        project.write(f"artifacts/validate/logs/one.2025010{day}T000000Z.log", "old")
    precious = project.write("precious.log", "mine")
    (logs / "one.20240101T000000Z.log").symlink_to(precious)
    project.write("artifacts/validate/logs/notes.txt", "mine")
    dry = project.validate("--housekeeping", "dry-run")
    assert "would remove 3 logs" in dry.err
    assert len(list(logs.iterdir())) == 10
    told = json.loads(project.validate("--housekeeping", "dry-run", "--json").out)
    assert wrong("housekeeping", told) == []
    assert (told["dry_run"], len(told["removed"])) == (True, 3)
    assert project.validate("--housekeeping", "only").code == 0
    left = sorted(path.name for path in logs.glob("one.2025*"))
    assert left == [f"one.2025010{day}T000000Z.log" for day in range(4, 9)]
    assert (precious.exists(), (logs / "notes.txt").exists()) == (True, True)
    assert wrong("housekeeping", json.loads((logs.parent / "housekeeping.json").read_text(encoding="utf-8"))) == []


def test_artifacts_over_their_limit_keep_the_newest_log_alone(project: Project) -> None:
    """And nothing but logs is removed."""
    project.configure(_own("one"), housekeeping={"limit": "1kB"})
    for day in range(1, 4):
        project.write(f"artifacts/validate/logs/one.2025010{day}T000000Z.log", "x" * 500)
    kept = project.write("artifacts/soak/run/big.bin", b"x" * 5000)
    answer = project.validate("--housekeeping", "only")
    assert "the artifacts hold 6.5" in answer.err
    assert "over 1kB: only the newest log" in answer.err
    assert [path.name for path in (project.artifacts / "validate" / "logs").iterdir()] == ["one.20250103T000000Z.log"]
    assert kept.exists()


def test_a_linked_folder_of_logs_is_left_alone(project: Project, tmp_path: Path) -> None:
    """Nothing outside the artifacts is ever removed."""
    project.configure(_own("one"))
    elsewhere = tmp_path / "elsewhere"
    for day in range(1, 9):
        project.write(f"elsewhere/one.2025010{day}T000000Z.log", "old")
    (project.artifacts / "validate").mkdir(parents=True)
    (project.artifacts / "validate" / "logs").symlink_to(elsewhere)
    assert project.validate("--housekeeping", "only").code == 0
    assert len(list(elsewhere.iterdir())) == 8


def test_no_secret_is_shown_or_written(project: Project) -> None:
    """Neither from arguments, output, an exception, the name of a file, a report, nor an environment variable."""
    tells = f"import sys; print('key is', {SECRET!r}); raise ValueError({SECRET!r})"
    project.configure(
        _own("argument", "raise SystemExit(1)"),
        {"name": "tells", "command": _py(tells)},
        "secrets",
        "gates",
        service_secrets=("SHOP_API_KEY",),
        gates={"file": f"reports/{SECRET}.json"},
    )
    project.env(SHOP_API_KEY=SECRET)
    project.write(f"notes/{SECRET.replace('/', '_')}.txt", f"the key: {SECRET}\n")
    project.write("noted.txt", f"the key: {SECRET}\n")
    for flags in ((), ("-v",), ("--json",), ("--section", "tells"), ("--emit-stack-summary",)):
        answer = project.validate(*flags)
        assert answer.code == 1
        assert SECRET not in answer.out + answer.err
    written = project.everything_written()
    assert SECRET not in written
    assert "noted.txt:1: configured-secret:SHOP_API_KEY" in written


def test_everything_is_on_the_screen_in_ci(project: Project) -> None:
    """Grouped, where GitHub folds groups."""
    project.configure(_own("one", "print('hello')"))
    project.env(CI="true", GITHUB_ACTIONS="true")
    out = project.validate().lines
    begin = out.index("::group::one")
    assert "  out | hello" in out[begin : out.index("::endgroup::")]


def test_sections_run_beside_one_another(project: Project) -> None:
    """Each waits until the other is there."""
    meet = (
        "import pathlib, sys, time\nmine, other = sys.argv[1:]\npathlib.Path(mine).touch()\n"
        "end = time.monotonic() + 20\n"
        "while not pathlib.Path(other).exists():\n    assert time.monotonic() < end\n    time.sleep(0.01)\n"
    )
    both = [{"name": name, "command": [*_py(meet), name, other]} for name, other in (("a", "b"), ("b", "a"))]
    project.configure(*both, parallel=2)
    assert project.validate().code == 0


@pytest.mark.parametrize(
    "flags", [["--timeout", "soon"], ["--timeout", "0"], ["--housekeeping", "maybe"], ["--section"], ["extra"]]
)
def test_a_wrong_command_line(project: Project, flags: list[str]) -> None:
    """Is told as one."""
    project.configure(_own("one"))
    assert project.validate(*flags).code == 64


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("lintres", "did you mean linters?"),
        ("mystery", "is named mystery. Known are"),
        ({"name": "a", "command": ["x"], "needs": ["a"]}, "a waits for itself"),
        ({"name": "secrets", "command": ["x"]}, "is a built-in section"),
    ],
)
def test_a_section_that_cannot_be(project: Project, section: Any, said: str) -> None:
    """Is told with what is allowed."""
    project.configure(section)
    answer = project.validate()
    assert (answer.code, said in answer.err) == (3, True)


def test_variables_lead_sections_to_the_places_of_the_project(project: Project) -> None:
    """Relative ones start from the root."""
    (project.root / "fixtures").mkdir()
    script = "import os; print([os.environ[n] for n in ('FIXTURES_DIR', 'GOLDEN_DIR', 'ARTIFACTS_DIR')])"
    project.configure(_own("one", script))
    project.env(GOLDEN_DIR="data/golden")
    answer = project.validate("--section", "one")
    places = [str(project.root / path) for path in ("fixtures", "data/golden", "artifacts")]
    assert f"out | {places}" in answer.out
    assert os.sep in places[0]


def test_what_the_sections_change_in_the_environment_is_told(project: Project) -> None:
    """A snapshot before and one after: what differs is told and recorded, and changes no verdict."""
    project.write("requirements.txt", "")
    project.configure(_own("pins", "open('requirements.txt', 'w').write('soap==1.0')"), snapshots=True)
    answer = project.validate()
    assert answer.code == 0
    changed = next(at for at, text in enumerate(answer.lines) if text.startswith("The environment is not as it was"))
    assert answer.lines[changed + 1].startswith("  files: content of file requirements.txt: ")
    assert answer.lines[-1] == "| full_stack | OK | STACK=GREEN |"
    told = json.loads((project.artifacts / "FULL_STACK_VALIDATION.json").read_text(encoding="utf-8"))["environment"]
    assert [each["section"] for each in told["differences"]] == ["files", "directory"], "its content, and its size"
    assert (project.artifacts / "validate" / "environment_before.json").is_file()


def test_an_endless_last_line_is_cut_where_people_read_it(project: Project) -> None:
    """It is whole in the log; what is shown was redacted before it was cut."""
    project.configure(
        _own("loud", f"import sys; sys.exit('x' * 990 + {SECRET!r} * 100 + 'y' * 90_000)"),
        service_secrets=("SHOP_API_KEY",),
    )
    project.env(SHOP_API_KEY=SECRET)
    answer = project.validate()
    assert answer.code == 1
    assert len(answer.out) < 5000
    assert SECRET[:6] not in answer.out
    assert all(len(text) < 1100 for text in project.record()["loud"]["problems"])
