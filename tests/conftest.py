"""Fixtures for every test: an environment that is the same on each machine."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a loaded machine takes for an example says nothing about the code. The same examples each time, so that a red
# build means the change; `make slow` looks for new ones.
settings.register_profile("new", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("new"), derandomize=True)
settings.load_profile("same")

# As soakctl does when it starts: more threads cost more than they give, and the machine is busy with other tests.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_PR_SET_CHILD_SUBREAPER = 36
# Variables that soakctl or a library of its reads, and that people, terminals and CI set.
_READ = frozenset(
    "ARTIFACTS_DIR ARTIFACTS_ROOT ASYNC_DEBUG BOOT_TIMEOUT_S CI CI_ARTIFACTS_DIR CI_FAKE_UTC CLICOLOR CLICOLOR_FORCE"
    " COLUMNS FIXTURES_DIR FORCE_COLOR FSV_TIMEOUT_SEC FULL_STACK_VALIDATION_FAST GITHUB_ACTIONS GITHUB_STEP_SUMMARY"
    " GOLDEN_DIR LINES MM_ALLOW_MISSING_SECRETS MM_VERSION NO_COLOR SOAK_ARTIFACTS_DIR SOAK_HOURS SOAK_MINI"
    " TTY_COMPATIBLE USE_MOCK".split()
)


@pytest.fixture(autouse=True, scope="session")
def _plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Without the variables that would change what soakctl does; temporary files, and what it keeps, go elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        ours = str(tmp_path_factory.mktemp("tmp"))
        patch.setenv("TMPDIR", ours)
        patch.setattr(tempfile, "tempdir", ours)
        for name in os.environ:
            if name in _READ or name.startswith(("SOAKCTL_", "_TYPER_")):
                patch.delenv(name)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _no_subreaper() -> Iterator[None]:
    """A host of services makes its process a subreaper, and the orphans of every later test would come here."""
    yield
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
