"""What is installed: every file of the package, the locked versions, one command."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import soakctl

ROOT = Path(__file__).parent.parent
LOCKS = ("build", "dev", "run")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def _pins(name: str) -> dict[str, str]:
    return {canonicalize_name(package): version for package, version in _PIN.findall(_lock(name))}


def test_the_wheel_holds_every_file_of_the_package() -> None:
    """Data files are installed too, whatever .gitignore says."""
    builder = WheelBuilder(str(ROOT))
    packed = {file.distribution_path for file in builder.recurse_included_files()}
    package = ROOT / "src" / "soakctl"
    wanted = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.suffix in {".py", ".yaml", ".json", ".typed"} and ".mypy_cache" not in path.parts
    }
    assert "soakctl/py.typed" in wanted
    assert wanted <= packed
    assert not [name for name in packed if "__pycache__" in name or "_cache/" in name]


def test_the_version_stands_once() -> None:
    """The package is built with the version that `soakctl --version` prints."""
    metadata = ProjectMetadata(str(ROOT), PluginManager())
    assert metadata.version == soakctl.__version__


def _extras() -> dict[str, list[str]]:
    found: dict[str, list[str]] = _project()["project"]["optional-dependencies"]
    return found


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("run", _project()["project"]["dependencies"]),
        ("dev", _project()["project"]["dependencies"]),
        ("dev", _project()["build-system"]["requires"]),
        ("build", _project()["build-system"]["requires"]),
        # pip-audit looks for what became known yesterday: its newest version is wanted, and no test needs it.
        *(
            ("dev", wanted)
            for extra, wanted in _project()["project"]["optional-dependencies"].items()
            if extra != "audit"
        ),
    ],
)
def test_the_lock_files_fit_the_dependencies(lock: str, wanted: list[str]) -> None:
    """Whoever changes a dependency runs `make lock`."""
    pins = _pins(lock)
    for requirement in map(Requirement, wanted):
        if requirement.name != "soakctl":
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


def test_the_lock_files_agree() -> None:
    """What is tested is what is run."""
    dev = _pins("dev")
    for lock in ("run", "build"):
        assert _pins(lock).items() <= dev.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_index(lock: str) -> None:
    """Everyone installs from the index of their own pip; the hashes say that it is the same."""
    text = _lock(lock)
    assert "://" not in text
    assert not re.search(r"^\s*-(-index|-extra|-find|-trusted|i |f )", text, re.MULTILINE)
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(_pins(lock))


def test_the_build_backend_is_the_locked_one() -> None:
    """An install without build isolation uses what the isolated one would."""
    project = _project()
    assert project["dependency-groups"]["build"] == project["build-system"]["requires"]


def test_it_runs_as_a_module() -> None:
    """`python -m soakctl` is the command too."""
    done = subprocess.run(
        [sys.executable, "-m", "soakctl", "--version"], capture_output=True, text=True, check=False, timeout=50
    )
    assert (done.returncode, done.stdout) == (0, f"soakctl {soakctl.__version__}\n")
