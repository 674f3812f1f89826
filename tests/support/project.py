"""A small project to validate: files in a folder, and soakctl run in it as people do, in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from soakctl.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

_OURS = (
    "ARTIFACTS_DIR ARTIFACTS_ROOT CI CI_FAKE_UTC FIXTURES_DIR FSV_TIMEOUT_SEC FULL_STACK_VALIDATION_FAST "
    "GITHUB_ACTIONS GITHUB_STEP_SUMMARY GOLDEN_DIR MM_ALLOW_MISSING_SECRETS MM_VERSION SOAK_MINI SOAKCTL_CONFIG "
    "SHOP_API_KEY VIRTUAL_ENV"
).split()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Of stdout."""
        return self.out.splitlines()


class Project:
    """A folder with a configuration."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """It has a pyproject.toml, and no variable that soakctl reads is set."""
        self.root, self._patch, self._capsys = root, patch, capsys
        for name in _OURS:
            patch.delenv(name, raising=False)
        patch.chdir(root)
        patch.setenv("COLUMNS", "80")
        self.write("pyproject.toml", "[project]\nname = 'shop'\nversion = '1.2.3'\n")

    def write(self, path: str, content: Any) -> Path:
        """Make a file; what is neither text nor bytes becomes JSON."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return target

    def configure(self, *sections: Any, service_secrets: Sequence[str] = (), **options: Any) -> None:
        """Write soakctl.yaml."""
        content = {
            "version": 1,
            "service": {"name": "shop", "secrets": list(service_secrets)},
            "validate": {"sections": list(sections), "snapshots": False, **options},
        }
        self.write("soakctl.yaml", yaml.safe_dump(content))

    def env(self, **variables: str) -> None:
        """Set variables of the environment."""
        for name, value in variables.items():
            self._patch.setenv(name, value)

    def validate(self, *flags: str) -> Answer:
        """Run `soakctl validate`."""
        self._capsys.readouterr()
        code = run(["validate", *flags])
        told = self._capsys.readouterr()
        return Answer(code, told.out, told.err)

    def section(self, name: str, *flags: str) -> dict[str, Any]:
        """Run one section alone; how the record tells it."""
        self.validate("--section", name, *flags)
        record = json.loads((self.artifacts / "validate" / f"section_{name}.json").read_text(encoding="utf-8"))
        (found,) = record["sections"]
        return dict(found)

    def record(self) -> dict[str, Any]:
        """FULL_STACK_VALIDATION.json by section, and as it is under ""."""
        whole = json.loads((self.artifacts / "FULL_STACK_VALIDATION.json").read_text(encoding="utf-8"))
        return {"": whole, **{section["name"]: section for section in whole["sections"]}}

    @property
    def artifacts(self) -> Path:
        """Where everything is written."""
        return self.root / "artifacts"

    def everything_written(self) -> str:
        """The text of all artifacts."""
        files = sorted(path for path in self.artifacts.rglob("*") if path.is_file())
        return "\n".join(f"{path}\n{path.read_text(encoding='utf-8', errors='replace')}" for path in files)
