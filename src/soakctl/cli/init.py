"""`soakctl init [-- COMMAND...]`: writes a commented soakctl.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Write(Protocol):
    """Creates a file, and replaces one only if it may."""

    def __call__(self, path: Path, text: str, *, replace: bool) -> None:
        """Raises UsageError where there is a file that it may not replace."""
        ...


def init(
    command: Sequence[str],
    write: Write,
    *,
    cwd: Path,
    force: bool,
    as_json: bool,
    out: TextIO,
    err: TextIO,
) -> int:
    """Write soakctl.yaml in `cwd`, the command filled in. Returns 0.

    Raises UsageError where there is one already and `force` was not given.

    Args:
        command: the words after `--`, possibly none.
        write: creates the file.
        cwd: the directory to write in.
        force: replace an existing file.
        as_json: one JSON document on `out` instead of text.
        out: takes what was written where.
        err: takes what is worth knowing.
    """
    from soakctl.services.init import draft

    made = draft(command, directory=cwd.name)
    path = cwd / "soakctl.yaml"
    write(path, made.text, replace=force)
    if as_json:
        import json

        out.write(json.dumps({"schema": "soakctl.init/1", "path": str(path), "notes": list(made.notes)}) + "\n")
        return 0
    out.write(f"wrote {path}\n")
    err.writelines(f"note: {note}\n" for note in made.notes)
    err.write("next: soakctl config check, then soakctl smoke\n")
    return 0
