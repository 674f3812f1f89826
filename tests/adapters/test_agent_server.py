"""The agent's socket: one that was put in late leaves when asked to, one that was there from the start stays."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.agent_client import ask
from soakctl.agent.inject.soakctl_agent import aside, server
from soakctl.errors import UnavailableError
from tests.support.polling import eventually

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("late", [True, False])
def test_an_agent_that_was_put_in_leaves_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool) -> None:
    """Its thread and its socket with it."""
    state: dict[str, Any] = {"pid": 0, "socket": None}
    monkeypatch.setattr(server, "_state", state)
    path = tmp_path / "a.sock"
    before = set(aside.IDENTS)
    server.open_at(str(path), late=late)
    assert ask(path, "leave", timeout_s=10.0) == {}
    if late:
        eventually(lambda: before >= aside.IDENTS)
        with pytest.raises(UnavailableError):
            ask(path, "leave", timeout_s=10.0)
    else:
        assert ask(path, "leave", timeout_s=10.0) == {}
        state["socket"].shutdown(socket.SHUT_RDWR)  # which ends its thread
        eventually(lambda: before >= aside.IDENTS)
        state["socket"].close()
