"""Ways into a Python process that was not prepared, each optional: 3.14's own, py-spy for threads, gdb if asked for."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soakctl.adapters.agent_client import ask
from soakctl.adapters.agent_home import INJECT, AgentHome
from soakctl.awaits.model import read_look
from soakctl.errors import DependencyError, UnavailableError

if TYPE_CHECKING:
    from soakctl.awaits.model import Look

_REMOTE = (3, 14)
_TIMEOUT_S = 30.0
_ANSWER_S = 3.0
_NUDGE_S = 0.05
_LEAVE_S = 2.0
_VERSION = re.compile(r"python(\d)\.(\d+)")
_SCRIPT = """\
import sys
sys.path.insert(0, {inject!r})
try:
    from soakctl_agent import server
    server.open_at({socket!r})
finally:
    sys.path.remove({inject!r})
"""
_PERMISSION = (
    "run soakctl as the same user with CAP_SYS_PTRACE, or as root; in a container start it with --cap-add SYS_PTRACE; "
    "on the host see /proc/sys/kernel/yama/ptrace_scope. Or start the program with `soakctl trace -- COMMAND`, "
    "which needs no rights"
)


class Entrance:
    """Puts an agent into a process, or looks at it without one. Its directory is gone after `close`."""

    def __init__(self, pid: int) -> None:
        """Nothing is done yet."""
        self._pid = pid
        self._home = AgentHome()
        self.socket = self._home.path / f"{pid}.sock"
        self._script = self._home.path / "enter.py"
        self._script.write_text(_SCRIPT.format(inject=str(INJECT), socket=str(self.socket)), encoding="utf-8")
        self._give_to_owner()

    def close(self) -> None:
        """Have the agent leave the process, with its thread and its socket, and remove the directory."""
        if self.socket.exists():
            with suppress(UnavailableError):  # it has ended, or does not come round: then it stays
                ask(self.socket, "leave", timeout_s=_LEAVE_S)
        self._home.close()

    def version(self) -> tuple[int, int] | None:
        """The Python of the process, by the name of its program or its library; None where that does not say."""
        try:
            names = os.readlink(f"/proc/{self._pid}/exe") + "\n"
            with open(f"/proc/{self._pid}/maps", encoding="utf-8", errors="replace") as file:
                names += "\n".join(line for line in file if "python" in line)
        except OSError:
            return None
        found = _VERSION.search(names)
        return None if found is None else (int(found[1]), int(found[2]))

    def by_itself(self, *, nudge: bool) -> str:
        """3.14 and later run a script when asked to; "" once the agent answers, else why it does not."""
        version = self.version()
        if version is None or version < _REMOTE:
            shown = "its Python" if version is None else f"Python {version[0]}.{version[1]}"
            return f"{shown} runs no script from outside (3.14 and newer do)"
        code = "import sys; sys.remote_exec(int(sys.argv[1]), sys.argv[2])"
        done = _run([f"/proc/{self._pid}/exe", "-I", "-S", "-c", code, str(self._pid), str(self._script)])
        if done.returncode:
            return f"3.14's remote debugging was refused: {_last_line(done.stderr)}; {_PERMISSION}"
        if self._comes(1.0):
            return ""
        if not nudge:
            return "the process is idle, so the script was not run yet: --nudge wakes it by stopping it for 50 ms"
        os.kill(self._pid, signal.SIGSTOP)
        try:
            time.sleep(_NUDGE_S)
        finally:
            os.kill(self._pid, signal.SIGCONT)
        return "" if self._comes(_ANSWER_S) else "the process did not run the script: it does not come back to Python"

    def by_gdb(self) -> None:
        """Stop the process for a second or two and have it load the agent.

        Raises DependencyError without gdb, UnavailableError when the process cannot be entered.
        """
        if shutil.which("gdb") is None:
            raise DependencyError("gdb is not installed", hint="install it, or start the program with soakctl trace --")
        run = f'exec(open("{self._script}").read())'.replace('"', '\\"')
        calls = [
            "set $state = ((int (*)(void)) PyGILState_Ensure)()",
            f'call ((int (*)(const char *)) PyRun_SimpleString)("{run}")',
            "call ((void (*)(int)) PyGILState_Release)($state)",
        ]
        words = [word for call in calls for word in ("-ex", call)]
        done = _run(["gdb", "-nx", "-batch", "-p", str(self._pid), *words])
        if not self._comes(_ANSWER_S):
            said = _last_line(done.stderr) or "no symbols of Python were found"
            raise UnavailableError(f"gdb could not put the agent into process {self._pid}: {said}", hint=_PERMISSION)

    def threads(self) -> Look:
        """The stacks of its threads, by py-spy. Raises UnavailableError with the reason."""
        program = shutil.which("py-spy")
        if program is None:
            raise UnavailableError("py-spy, which could show its threads, is not installed (pip install py-spy)")
        done = _run([program, "dump", "--json", "--pid", str(self._pid)])
        try:
            found = json.loads(done.stdout)
        except ValueError:
            said = _last_line(done.stderr)
            raise UnavailableError(f"py-spy could not read it: {said}; {_PERMISSION}") from None
        version = self.version()
        return _threads_of(self._pid, found, "" if version is None else f"{version[0]}.{version[1]}")

    def _comes(self, within_s: float) -> bool:
        until = time.monotonic() + within_s
        while not self.socket.exists():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def _give_to_owner(self) -> None:
        """A process of another user must be able to read the script and make the socket."""
        owner = os.stat(f"/proc/{self._pid}").st_uid
        if owner != os.geteuid() and os.geteuid() == 0:
            for path in (self._script, self._home.path):
                os.chown(path, owner, -1)


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - programs named here, with numbers and paths of our own
            argv, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"{Path(argv[0]).name} did not end within {_TIMEOUT_S:g} s") from None
    except OSError as error:
        raise UnavailableError(f"{argv[0]} could not be run: {error.strerror}") from None


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def _threads_of(pid: int, found: Any, python: str) -> Look:
    """A look with threads and nothing else, out of py-spy's JSON."""
    rows, stacks = [], []
    for number, thread in enumerate(found):
        frames = [(each["filename"], int(each["line"]), each["name"]) for each in reversed(thread["frames"])]
        stacks.append(frames)
        wait = None if thread.get("active") else {"kind": "idle"}
        name = thread.get("thread_name") or f"thread {thread['thread_id']}"
        rows.append({"id": thread["thread_id"], "name": name, "stack": number, "wait": wait})
    look = {"pid": pid, "ppid": 0, "python": python, "at_s": time.monotonic(), "threads": rows, "stacks": stacks}
    return read_look(look)
