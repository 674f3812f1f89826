"""A gate for machines: --junit, --prometheus, and what GitHub Actions is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from soakctl.cli.app import run
from soakctl.cli.machines import tell_machines
from soakctl.cli.wiring.setup import set_up
from soakctl.domain.verdict import Check, Severity
from soakctl.errors import ExitCode
from soakctl.report.subject import Subject
from tests.support.metrics import by_name, openmetrics
from tests.support.verdicts import verdict_of


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifacts of a healthy mock run and, later, of one that leaks."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.chdir(home)
        patch.setenv("ARTIFACTS_DIR", str(home))
        patch.setenv("CI_FAKE_UTC", "2026-01-01T00:00:00Z")
        assert run(["-q", "soak", "--mock", "--hours", "8"]) == 0
        patch.setenv("CI_FAKE_UTC", "2026-01-02T00:00:00Z")
        assert run(["-q", "soak", "--mock", "--hours", "8", "--mock-fault", "leak"]) == 1
    return home


@pytest.fixture
def here(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A working directory with copies of the runs."""
    shutil.copytree(runs / "soak", tmp_path / "artifacts" / "soak", symlinks=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARTIFACTS_DIR", raising=False)
    capsys.readouterr()
    return tmp_path


def _runs(here: Path) -> tuple[str, str]:
    healthy, leaking = sorted(item.name for item in (here / "artifacts" / "soak").iterdir() if not item.is_symlink())
    return healthy, leaking


def _failures(path: Path) -> int:
    return int(ET.parse(path).getroot().attrib["failures"])  # noqa: S314 - our own file


def test_junit_is_written_where_it_was_asked_for(here: Path) -> None:
    """For a run that passes and for one that fails, at the exit code of the verdict."""
    healthy, leaking = _runs(here)
    assert run(["-q", "gate", "--path", healthy, "--junit", "out/good.xml"]) == 0
    assert run(["-q", "gate", "--path", leaking, "--junit", "out/bad.xml"]) == 1
    assert (_failures(Path("out/good.xml")), _failures(Path("out/bad.xml"))) == (0, 2)


def test_metrics_are_written_beside_the_run(here: Path) -> None:
    """They say what the other documents of the run say; without the option there are none."""
    path = here / "artifacts" / "soak" / "latest"
    assert run(["-q", "gate"]) == 1
    assert not (path / "POST_SOAK_METRICS.prom").exists()
    assert run(["-q", "gate", "--prometheus"]) == 1
    text = (path / "POST_SOAK_METRICS.prom").read_text()
    found = by_name(openmetrics(text))
    snapshot = json.loads((path / "POST_SOAK_SNAPSHOT.json").read_text())
    assert found["soak_verdict"].value == 0
    assert found["soak_verdict"].labels == {"run_id": path.resolve().name, "service": "market-maker"}
    assert found["soak_verdict_pass_count"].value == snapshot["pass_count_last8"]
    for name, value in snapshot["kpi_last8"]["mean"].items():
        assert found[f"soak_kpi_{name}_mean"].value == value
    assert not list(path.glob(".*"))


def test_github_actions_is_told_by_itself(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Annotations stand on stdout before the verdict, and each gate of a job adds to its summary."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    for name in _runs(here):
        run(["-q", "gate", "--path", name])
    out = capsys.readouterr().out.splitlines()
    told = [line for line in out if line.startswith("::")]
    assert [line.split("::")[1] for line in told] == [
        "error title=soakctl%3A RSS growth",
        "error title=soakctl%3A USS growth",
    ]
    assert out[-1] == "Verdict: FAIL (exit 1)"
    summary = (here / "summary.md").read_text()
    assert summary.index("## ✅ PASS (exit 0)") < summary.index("## ❌ FAIL (exit 1)")


def test_elsewhere_nothing_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal gets no workflow commands."""
    run(["gate"])
    assert "::" not in capsys.readouterr().out
    assert not (here / "summary.md").exists()


def test_json_stays_one_document(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json annotations go to stderr, where the runner sees them too."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run(["gate", "--json", "--prometheus", "--junit", str(here / "j.xml")]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["verdict"] == "FAIL"
    assert "::error title=soakctl%3A RSS growth::" in told.err


def test_a_bare_file_of_samples_is_told_too(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines learn of every verdict that a gate makes."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    samples = here / "artifacts" / "soak" / "latest" / "resources.jsonl"
    assert run(["-q", "gate", "--resources", str(samples), "--junit", "j.xml"]) == 1
    assert _failures(here / "j.xml") == 2
    assert "resources.jsonl: " in (here / "summary.md").read_text().replace("\\", "")


def test_a_chain_is_told_too(here: Path) -> None:
    """A step is a test case, and a chain that checked nothing fails there as well."""
    (here / "pyproject.toml").write_text("")
    chain: dict[str, Any] = {"tests": [["true"], ["false"]], "smoke": "off", "soak": "off"}
    (here / "soakctl.yaml").write_text(json.dumps({"version": 1, "gate": {"chain": chain}}))
    assert run(["gate", "--chain", "--junit", "chain.xml"]) == 1
    cases = ET.parse(here / "chain.xml").getroot().findall(".//testcase")  # noqa: S314
    assert [(case.attrib["name"], case.find("failure") is not None) for case in cases] == [
        ("chain.tests: true", False),
        ("chain.tests: false", True),
    ]
    (here / "soakctl.yaml").write_text(json.dumps({"version": 1, "gate": {"chain": {"smoke": "off", "soak": "off"}}}))
    assert run(["gate", "--chain", "--junit", "chain.xml"]) == 3
    assert _failures(here / "chain.xml") == 1


@pytest.mark.parametrize(
    "flags", [["--resources", "samples.jsonl"], ["--chain"]], ids=["a file of samples", "the chain"]
)
def test_metrics_are_those_of_a_run(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no run to write them beside, the option is refused instead of ignored."""
    assert run(["gate", "--prometheus", *flags]) == ExitCode.USAGE
    assert "--prometheus writes beside a run" in capsys.readouterr().err


@pytest.mark.parametrize(("run_at", "code"), [(0, ExitCode.UNAVAILABLE), (1, ExitCode.EXCEPTION)])
def test_a_report_that_cannot_be_written_is_not_passed_over(
    here: Path, run_at: int, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict is told all the same; it keeps its code when it fails, and a PASS without its report is none."""
    (here / "taken").mkdir()
    assert run(["gate", "--path", _runs(here)[run_at], "--junit", "taken"]) == code
    told = capsys.readouterr()
    assert told.err.splitlines()[-1].startswith("soakctl: --junit: cannot write it: ")
    assert told.out.splitlines()[-1].startswith("Verdict: ")


def test_a_summary_that_cannot_be_written_is_said_and_no_more(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody asked for it by an option."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here))
    assert run(["gate", "--path", _runs(here)[0]]) == 0
    assert "soakctl: warning: the summary of the job was not written: " in capsys.readouterr().err


def test_secrets_are_hidden_before_a_format_hides_them_from_us(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret with characters that Markdown, XML or a workflow command escapes is in none of them."""
    secret = 's3cret|with_<odd>&%"chars*'
    (here / "soakctl.yaml").write_text(json.dumps({"version": 1, "service": {"secrets": ["APP_TOKEN"]}}))
    monkeypatch.setenv("APP_TOKEN", secret)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    texts = (f"found {secret}",) * 4
    check = Check("boot", Severity.FAIL, *texts, reason=texts[0], hint=texts[0], evidence=texts)
    subject = Subject(f"it was started as app {secret}", "app")
    assert tell_machines(subject, verdict_of((check,)), set_up(), junit="j.xml") == 1
    for text in (capsys.readouterr().out, (here / "summary.md").read_text(), (here / "j.xml").read_text()):
        assert "s3cret" not in text
        assert "REDACTED" in text


def test_metrics_that_cannot_be_written_are_not_passed_over(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that lies somewhere read-only is judged, and its missing metrics are told by the exit code."""
    path = here / "artifacts" / "soak" / _runs(here)[0]
    (path / "POST_SOAK_METRICS.prom").mkdir()
    assert run(["gate", "--path", path.name, "--prometheus"]) == ExitCode.UNAVAILABLE
    assert "soakctl: --prometheus: " in capsys.readouterr().err
