"""`soakctl init` as a function, writing a real file."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.config_file import load, write_config
from soakctl.cli.init import init
from soakctl.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_init_writes_a_file_that_loads(tmp_path: Path) -> None:
    """What was written is found and taken by the next command."""
    out, err = io.StringIO(), io.StringIO()
    command = ["nginx", "-c", "my conf"]
    assert init(command, write_config, cwd=tmp_path, force=False, as_json=False, out=out, err=err) == 0
    loaded = load(None, cwd=tmp_path, environ={})
    assert (loaded.config.service.command, loaded.warnings) == (tuple(command), ())
    assert out.getvalue() == f"wrote {tmp_path / 'soakctl.yaml'}\n"
    assert err.getvalue() == (
        "note: nginx must stay in the foreground: start it with -g 'daemon off;'\n"
        "next: soakctl config check, then soakctl smoke\n"
    )


def test_init_replaces_a_file_only_by_force(tmp_path: Path) -> None:
    """The hint names the option; without it the file stays as it is."""
    path = tmp_path / "soakctl.yaml"
    path.write_text("mine")
    sink = io.StringIO()
    with pytest.raises(UsageError) as refused:
        init([], write_config, cwd=tmp_path, force=False, as_json=False, out=sink, err=sink)
    assert (refused.value.hint, path.read_text()) == ("--force replaces it", "mine")
    init([], write_config, cwd=tmp_path, force=True, as_json=False, out=sink, err=sink)
    assert path.read_text().startswith("# soakctl.yaml")


def test_init_as_json_is_one_document(tmp_path: Path) -> None:
    """Path and notes, and nothing beside."""
    out, err = io.StringIO(), io.StringIO()
    init(["nginx"], write_config, cwd=tmp_path, force=False, as_json=True, out=out, err=err)
    document = json.loads(out.getvalue())
    assert document["path"] == str(tmp_path / "soakctl.yaml")
    assert (len(document["notes"]), err.getvalue()) == (1, "")
