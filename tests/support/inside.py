"""The command line inside the test's own process: for what starts no process, and is over as quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.cli.app import run
from tests.support.cli import Cli, Done

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest


class Inside(Cli):
    """Runs commands as `Cli` does, without a process of their own."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """`root` is an empty directory."""
        super().__init__(root)
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def run(
        self, *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None, within_s: float = 0.0
    ) -> Done:
        """Run the command line to its end; a time limit has no meaning here."""
        del within_s
        with self._monkeypatch.context() as patch:
            patch.chdir(cwd or self.cwd)
            for name, value in {**self.env, **(env or {})}.items():
                patch.setenv(name, value)
            self._capsys.readouterr()
            code = run(list(args))
            out, err = self._capsys.readouterr()
        return Done(code, out, err)
