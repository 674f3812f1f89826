"""Traces of real servers that are well: nothing is found, whatever loop and however many workers they have."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import APPS

if TYPE_CHECKING:
    from tests.support.cli import Cli

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PYTHONS = (sys.executable, "python3.13", "python3.12", "python3.11")


def python_with(*modules: str) -> str:
    """A Python that has these modules; skips the test where there is none."""
    code = f"import {', '.join(modules)}"
    for name in PYTHONS:
        path = shutil.which(name)
        if path is not None and not subprocess.run([path, "-c", code], capture_output=True, check=False).returncode:
            return path
    return pytest.skip(f"no Python here has {', '.join(modules)}")


def free_port() -> str:
    """A port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@pytest.mark.parametrize(
    ("modules", "words", "seen"),
    [
        (["aiohttp"], [str(APPS / "aiohttp_app.py"), "PORT"], 1),
        (["uvicorn", "fastapi"], ["-m", "uvicorn", "fastapi_app:app", "--port", "PORT", "--loop", "asyncio"], 1),
        (["uvicorn", "fastapi", "uvloop"], ["-m", "uvicorn", "fastapi_app:app", "--port", "PORT", "--workers", "2"], 2),
    ],
    ids=["aiohttp, busy", "FastAPI under uvicorn", "two workers, uvloop"],
)
def test_a_server_that_is_well_has_no_finding(cli: Cli, modules: list[str], words: list[str], seen: int) -> None:
    """Each process with a loop is looked into."""
    words = [free_port() if word == "PORT" else word for word in words]
    env = {"PYTHONPATH": f"{APPS}:{cli.env.get('PYTHONPATH', '')}"}
    done = cli.run("trace", "--json", "--after", "6s", "--", python_with(*modules), *words, env=env, within_s=120)
    assert done.code == 0, str(done)
    document = done.document()
    assert document["findings"] == []
    assert sum(1 for process in document["processes"] if process["looks"] == 3) == seen


@pytest.mark.parametrize("pool", ["prefork", "solo"])
def test_a_celery_worker_is_left_alone(cli: Cli, pool: str) -> None:
    """It has no event loop: that is said, it is no finding, and no pass either."""
    command = [python_with("celery"), "-m", "celery", "-A", "celery_app", "worker", "-P", pool, "-c", "2"]
    env = {"PYTHONPATH": f"{APPS}:{cli.env.get('PYTHONPATH', '')}"}
    done = cli.run("trace", "--after", "6s", "--", *command, env=env, within_s=120)
    assert done.code == 69, str(done)
    assert "no event loop of asyncio has run in it" in done.err
