"""The overrides file: changed as a whole or not at all, every other key kept, whatever stands in it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soakctl.adapters.overrides_file import OverridesFile
from soakctl.domain.command import WriteOverrides

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, values: dict[str, int | float]) -> Any:
    """Read, then write."""
    file = OverridesFile(path)
    return file.write(WriteOverrides(7, values, file.read(1).digest))


@pytest.mark.parametrize("name", ["o.json", "o.yaml"])
def test_values_are_set_and_everything_else_is_kept(name: str, tmp_path: Path) -> None:
    """Nested, and with the objects that lead there; the answer is what stands in the file."""
    path = tmp_path / name
    path.write_text('{"engine": {"other": [1, null, "x"]}, "name": "é"}', encoding="utf-8")
    answer = write(path, {"engine.interval": 65, "risk.ratio": 0.09})
    expected = {"engine": {"other": [1, None, "x"], "interval": 65}, "name": "é", "risk": {"ratio": 0.09}}
    assert (answer.token, answer.error, answer.document) == (7, "", expected)
    text = path.read_text(encoding="utf-8")
    assert (json.loads if name.endswith("json") else yaml.safe_load)(text) == expected


def test_a_missing_file_is_an_empty_object_and_is_made(tmp_path: Path) -> None:
    """With the folders that lead there."""
    path = tmp_path / "deep" / "o.json"
    assert OverridesFile(path).read(1).document == {}
    assert write(path, {"a.b": 1}).document == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not what is expected"),
        ("[1]", "it holds no object"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ('{"a": 7}', "a is not an object, so a.b cannot stand in it"),
        ("[" * 100_000, "nested too deeply"),
        ('{"c": {"x": 1, "x": 2}}', 'the key "x" stands twice in one object'),
        ('{"c": 1e400}', "is not what is expected"),
    ],
)
def test_what_cannot_be_changed_is_left_as_it_is(text: str, reason: str, tmp_path: Path) -> None:
    """And the reason is said."""
    path = tmp_path / "o.json"
    path.write_text(text, encoding="utf-8")
    assert reason in (OverridesFile(path).read(1).error or write(path, {"a.b": 1}).error)
    assert path.read_text(encoding="utf-8") == text
    assert [item.name for item in tmp_path.iterdir()] == ["o.json"]


def test_a_file_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """Even where only another key was changed."""
    path = tmp_path / "o.json"
    file = OverridesFile(path)
    digest = file.read(1).digest
    path.write_text('{"mine": 1}', encoding="utf-8")
    answer = file.write(WriteOverrides(2, {"a": 1}, digest))
    assert "changed by someone else" in answer.error
    assert path.read_text(encoding="utf-8") == '{"mine": 1}'


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    """As an administrator set them."""
    real = tmp_path / "real.json"
    real.write_text("{}", encoding="utf-8")
    real.chmod(0o640)
    link = tmp_path / "o.json"
    link.symlink_to(real)
    write(link, {"a": 1})
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_directory_in_the_way_is_said(tmp_path: Path) -> None:
    """Nothing is raised: what cannot be done is in the answer."""
    assert "cannot be read or written" in OverridesFile(tmp_path).read(1).error


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.text())
KEYS = st.text(st.characters(exclude_characters=".", codec="utf-8"), min_size=1, max_size=5)
DOCUMENTS = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)


@pytest.mark.parametrize("name", ["o.json", "o.yaml"])
@given(
    document=st.dictionaries(KEYS, DOCUMENTS, max_size=4),
    value=st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e12, 1e12, allow_nan=False)),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_keeps_what_is_not_ours(name: str, document: Any, value: float, tmp_path: Path) -> None:
    """To the last bit, and ours is there to the last bit as well; or nothing is changed."""
    path = tmp_path / name
    text = yaml.safe_dump(document, allow_unicode=True) if name.endswith("yaml") else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    before = OverridesFile(path).read(1)
    answer = write(path, {"zz.soakctl": value})
    if before.error or answer.error:
        assert path.read_text(encoding="utf-8") == text
        return
    ours = answer.document["zz"].pop("soakctl")
    assert repr(ours) == repr(value)
    if not answer.document["zz"]:
        del answer.document["zz"]
    before.document.pop("zz", None) if before.document.get("zz") == {} else None
    assert repr(sorted(answer.document.items())) == repr(sorted(before.document.items()))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "o.yaml",
            "# mine\ne:\n  limit: 10   # at once\n  b: [1, 2]\n",
            "# mine\ne:\n  limit: 7   # at once\n  b: [1, 2]\n",
        ),
        ("o.yaml", "e: {limit: 10, x: 0.10}\n", "e: {limit: 7, x: 0.10}\n"),
        ("o.json", '{"a":"\\u00e9\\/","e":{"limit":10}, "x":0.10}', '{"a":"\\u00e9\\/","e":{"limit":7}, "x":0.10}'),
        ("o.json", '{\n\t"e": {\t"limit":\t10}\n}\n', '{\n\t"e": {\t"limit":\t7}\n}\n'),
        ("o.json", '{\r\n  "e": {"limit": 10}}', '{\r\n  "e": {"limit": 7}}'),
        ("o.yaml", "e:\n  limit: 3\n'e':\n  limit: 0xA\n", "e:\n  limit: 3\n'e':\n  limit: 7\n"),
    ],
)
def test_the_layout_stays_where_the_values_are_there_already(
    name: str, text: str, expected: str, tmp_path: Path
) -> None:
    """Comments, blanks, and how the other numbers are written: what a person wrote by hand."""
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert write(path, {"e.limit": 7}).error == ""
    assert path.read_bytes() == expected.encode()


@pytest.mark.parametrize("name", ["o.json", "o.yaml"])
@pytest.mark.parametrize("indent", [None, 2, "\t"])
@given(document=st.dictionaries(KEYS, DOCUMENTS, max_size=3), value=st.floats(-1e12, 1e12, allow_nan=False))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_is_changed_in_the_text_of_any_file(
    name: str, indent: int | str | None, document: Any, value: float, tmp_path: Path
) -> None:
    """Nothing else changes, whether the text could be kept or was written anew."""
    path = tmp_path / name
    whole = {"before": document, "ours": {"soakctl": 1, "other": document}, "after": document}
    path.write_text(json.dumps(whole, indent=indent), encoding="utf-8")
    before = OverridesFile(path).read(1)
    if before.error:
        return
    answer = write(path, {"ours.soakctl": value})
    assert answer.error == ""
    expected = {**before.document, "ours": {"soakctl": value, "other": before.document["ours"]["other"]}}
    assert repr(answer.document) == repr(expected)


def test_objects_that_aliases_share_are_changed_in_one_place_alone(tmp_path: Path) -> None:
    """What stands under another key is none of the parameters."""
    path = tmp_path / "o.yaml"
    path.write_text("defaults: &d {limit: 10, k: 2}\nengine: *d\nbackup: *d\n", encoding="utf-8")
    write(path, {"engine.limit": 8})
    shared = {"limit": 10, "k": 2}
    assert yaml.safe_load(path.read_text()) == {"defaults": shared, "engine": {"limit": 8, "k": 2}, "backup": shared}


@pytest.mark.parametrize(
    "text", ['!!int ""', '!!float ""', "!!bool foo", "!!timestamp foo", '!!int "_"', '!!binary "@"']
)
def test_a_tag_that_does_not_fit_is_told_and_no_fault(text: str, tmp_path: Path) -> None:
    """Whatever the library raises for it."""
    path = tmp_path / "o.yaml"
    path.write_text(f"engine: {{limit: {text}}}\n", encoding="utf-8")
    read = OverridesFile(path).read(1)
    assert "it is no YAML" in read.error or isinstance(read.document["engine"]["limit"], bytes), read


ODD = "yes: 1\non: {01: 0755, 1: 1.10}   # odd\ntime: 12:30:45\nx: 1\nx: 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ODD, ODD + "e:\n  limit: 7\n"),
        (f"e:\n  other: 1.10 # mine\n\n# odd\n{ODD}", f"e:\n  other: 1.10 # mine\n  limit: 7\n\n# odd\n{ODD}"),
        (f"{ODD}e:\n  text: |\n    a\n    b\n", f"{ODD}e:\n  text: |\n    a\n    b\n  limit: 7\n"),
        (f"{ODD}e: {{}}\n", f"{ODD}e: {{limit: 7}}\n"),
        (f"{ODD}e: {{a: 1,}}\n", f"{ODD}e: {{a: 1, limit: 7}}\n"),
        ("# only words", "# only words\ne:\n  limit: 7\n"),
        ("a: 0o17\r\n", "a: 0o17\r\ne:\r\n  limit: 7\r\n"),
    ],
)
def test_a_parameter_that_is_missing_is_put_into_the_text(text: str, expected: str, tmp_path: Path) -> None:
    """And every other line stays, however its keys and values are spelled."""
    path = tmp_path / "o.yaml"
    path.write_bytes(text.encode())
    assert OverridesFile(path).rehearse({"e.limit": 7}) == ""
    assert write(path, {"e.limit": 7}).error == ""
    assert path.read_bytes().decode() == expected


@pytest.mark.parametrize("more", ["yes: 1\n", "k: 0755\n", "k: 1\nk: 2\n", "k: 12:30:45\n"])
def test_what_would_be_spelled_otherwise_is_refused(more: str, tmp_path: Path) -> None:
    """Where what aliases share must be written anew; nothing is lost, and the start of a run can tell."""
    path, text = tmp_path / "o.yaml", f"d: &d {{limit: 10}}\ne: *d\n{more}"
    path.write_text(text, encoding="utf-8")
    assert "without changing other keys" in OverridesFile(path).rehearse({"e.limit": 7})
    assert "without changing other keys" in write(path, {"e.limit": 7}).error
    assert path.read_text(encoding="utf-8") == text


def test_several_parameters_are_put_where_they_belong(tmp_path: Path) -> None:
    """Also where two objects end in one line."""
    path = tmp_path / "o.yaml"
    path.write_text("a: 1\ne:\n  f:\n    g: 1", encoding="utf-8")
    write(path, {"e.f.h": 2, "e.i": 3, "j": 4, "a": 5})
    assert yaml.safe_load(path.read_text()) == {"a": 5, "e": {"f": {"g": 1, "h": 2}, "i": 3}, "j": 4}


def test_the_mode_is_there_before_the_first_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody else may read can be read at no time; owner and group are kept, or it is said."""
    path = tmp_path / "o.json"
    modes: list[int] = []
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setattr(os, "fsync", lambda number: modes.append(os.fstat(number).st_mode & 0o777))
    old = os.umask(0)
    try:
        assert write(path, {"a": 1}).note == ""
    finally:
        os.umask(old)
    assert modes == [0o600]
    monkeypatch.setattr(os, "fstat", lambda _number: os.stat_result([0o600, 0, 0, 1, 4711, 4712, 0, 0, 0, 0]))

    def refused(*_given: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refused)
    assert "the owner of the file could not be kept" in write(path, {"a": 2}).note
