"""What an overrides file held when a run began: kept for whoever resumes the run, unless that shows a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.run_store import DocumentStore
from soakctl.cli.wiring.setup import set_up
from soakctl.cli.wiring.tuning import watch_of_run
from soakctl.domain.tuning import Tune

if TYPE_CHECKING:
    from pathlib import Path

    from soakctl.cli.wiring.tuning import OverridesWatch

SOUND = '{"engine": {"limit": 10}}'
NEW = '{\n  "engine": {\n    "limit": 7\n  }\n}\n'
SECRET = '{"token": "sk_live_abcdefghijklmnopqrstuvwx", "engine": {"limit": 10}}'


@pytest.mark.parametrize(
    ("text", "kept", "known"),
    [(SOUND, SOUND, True), (None, "", True), (SECRET, None, False)],
    ids=["a file", "no file", "a file with a secret"],
)
def test_a_resumed_run_knows_what_stood_there(
    text: str | None, kept: str | None, known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the file has changed since then; what may not be kept is put together from the recorded values."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "soakctl.yaml").write_text("version: 1\ntuning: {file: o.json}\n", encoding="utf-8")
    file, run = tmp_path / "o.json", tmp_path / "run"
    run.mkdir()
    if text is not None:
        file.write_text(text, encoding="utf-8")
    setup = set_up()
    store = DocumentStore(run, redact=setup.redactor.value)

    def watch(*, resumed: bool, tune: Tune = Tune.WRITE) -> OverridesWatch | None:
        return watch_of_run(setup, setup.config, tune, store, resumed=resumed)

    assert watch(resumed=False, tune=Tune.PROPOSE) is None
    assert list(run.iterdir()) == []
    first = watch(resumed=False)
    assert first is not None
    assert (first.before, first.known) == (text, True)
    assert (run / "overrides_before.txt").exists() is (kept is not None)
    file.write_text((text or SOUND).replace("10", "7"), encoding="utf-8")
    again = watch(resumed=True)
    assert again is not None
    assert (again.before, again.known) == (text if known else None, known)
    first_text, last_text = again.change({"engine": {"limit": 10}}, {"engine": {"limit": 7}})
    assert (first_text, last_text) == (text, file.read_text(encoding="utf-8") if text else NEW)
