"""The command line for the tests of this folder; none of them may leave a process behind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Cli
from tests.support.inside import Inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """A project of its own for soakctl; afterwards every process that it started has to be gone."""
    if sys.platform != "linux":
        pytest.skip("what is left behind is looked for in /proc")
    command = Cli(tmp_path)
    try:
        yield command
        command.assert_nothing_left()
    finally:
        command.end_all()


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Inside:
    """The same project, with commands run in the test's own process."""
    return Inside(tmp_path, monkeypatch, capsys)
