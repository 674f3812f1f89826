"""The audit of dependencies: what fails, what is only told, and that no answer is no pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soakctl.errors import SoakctlError
from soakctl.services.validate.security import audited, graded
from tests.support.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def _answer(*vulnerabilities: str, **more: Any) -> dict[str, Any]:
    vulns = [{"id": name, "fix_versions": ["2.0"]} for name in vulnerabilities]
    return {"dependencies": [{"name": "lib", "version": "1.0", "vulns": vulns, **more}]}


@pytest.mark.parametrize(
    ("grade", "counts_as", "said"),
    [("CRITICAL", "CRITICAL", "CRITICAL"), ("LOW", "LOW", "LOW"), ("", "HIGH", "severity unknown")],
)
def test_grades(grade: str, counts_as: str, said: str) -> None:
    """An unknown one counts as high."""
    found, looked = audited("r.txt", _answer("PYSEC-1"), lambda _: grade)
    assert looked == 1
    assert found == [(counts_as, f"r.txt: lib 1.0: PYSEC-1 {said}; fixed in 2.0")]


def test_an_answer_about_nothing_is_no_pass() -> None:
    """Neither is a package that was skipped."""
    with pytest.raises(SoakctlError):
        audited("r.txt", {"dependencies": []}, lambda _: "")
    skipped = {"dependencies": [{"name": "lib", "skip_reason": "not on the index"}]}
    found, _ = audited("r.txt", skipped, lambda _: "")
    assert found == [("HIGH", "r.txt: lib: not audited: not on the index")]


@pytest.mark.parametrize(
    ("entry", "grade"),
    [
        ({"database_specific": {"severity": "MODERATE"}}, "MEDIUM"),
        ({"database_specific": {"severity": "critical"}}, "CRITICAL"),
        ({"database_specific": {"severity": "odd"}}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_what_the_index_says(entry: Any, grade: str) -> None:
    """Its words, or nothing."""
    assert graded(entry) == grade


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ('echo \'{"dependencies":[{"name":"a","version":"1","vulns":[]}]}\'', 0, ""),
        ("echo 'ConnectionError: Failed to resolve host' >&2; exit 1", 4, "cannot be reached"),
        ("echo 'requirement a is not pinned' >&2; exit 1", 3, "pin each package"),
        ("echo '{\"dependencies\":[]}'", 1, "not one package was looked up"),
    ],
)
def test_the_audit_tells_how_it_went(
    script: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Well, unreachable, not to be asked, or about nothing: four things."""
    project = Project(tmp_path, monkeypatch, capsys)
    project.write("bin/pip-audit", f"#!/bin/sh\n{script}\n").chmod(0o755)
    project.env(PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin")
    project.write("requirements.txt", "a==1\n")
    project.configure("security_audit")
    section = project.section("security_audit")
    assert section["exit_code"] == code
    assert said in section["reason"]
