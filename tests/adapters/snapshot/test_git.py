"""The commit a service is run from."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.snapshot.git import bare_url, look_at_git
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def _git(cwd: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *words], cwd=cwd, check=True, capture_output=True, text=True, timeout=30)
    return done.stdout.strip()


@needs_git
def test_commit_changes_and_remote(tmp_path: Path) -> None:
    """With the names of what was changed, however odd, and no credentials of the remote."""
    _git(tmp_path, "init")
    for name in ("kept", "old name", "odd\nname"):
        (tmp_path / name).write_text(name * 20)
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-m", "one")
    _git(tmp_path, "remote", "add", "origin", "https://bot:hunter2@git.example.com:8443/team/app.git?token=x#y")
    assert look_at_git(tmp_path) == {
        "commit": _git(tmp_path, "rev-parse", "HEAD"),
        "branch": "main",
        "dirty": False,
        "changed_count": 0,
        "changed": [],
        "untracked_count": 0,
        "untracked": [],
        "remote": "https://git.example.com:8443/team/app.git",
    }
    _git(tmp_path, "mv", "old name", "new name")
    (tmp_path / "odd\nname").write_text("other")
    (tmp_path / "fresh").write_text("")
    (tmp_path / "inner").mkdir()
    found = look_at_git(tmp_path / "inner")
    assert found is not None
    assert (found["dirty"], found["changed"], found["untracked_count"]) == (True, ["new name", "odd\nname"], 1)


@needs_git
def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    """There is none to name, and no remote."""
    _git(tmp_path, "init")
    found = look_at_git(tmp_path)
    assert found is not None
    assert (found["commit"], found["branch"], found["remote"]) == (None, "main", None)


def test_outside_of_a_repository_there_is_nothing_to_tell(tmp_path: Path) -> None:
    """And git is not asked."""
    assert look_at_git(tmp_path) is None


@needs_git
def test_a_broken_repository_is_told(tmp_path: Path) -> None:
    """The snapshot goes on without it."""
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    with pytest.raises(UnavailableError, match="git status"):
        look_at_git(tmp_path)


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://user:pass@host/a.git", "https://host/a.git"),
        ("https://token@host:99/a?x=1#y", "https://host:99/a"),
        ("ssh://git@host/a", "ssh://host/a"),
        ("git@github.com:team/app.git", "github.com:team/app.git"),
        ("../other", "../other"),
        ("/srv/a@b", "/srv/a@b"),
        ("file:///srv/app", "file:///srv/app"),
        ("https://u:p@[::1]:8/a", "https://[::1]:8/a"),
        ("https://u:p@host:port/a", "[not a URL]"),
    ],
)
def test_a_url_loses_what_may_be_secret(url: str, bare: str) -> None:
    """User, password, query and fragment."""
    assert bare_url(url) == bare


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="/@:?#[]"), min_size=8))
def test_no_password_is_left_in_a_url(password: str) -> None:
    """Whatever it is made of."""
    assert f"Q{password}Q" not in bare_url(f"https://user:Q{password}Q@host/path")
