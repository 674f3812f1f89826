"""Why a service could not be started."""

from __future__ import annotations

import errno

import pytest

from soakctl.adapters.start_failure import start_failure


@pytest.mark.parametrize(
    ("stage", "number", "command", "reason", "detail"),
    [
        ("exec", errno.ENOENT, "nothere", "not_found", "command not found: nothere in the service's PATH"),
        ("exec", errno.ENOENT, "bin/app", "not_found", "command not found: bin/app in /srv"),
        ("exec", errno.ENOTDIR, "/etc/passwd/app", "not_found", "command not found: /etc/passwd/app"),
        ("exec", errno.EACCES, "./app", "not_executable", "./app cannot be executed: Permission denied"),
        (
            "exec",
            errno.ENOEXEC,
            "./app",
            "not_executable",
            "./app cannot be executed: it is no program and has no #! line",
        ),
        ("exec", errno.E2BIG, "app", "other", "app could not be started: Argument list too long"),
        ("cwd", errno.ENOENT, "app", "cwd", "the working directory /srv cannot be used: No such file or directory"),
        ("cwd", errno.EACCES, "app", "cwd", "the working directory /srv cannot be used: Permission denied"),
        ("fork", errno.EAGAIN, "app", "other", "no process could be started: Resource temporarily unavailable"),
    ],
)
def test_the_reason_and_the_words(stage: str, number: int, command: str, reason: str, detail: str) -> None:
    """The engine gets one of its reasons, the person the command, the place and what the system said."""
    failed = start_failure(stage, number, command=command, cwd="/srv", env={"PATH": "/nowhere"})
    assert (failed.reason, failed.detail) == (reason, detail)
