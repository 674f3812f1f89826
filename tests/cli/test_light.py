"""Starting lightly: what soakctl sets for its own libraries is nobody else's."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest

from soakctl.cli import light

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("OPENBLAS_NUM_THREADS", "PYDANTIC_DISABLE_PLUGINS")


@pytest.fixture(autouse=True)
def _as_at_a_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing set, and everything put back."""
    usual = gc.get_threshold()
    monkeypatch.setattr(light, "_ours", set())
    for name in NAMES:
        monkeypatch.setenv(name, "")  # what is undone at the end
        monkeypatch.delenv(name)
    yield
    gc.set_threshold(*usual)


def test_what_soakctl_sets_for_itself_is_not_handed_on() -> None:
    """A service gets the environment that soakctl was started in."""
    light.start_lightly()

    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    assert not set(NAMES) & set(light.inherited())
    assert light.inherited()["PATH"] == os.environ["PATH"]


def test_what_people_have_set_stays_and_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their number of threads is the service's, and soakctl's."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")

    light.start_lightly()

    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
    assert light.inherited()["OPENBLAS_NUM_THREADS"] == "4"
    assert "PYDANTIC_DISABLE_PLUGINS" not in light.inherited()
