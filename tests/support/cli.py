"""Running soakctl as people do: a process of its own, a plain environment, a deadline, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
import yaml

from tests.support.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

APPS = Path(__file__).parent.parent / "e2e" / "apps"
PYTHON = sys.executable
SECONDS = 120.0
# A shell that starts its jobs in the background has them ignore SIGINT, and soakctl respects that.
_AS_IN_A_TERMINAL = """
import os, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "soakctl", *sys.argv[1:]])
"""
SOAKCTL = (PYTHON, "-c", _AS_IN_A_TERMINAL)


@dataclass(frozen=True, slots=True)
class Done:
    """A soakctl that has ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of stdout."""
        return self.out.rstrip("\n").rpartition("\n")[2]

    def document(self) -> Any:
        """The one JSON document on stdout; fails when there is anything else."""
        return json.loads(self.out)

    def __str__(self) -> str:
        """For the message of a failed assertion."""
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Running:
    """A soakctl that goes on; it is killed on leaving the context, if it has not ended by then."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Takes over a process."""
        self._process = process
        self.pid = process.pid

    def __enter__(self) -> Self:
        """Nothing to do."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """The keeper stops the service of a soakctl that was killed."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def done(self, *, within_s: float = SECONDS) -> Done:
        """Wait for its end."""
        out, err = self._process.communicate(timeout=within_s)
        return Done(self._process.returncode, out, err)


class Cli:
    """The command line in a project directory of its own, with artifacts beside it.

    Attributes:
        cwd: where soakctl is started.
        artifacts: its ARTIFACTS_DIR.
        env: what it is started with, and no more.
    """

    def __init__(self, root: Path) -> None:
        """`root` is an empty directory."""
        self.cwd = root / "project"
        self.cwd.mkdir()
        self.artifacts = root / "artifacts"
        (root / "tmp").mkdir()
        self._mark = f"SOAKCTL_E2E_MARK={uuid.uuid4().hex}"
        name, _, value = self._mark.partition("=")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "TMPDIR": str(root / "tmp"),
            "LANG": "C.UTF-8",
            "ARTIFACTS_DIR": str(self.artifacts),
            name: value,
        }
        if "PYTHONPATH" in os.environ:  # from a checkout that is not installed
            self.env["PYTHONPATH"] = os.environ["PYTHONPATH"]

    def configure(self, config: Mapping[str, Any] | str) -> Path:
        """Write soakctl.yaml."""
        path = self.cwd / "soakctl.yaml"
        text = config if isinstance(config, str) else yaml.safe_dump(dict(config), sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Running:
        """Start soakctl with these arguments."""
        process = subprocess.Popen(
            [*SOAKCTL, *args],
            cwd=cwd or self.cwd,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
        )
        return Running(process)

    def run(
        self, *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None, within_s: float = SECONDS
    ) -> Done:
        """Run soakctl to its end; it never shows a traceback."""
        with self.start(*args, env=env, cwd=cwd) as running:
            done = running.done(within_s=within_s)
        assert "Traceback" not in done.err.replace("| Traceback", ""), str(done)
        return done

    def bash(self, script: str) -> Done:
        """Run a script of bash, in which `soakctl` is the command."""
        with_command = f'soakctl() {{ "{PYTHON}" -m soakctl "$@"; }}\n{script}'
        ended = subprocess.run(
            ["bash", "-c", with_command],
            cwd=self.cwd,
            env=self.env,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def as_nobody(self, *args: str) -> Done:
        """Run soakctl as a user without rights; skips the test where that cannot be."""
        if os.geteuid() != 0 or shutil.which("setpriv") is None:
            pytest.skip("only root, with setpriv, can start a process of another user")
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
        probe = subprocess.run([*nobody, PYTHON, "-c", "import soakctl"], env=self.env, cwd="/", check=False)
        if probe.returncode:
            pytest.skip("another user cannot read soakctl here")
        words = shlex.join([*nobody, PYTHON, "-m", "soakctl", *args])
        return self.bash(words)

    @property
    def runs(self) -> list[Path]:
        """The directories of the runs so far, oldest first."""
        soak = self.artifacts / "soak"
        return sorted(path for path in soak.iterdir() if path.name != "latest") if soak.is_dir() else []

    @property
    def latest(self) -> Path:
        """The directory of the latest run."""
        return (self.artifacts / "soak" / "latest").resolve(strict=True)

    def read(self, name: str) -> Any:
        """A JSON document of the latest run."""
        return json.loads((self.latest / name).read_text(encoding="utf-8"))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The lines of a file of the latest run that are there and whole; [] before it exists."""
        try:
            text = (self.latest / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What the journal of the latest run says of a kind."""
        return [row for row in self.rows("events.jsonl") if row["kind"] == kind]

    def wait_for(self, kind: str, *, count: int = 1) -> None:
        """Wait until the journal of the latest run has that many events of a kind."""
        eventually(lambda: len(self.events(kind)) >= count)

    def wait_for_samples(self, count: int) -> None:
        """Wait until the latest run has that many samples."""
        eventually(lambda: len(self.rows("resources.jsonl")) >= count)

    def processes(self) -> list[int]:
        """Every process that was started from here: by the mark in its environment, and keepers by their run's id."""
        mark = self._mark.encode()
        ids = [run.name.encode() for run in self.runs]
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                named = any(run_id in path.joinpath("cmdline").read_bytes() for run_id in ids)
                if named or mark in path.joinpath("environ").read_bytes().split(b"\0"):
                    found.append(int(path.name))
        return found

    def assert_nothing_left(self) -> None:
        """Fail unless every process that was started from here is gone, services that are zombies included."""
        eventually(lambda: not self.processes())
        for run in self.runs:
            if json.loads(run.joinpath("run.json").read_text(encoding="utf-8"))["pid"] is not None:
                continue  # a process that was only watched
            for line in run.joinpath("events.jsonl").read_text(encoding="utf-8").splitlines():
                if '"service_started"' in line:
                    assert_gone(json.loads(line)["pid"])

    def end_all(self) -> None:
        """Kill what a failed test has left."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def assert_gone(pid: int) -> None:
    """Fail unless there is no such process, not even a zombie, within a moment."""
    eventually(lambda: not Path(f"/proc/{pid}").exists())
