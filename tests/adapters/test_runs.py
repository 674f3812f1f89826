"""Where runs live: ids that sort, the pointer to the latest, and finding one again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.runs import find_run, make_directory, new_run_directory, run_ids
from soakctl.errors import ExitCode, NoDataError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

UNIX = 1_763_690_584.0  # 2025-11-21T02:03:04Z


def recorded(root: Path, seed: int) -> tuple[str, Path]:
    """A run of which something is recorded."""
    run_id, path = new_run_directory(root, UNIX, seed=seed)
    (path / "run.json").write_text("{}")
    return run_id, path


def test_an_id_is_its_time_and_a_mark(tmp_path: Path) -> None:
    """Ids sort by time; those of two runs in one second still differ."""
    run_id, path = new_run_directory(tmp_path / "soak", UNIX, seed=None)
    assert re.fullmatch(r"20251121T020304Z-[0-9a-f]{8}", run_id)
    assert path == tmp_path / "soak" / run_id
    assert path.is_dir()
    assert new_run_directory(tmp_path / "soak", UNIX, seed=None)[0] != run_id


@pytest.mark.parametrize(
    ("seed", "mark"), [(0x1A2B3C4D, "1a2b3c4d"), (1, "00000001"), (-1, "ffffffff"), (2**40 + 5, "00000005")]
)
def test_the_mark_of_a_mock_run_is_its_seed(tmp_path: Path, seed: int, mark: str) -> None:
    """The same seed at the same moment gives the same id."""
    assert new_run_directory(tmp_path, UNIX, seed=seed)[0] == f"20251121T020304Z-{mark}"


def test_an_id_already_taken_gets_a_number(tmp_path: Path) -> None:
    """Nothing that was recorded is ever written over; the newest is last, the tenth too."""
    ids = [new_run_directory(tmp_path, UNIX, seed=7)[0] for _ in range(11)]
    first = "20251121T020304Z-00000007"
    assert ids == [first, *(f"{first}-{number}" for number in range(2, 12))]
    assert run_ids(tmp_path) == ids


def test_latest_points_to_the_newest(tmp_path: Path) -> None:
    """By a relative link, so that the directory can be moved or copied."""
    _, first = recorded(tmp_path, 1)
    assert find_run("latest", tmp_path) == first
    run_id, second = recorded(tmp_path, 2)
    assert find_run("latest", tmp_path) == second
    assert str((tmp_path / "latest").readlink()) == run_id
    assert sorted(item.name for item in tmp_path.iterdir()) == [*run_ids(tmp_path), "latest"]


def test_without_links_latest_is_a_text_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have none."""

    def refuse(*_arguments: Any, **_more: Any) -> None:
        raise OSError(95, "not supported")

    (tmp_path / "latest").symlink_to("removed")
    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    for seed in (1, 2):
        run_id, path = recorded(tmp_path, seed)
        assert (tmp_path / "latest").read_text() == run_id
        assert find_run("latest", tmp_path) == path


def test_something_else_called_latest_is_told_and_not_touched(tmp_path: Path) -> None:
    """A directory that somebody made by hand."""
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "mine").write_text("x")
    with pytest.raises(UnavailableError) as told:
        new_run_directory(tmp_path, UNIX, seed=1)
    assert told.value.where == str(tmp_path / "latest")
    assert (tmp_path / "latest" / "mine").read_text() == "x"
    assert not [item for item in tmp_path.iterdir() if item.name.startswith(".")]


def test_a_run_is_found_by_id_and_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From anywhere."""
    run_id, path = new_run_directory(tmp_path / "soak", UNIX, seed=1)
    assert find_run(run_id, tmp_path / "soak") == path
    assert find_run(str(path), tmp_path / "elsewhere") == path
    monkeypatch.chdir(tmp_path / "soak")
    assert find_run(f"./{run_id}", tmp_path / "elsewhere").resolve() == path


@pytest.mark.parametrize("content", [None, "", "\n", "..", "20250101T000000Z-00000009", "\xff"])
def test_a_pointer_that_leads_nowhere_gives_the_newest(tmp_path: Path, content: str | None) -> None:
    """The run it named was removed, or it was never one: the newest is what people mean."""
    _, path = recorded(tmp_path, 1)
    (tmp_path / "latest").unlink()
    if content is None:
        (tmp_path / "latest").symlink_to("20250101T000000Z-00000009")
    else:
        (tmp_path / "latest").write_text(content, encoding="latin-1")
    assert find_run("latest", tmp_path) == path


def test_a_run_of_which_nothing_was_recorded_is_not_the_latest(tmp_path: Path) -> None:
    """It ended before its manifest was written: the one before is what people mean."""
    _, path = recorded(tmp_path, 1)
    new_run_directory(tmp_path, UNIX, seed=2)
    assert find_run("latest", tmp_path) == path


def test_an_unknown_run_is_told_with_what_there_is(tmp_path: Path) -> None:
    """Exit code 3, with the newest by name."""
    run_id, _ = new_run_directory(tmp_path, UNIX, seed=1)
    with pytest.raises(NoDataError, match="there is no run 'nope'") as told:
        find_run("nope", tmp_path)
    assert told.value.hint == f"The newest is {run_id}; there are 1."
    assert told.value.exit_code is ExitCode.CONFIG_ERROR


def test_where_there_is_no_run_that_is_said(tmp_path: Path) -> None:
    """With how to make one."""
    with pytest.raises(NoDataError, match="there is no run yet") as told:
        find_run("latest", tmp_path / "missing")
    assert "soakctl soak" in told.value.hint
    with pytest.raises(NoDataError) as told:
        find_run("nope", tmp_path)
    assert told.value.hint == "There is no run here yet."


def test_only_directories_with_the_name_of_a_run_are_runs(tmp_path: Path) -> None:
    """Whatever else lies there is left alone."""
    for name in ("notes", "20251121T020304Z-xyz", "20251121T020304Z-0000000a-b", "20251121T020304Z-0000000g"):
        (tmp_path / name).mkdir()
    (tmp_path / "20251121T020304Z-0000000b").write_text("")
    run_id, _ = new_run_directory(tmp_path, UNIX, seed=1)
    assert run_ids(tmp_path) == [run_id]


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """What, where, and how to choose another."""
    (tmp_path / "file").write_text("")
    for make in (make_directory, lambda path: new_run_directory(path, UNIX, seed=None)):
        with pytest.raises(UnavailableError, match="cannot make a directory for the run") as told:
            make(tmp_path / "file" / "soak")
        assert told.value.where == str(tmp_path / "file" / "soak")
        assert "ARTIFACTS_DIR" in told.value.hint
