"""What a validation section works with: files below the project's root, commands, a log, a deadline."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import psutil

from soakctl.adapters.project_files import all_files
from soakctl.adapters.run_command import Completed, run_bounded
from soakctl.adapters.text_file import replace_text
from soakctl.domain.glob import matches
from soakctl.domain.validation import MissingInputError, OutOfTimeError
from soakctl.domain.wording import show_seconds
from soakctl.errors import UnavailableError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from soakctl.adapters.section_log import SectionLog

_LARGEST_TEXT = 64_000_000
_KEPT_OUTPUT = 16_000_000
_LEAST_S = 0.05
_FETCH_S = 10.0
_LARGEST_ANSWER = 4_000_000


def _in_git(root: Path) -> bool:
    """Whether the directory lies in a git repository, be it its root or below."""
    whole = root.resolve()
    return any((folder / ".git").exists() for folder in (whole, *whole.parents))


class DirectoryBench:
    """Implements `ports.Bench` for one attempt of one section."""

    def __init__(
        self,
        root: Path,
        *,
        artifacts: Path,
        env: Mapping[str, str],
        log: SectionLog,
        timeout_s: float,
        cancel: threading.Event,
        hide: Callable[[Any], Any],
    ) -> None:
        """The time runs from now on; `hide` redacts texts and JSON values."""
        self._root, self._artifacts, self._env = root, artifacts, env
        self._log, self._hide = log, hide
        self._cancel = cancel
        self._timeout_s = timeout_s
        self._deadline = time.monotonic() + timeout_s
        self._began = time.monotonic()
        self.commands: list[tuple[str, ...]] = []

    def find(self, patterns: Sequence[str], *, exclude: Sequence[str] = ()) -> list[str]:
        """See `ports.Bench`."""
        self._check()
        found = (path for path in all_files(self._root) if matches(path, patterns))
        return [path for path in found if not matches(path, exclude)]

    def committed(self) -> list[str]:
        """See `ports.Bench`."""
        inside = self._inside_root(self._artifacts)
        if _in_git(self._root) and shutil.which("git"):
            argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            done = run_bounded(argv, cwd=self._root, env=self._env, timeout_s=self._left(), max_output=256_000_000)
            if done.ok:
                listed = [path for path in done.stdout.split("\0") if path]
                if listed or (self._root / ".git").exists():
                    return sorted({path for path in listed if not inside or not matches(path, [inside])})
            why = done.failure() or "git takes nothing of the project"
            self.log(f"git ls-files: {why}; all files are looked at")
        return [path for path in all_files(self._root) if not inside or not matches(path, [inside])]

    def _inside_root(self, path: Path) -> str:
        try:
            return path.resolve().relative_to(self._root.resolve()).as_posix()
        except ValueError:
            return ""

    def exists(self, path: str) -> bool:
        """See `ports.Bench`."""
        return (self._root / path).is_file()

    def text(self, path: str) -> str:
        """See `ports.Bench`."""
        whole = bytearray()
        for block in self.blocks(path, 1 << 20):
            whole += block
            if len(whole) > _LARGEST_TEXT:
                raise UnavailableError(f"larger than {_LARGEST_TEXT // 1_000_000} MB", where=path)
        try:
            return whole.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnavailableError(f"not UTF-8 at byte {error.start}", where=path) from None

    def blocks(self, path: str, size: int = 1 << 16) -> Iterator[bytes]:
        """See `ports.Bench`."""
        try:
            with (self._root / path).open("rb") as file:
                while block := file.read(size):
                    self._check()
                    yield block
        except (FileNotFoundError, NotADirectoryError):
            raise MissingInputError("no such file", where=path) from None
        except OSError as error:
            raise UnavailableError(f"cannot be read: {error.strerror}", where=path) from None

    def age_s(self, path: str) -> float:
        """See `ports.Bench`."""
        try:
            return time.time() - (self._root / path).stat().st_mtime
        except OSError:
            raise MissingInputError("no such file", where=path) from None

    def report_path(self, name: str) -> str:
        """See `ports.Bench`."""
        path = self._artifacts / name
        inside = self._inside_root(path)
        return inside or str(path)

    def write(self, path: str, text: str) -> None:
        """See `ports.Bench`."""
        replace_text(self._root / path, text)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        lines: Callable[[bytes], None] | None = None,
    ) -> Completed:
        """See `ports.Bench`."""
        self._check()
        own = self.python()
        self.commands.append(tuple("python" if word == own else word for word in argv))
        self._log.command(argv, cwd=cwd, timeout_s=self._left())
        self._began = time.monotonic()

        def tee(stream: str, data: bytes) -> None:
            if lines is not None and stream == "out":
                lines(data)
            else:
                self._log.feed(stream, data)

        done = run_bounded(
            argv,
            cwd=self._root / cwd,
            env={**self._env, **(env or {})},
            timeout_s=self._left(),
            max_output=0 if lines is not None else _KEPT_OUTPUT,
            cancel=self._cancel,
            tee=tee,
            daemons=True,
        )
        self._log.ended(done.failure() or "exit code 0", done.took_s)
        self._deadline += self.took_s() - done.took_s  # copying what a command wrote is not its work
        if done.timed_out:
            raise self._out_of_time(f"{argv[0]} was killed with all it had started")
        return done

    def hide(self, value: Any) -> Any:
        """See `ports.Bench`."""
        return self._hide(value)

    def took_s(self) -> float:
        """See `ports.Bench`."""
        return time.monotonic() - self._began

    def which(self, command: str, *, own: bool = False) -> str | None:
        """See `ports.Bench`."""
        path = self._root / command if os.sep in command else Path(command)
        found = shutil.which(str(path), path=self._env.get("PATH"))
        return found or (shutil.which(command, path=os.path.dirname(sys.executable)) if own else None)

    def python(self) -> str:
        """See `ports.Bench`."""
        inner = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
        homes = [Path(self._env["VIRTUAL_ENV"])] if self._env.get("VIRTUAL_ENV") else []
        found = (home / inner for home in (*homes, self._root / ".venv"))
        return str(next((path for path in found if path.is_file()), sys.executable))

    def facts(self) -> Mapping[str, Any]:
        """See `ports.Bench`."""
        return {
            "free_bytes": shutil.disk_usage(self._root).free,
            "unix": time.time(),
            "boot_unix": psutil.boot_time(),
        }

    def port_is_free(self, address: str) -> bool:
        """See `ports.Bench`."""
        host, _, port = address.rpartition(":")
        try:
            found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
            with socket.socket(found[0], socket.SOCK_STREAM) as probe:
                if os.name == "posix":  # as a server would: what waits to be forgotten is free
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(found[4])
        except OSError:
            return False
        return True

    def fetch_json(self, url: str) -> Any:
        """See `ports.Bench`."""
        self._check()
        try:
            with urlopen(url, timeout=min(_FETCH_S, self._left())) as answer:  # noqa: S310 - an address of our own
                return json.loads(answer.read(_LARGEST_ANSWER))
        except (OSError, ValueError, HTTPException) as error:
            self.log(f"{url}: {error}")
            return None

    def log(self, text: str) -> None:
        """See `ports.Bench`."""
        self._log.line(text)

    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), _LEAST_S)

    def _check(self) -> None:
        if time.monotonic() > self._deadline:
            raise self._out_of_time("it was ended")
        if self._cancel.is_set():
            raise OutOfTimeError("ended because the run is over")

    def _out_of_time(self, what: str) -> OutOfTimeError:
        return OutOfTimeError(f"timeout: no end within {show_seconds(self._timeout_s)}; {what}")
