"""Where runs live: new ids, the pointer to the latest, and finding one by id, path or `latest`."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from soakctl.errors import NoDataError, UnavailableError

_RUN_ID = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{8}(-\d+)?$")


def new_run_directory(root: Path, unix: float, *, seed: int | None) -> tuple[str, Path]:
    """Make the directory of a new run under `root` and point `latest` to it. Raises UnavailableError.

    Ids sort by time; the second part is random, or comes from the seed of a mock run.
    """
    import secrets  # noqa: PLC0415 - finding a run, to show its log, needs none of what it imports

    stamp = datetime.fromtimestamp(unix, UTC).strftime("%Y%m%dT%H%M%SZ")
    mark = secrets.token_hex(4) if seed is None else f"{seed & 0xFFFFFFFF:08x}"
    make_directory(root)
    for attempt in range(1, 10_000):
        run_id = f"{stamp}-{mark}" if attempt == 1 else f"{stamp}-{mark}-{attempt}"
        try:
            (root / run_id).mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise _not_made(root, error) from error
        try:
            _point(root, run_id)
        except OSError as error:
            raise _not_made(root / "latest", error) from error
        return run_id, root / run_id
    message = f"too many runs with the id {stamp}-{mark}"
    raise UnavailableError(message, where=str(root))


def make_directory(path: Path) -> None:
    """Make a directory and those above it. Raises UnavailableError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_made(path, error) from error


def _not_made(path: Path, error: OSError) -> UnavailableError:
    hint = "Make it writable, or choose another place with ARTIFACTS_DIR."
    message = f"cannot make a directory for the run: {error.strerror or error}"
    return UnavailableError(message, hint=hint, where=str(path))


def _point(root: Path, run_id: str) -> None:
    pointer, fresh = root / "latest", root / f".latest.{os.getpid()}"
    try:
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(run_id, target_is_directory=True)
        fresh.replace(pointer)
    except OSError:  # a file system without links: the id in a text file does as well
        fresh.unlink(missing_ok=True)
        if pointer.is_dir() and not pointer.is_symlink():
            raise
        fresh.write_text(run_id, encoding="utf-8")
        if pointer.is_symlink() or pointer.is_file():
            pointer.unlink()
        fresh.replace(pointer)


def find_run(run: str, root: Path) -> Path:
    """The directory of a run given by id, path or `latest`. Raises NoDataError with what there is."""
    if run == "latest":
        return _latest(root)
    for candidate in (Path(run), root / run):
        if candidate.is_dir():
            return candidate
    known = run_ids(root)
    hint = f"The newest is {known[-1]}; there are {len(known)}." if known else "There is no run here yet."
    message = f"there is no run {run!r}"
    raise NoDataError(message, hint=hint, where=str(root))


def _latest(root: Path) -> Path:
    pointer = root / "latest"
    named = root / pointer.read_text(encoding="utf-8", errors="replace").strip() if pointer.is_file() else pointer
    # One that ended before it wrote its manifest holds nothing; the newest that does is meant.
    for candidate in (named, *(root / run_id for run_id in reversed(run_ids(root)))):
        if (candidate / "run.json").is_file():
            return candidate.resolve()
    message = "there is no run yet"
    raise NoDataError(message, hint="Start one with `soakctl soak`, or name one with --path.", where=str(root))


def run_ids(root: Path) -> list[str]:
    """The ids of all runs, oldest first."""
    if not root.is_dir():
        return []
    return sorted((item.name for item in root.iterdir() if _RUN_ID.match(item.name) and item.is_dir()), key=_in_order)


def _in_order(run_id: str) -> tuple[str, str, int]:
    stamp, mark, *number = run_id.split("-")
    return stamp, mark, int(number[0]) if number else 1
