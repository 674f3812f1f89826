"""The commit that the service is run from, and what was changed since."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from soakctl.adapters.run_command import run_bounded
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S = 5.0
_MOST_CHANGED = 50
# Programs that a repository's configuration names are not run, and nothing is written into it.
_GIT = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_ADVICE = "Is this a repository of somebody else? See `git config safe.directory`."


def look_at_git(cwd: Path) -> dict[str, Any] | None:
    """Commit, branch, changes and remote; None outside of a repository. Raises UnavailableError."""
    if not _in_repository(cwd):
        return None
    status = _git(cwd, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal")
    commit = branch = None
    changed: list[str] = []
    untracked: list[str] = []
    entries = iter(status.split("\0"))
    for entry in entries:
        if entry.startswith("# branch.oid "):
            commit = entry.removeprefix("# branch.oid ")
        elif entry.startswith("# branch.head "):
            branch = entry.removeprefix("# branch.head ")
        elif entry.startswith("? "):
            untracked.append(entry.removeprefix("? "))
        elif entry[:2] in {"1 ", "2 ", "u "}:
            changed.append(entry.split(" ", {"1 ": 8, "2 ": 9, "u ": 10}[entry[:2]])[-1])
            if entry.startswith("2 "):
                next(entries, None)  # the name it had before
    return {
        "commit": None if commit == "(initial)" else commit,
        "branch": branch,
        "dirty": bool(changed),
        "changed_count": len(changed),
        "changed": sorted(changed)[:_MOST_CHANGED],
        "untracked_count": len(untracked),
        "untracked": sorted(untracked)[:_MOST_CHANGED],
        "remote": _remote(cwd),
    }


def _in_repository(cwd: Path) -> bool:
    here = cwd.resolve()
    return any((directory / ".git").exists() for directory in (here, *here.parents))


def _remote(cwd: Path) -> str | None:
    urls = [
        line for line in _git(cwd, "config", "--get-regexp", r"^remote\..*\.url$", fine={0, 1}).splitlines() if line
    ]
    by_name = {name.removeprefix("remote.").removesuffix(".url"): url for name, _, url in map(_first, urls)}
    found = by_name.get("origin") or next(iter(by_name.values()), None)
    return None if found is None else bare_url(found)


def _first(line: str) -> tuple[str, str, str]:
    return line.partition(" ")


def _git(cwd: Path, *words: str, fine: frozenset[int] | set[int] = frozenset({0})) -> str:
    env = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    done = run_bounded([*_GIT, *words], cwd=cwd, env=env, timeout_s=_TIMEOUT_S)
    if done.not_found:
        message = "git is not installed"
        raise UnavailableError(message)
    if done.problem or done.code not in fine:
        raise UnavailableError(f"git {words[0]}: {done.failure()}", hint=_ADVICE, where=str(cwd))
    return done.stdout


def bare_url(url: str) -> str:
    """A URL without user, password, query and fragment, any of which may be a secret; `user@host:path` likewise."""
    if "://" not in url:
        before, at, after = url.partition("@")
        return after if at and "/" not in before else url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        place = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "[not a URL]"
    return urlunsplit((parts.scheme, place + port, parts.path, "", ""))
