"""Two snapshots compared."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soakctl.domain.environment import Difference, Weight
from soakctl.judge.environment import compare_environments
from soakctl.judge.environment_fields import FIELDS
from tests.support.environments import environment, environments


def _differences(second: dict[str, Any], first: dict[str, Any] | None = None) -> list[Difference]:
    return list(compare_environments(environment() if first is None else first, second).differences)


def _only(second: dict[str, Any], first: dict[str, Any] | None = None) -> tuple[str, str, str, Weight]:
    (found,) = _differences(second, first)
    return found.what, found.before, found.after, found.weight


@settings(max_examples=50)
@given(environments)
def test_a_snapshot_is_the_same_as_itself(document: dict[str, Any]) -> None:
    """Whatever it holds."""
    assert compare_environments(document, copy.deepcopy(document)).same


@settings(max_examples=50)
@given(environments, environments)
def test_comparing_the_other_way_round_tells_the_same(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Each difference once, with its sides exchanged, and as heavy."""
    there, back = _differences(second, first), _differences(first, second)
    assert sorted((each.rank, each.section, each.what, each.before, each.after) for each in there) == sorted(
        (each.rank, each.section, each.what, each.after, each.before) for each in back
    )


@settings(max_examples=50)
@given(environments, environments)
def test_what_explains_most_comes_first(first: dict[str, Any], second: dict[str, Any]) -> None:
    """The order is by rank, each thing differs, and the answer is fit for JSON."""
    comparison = compare_environments(first, second)
    ranks = [each.rank for each in comparison.differences]
    assert ranks == sorted(ranks)
    assert all(each.before != each.after or each.what for each in comparison.differences)
    assert json.dumps([each.to_json() for each in comparison.differences], allow_nan=False)


@settings(max_examples=50)
@given(environments, st.data())
def test_what_is_not_known_of_one_side_is_no_difference(document: dict[str, Any], data: st.DataObject) -> None:
    """A section that another version, or another system, does not have."""
    missing = data.draw(st.sets(st.sampled_from(sorted(environment()))))
    other = {key: value for key, value in document.items() if key not in missing}
    assert {each.what for each in _differences(other, document)} <= {"the whole section"}  # which is damaged, then


@settings(max_examples=50)
@given(environments, st.dictionaries(st.text(max_size=5), st.integers(), max_size=4))
def test_unknown_fields_are_left_aside(document: dict[str, Any], more: dict[str, int]) -> None:
    """Snapshots of later versions can be compared."""
    fresh = {f"new_{key}": value for key, value in more.items()}
    python = document.get("python")
    richer = {**document, **fresh, **({"python": {**python, **fresh}} if isinstance(python, dict) else {})}
    assert compare_environments(document, richer).same


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.section}.{field.what}")
def test_each_fact_counts(field: Any) -> None:
    """Changed alone, it is found, under its name."""
    if field.what.endswith("nearly full"):
        left = {"disk nearly full": "disk_free_bytes", "memory nearly full": "memory_available_bytes"}[field.key]
        changed = environment(**{f"system__{left}": 1})
    else:
        was = environment()[field.section].get(field.key, "before")
        other = {bool: not was, list: ["another"], dict: {"other": "1"}}.get(type(was), "9.9.9")
        if field.key == "version" and not field.part:
            other = "3.11.99"
        changed = environment(**{f"{field.section}__{field.key}": other})
    first = environment()
    if not field.what.endswith("nearly full"):
        first[field.section].setdefault(field.key, "before")
    (found,) = _differences(changed, first)
    assert (found.section, found.what, found.rank) == (field.section, field.what, field.rank)


def test_what_changes_by_itself_is_no_difference() -> None:
    """Times, pids, load, use of memory, variables of the shell."""
    later = environment(
        taken_utc="2026-01-01T00:00:00Z", taken_unix=1.0, moment="end", system__load=[9.0], system__uptime_s=1,
        system__memory_available_bytes=7_000_000_000, service__pid=1, service__rss_bytes=1, service__fds=1,
        variables__SHLVL={"state": "absent"},
    )  # fmt: skip
    later["network"][0] |= {"dns_ms": 99.0, "connect_ms": 99.0}
    later["files"]["config.yaml"]["modified_utc"] = "2026-01-01T00:00:00Z"
    assert _differences(later) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (["a", "b"], ["b", "c"], ("a", "c")),
        (["a", "b"], ["b", "a"], ("one order", "another order")),
        (["a"], ["a", "b"], ("none", "b")),
    ],
)
def test_of_lists_only_the_difference_is_told(before: list[str], after: list[str], told: tuple[str, str]) -> None:
    """A path of fifty directories differs in one."""
    first, second = environment(python__path=before), environment(python__path=after)
    assert _only(second, first)[1:3] == told


# What changes by itself, what only explains something that is compared, and details that are not looked at.
_META = {"schema", "soakctl_version", "moment", "taken_unix", "taken_utc", "key", "notes"}
_OF_THE_MOMENT = {"pid", "started_utc", "age_s", "cpu_percent", "rss_bytes", "fds", "threads", "load", "uptime_s"} | {
    "clock_utc", "clock_synchronized", "dns_ms", "connect_ms", "modified_utc", "expires_utc", "expires_days", "SHLVL",
}  # fmt: skip
_EXPLAINING = {"host", "port", "families", "problem", "source", "found_by", "direct", "configured", "format"} | {
    "prefix", "base_prefix", "remote", "dirty", "changed_count", "untracked_count", "holds_secrets", "editable",
}  # fmt: skip


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, each in inner:
        here = (*way, key)
        skipped = (len(here) == 1 and key in _META) or {*here} & _OF_THE_MOMENT or here[:2] == ("service", "processes")
        if not skipped and (key not in _EXPLAINING or here == ("system", "host")):
            found += [here, *_places(each, here)]
    return found


# A listing may be cut, a directory has no size; what is absent may be left out.
_NO_LOSS = {
    ("service",), ("variables", "WANTED"), ("files", "gone.yaml"), ("files", "gone.yaml", "exists"),
    ("credentials", 1, "present"), ("network", 0, "tls", "version"), ("network", 0, "tls", "trusted"),
    ("directory", "listing", 1), ("directory", "listing", 1, "size_bytes"), ("directory", "listing", 1, "kind"),
    ("files", "config.yaml", "size_bytes"),
}  # fmt: skip


def _damaged(way: tuple[Any, ...], new: Any) -> dict[str, Any] | None:
    """A snapshot with one value left out (`...`) or another; None where that loses nothing."""
    document = environment()
    place: Any = document
    for key in way[:-1]:
        place = place[key]
    old = place[way[-1]]
    if type(old) is type(new) or old is None or (new in (None, ...) and way in _NO_LOSS):
        return None
    if new is ...:
        del place[way[-1]]
    else:
        place[way[-1]] = new
    return document


def test_what_is_damaged_is_never_simply_the_same() -> None:
    """Any one value left out, or of another kind: a difference or a note, whichever side it is."""
    kinds: tuple[Any, ...] = (None, True, 7, "x", [], {}, ["x"], {"x": "y"}, ...)
    cases = [(way, new, _damaged(way, new)) for way in _places(environment()) for new in kinds]
    silent = [
        (way, new)
        for way, new, document in cases
        if document is not None
        for pair in ((environment(), document), (document, environment()))
        if (comparison := compare_environments(*pair)).same and not comparison.notes
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("way", "new"),
    [
        (("python", "packages"), "damaged"), (("python", "packages"), ...), (("network", 0), "x"),
        (("service", "ports"), 7), (("service", "processes"), "x"), (("variables", "OTHER"), []),
        (("limits", "cgroup_version"), "x"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_a_difference(way: tuple[Any, ...], new: Any) -> None:
    """What cannot be compared is not the same."""
    damaged = _damaged(way, new) or {}
    assert {each.section for each in _differences(damaged)} == {way[0]}


def test_an_emptied_section_is_a_difference() -> None:
    """None is ever written."""
    for section in ("python", "limits", "git", "directory", "system", "start"):
        comparison = compare_environments(environment(), environment(**{section: {}}))
        assert [each.what for each in comparison.differences if each.rank == 0] == ["the whole section"]
        assert comparison.notes == ()


def test_what_only_one_side_knows_is_noted() -> None:
    """Hosts that only one was told to ask, and facts that could not be found out."""
    other = environment(network=[], python__path=None, limits__cpu_limit=None, python__libraries=None)
    comparison = compare_environments(environment(), other)
    assert comparison.differences == ()
    assert comparison.notes == (
        "limits: only in the first snapshot, so not compared: cpu_limit",
        "python: only in the first snapshot, so not compared: libraries, path",
        "network: only in the first snapshot, so not compared: tls://db.internal:5432",
    )


def test_what_redaction_left_of_two_values_does_not_make_them_the_same() -> None:
    """The fingerprints tell; without them that is noted."""
    shown = {"state": "present", "value": "[REDACTED:ip]"}
    first, second = (environment(variables__OTHER={**shown, "fingerprint": mark}) for mark in "ab")
    assert _only(second, first)[:3] == ("variable OTHER", "a value", "another value")
    assert compare_environments(first, copy.deepcopy(first)).notes == ()
    first, second = environment(variables__OTHER=shown), environment(variables__OTHER=dict(shown))
    assert "OTHER" in compare_environments(first, second).notes[0]


def test_of_libraries_only_the_difference_is_told() -> None:
    """With their names."""
    second = environment(python__libraries={"ssl": "OpenSSL 3.0.13", "zlib": "1.3"})
    assert _only(second)[1:3] == ("none", "zlib 1.3")


def test_a_missing_credential_is_told_once() -> None:
    """Not as a variable too."""
    second = environment(variables__API_KEY__state="absent")
    second["credentials"][0]["present"] = False
    assert _only(second)[0] == "credential API_KEY"


def test_packages() -> None:
    """Missing comes before another version, what the project asks for before what that brings with it."""
    second = environment()
    second["python"]["packages"] = {
        "numpy": {"version": "1.26", "direct": True},
        "forked": {"version": "3", "direct": True},
        "extra": {"version": "1", "direct": False},
    }
    told = [(each.what, each.before, each.after, each.weight.value) for each in _differences(second)]
    assert told == [
        ("package extra", "not installed", "1", "likely"),
        ("package six", "1.16", "not installed", "likely"),
        ("package numpy", "2.1.0", "1.26", "likely"),
        ("source of package forked", f"https://git.example.com/forked at {'c' * 40}", "a package index", "likely"),
    ]


def test_variables_under_one_key() -> None:
    """There or not, other value or not; the fingerprints stay inside."""
    second = environment(
        variables__API_KEY={"state": "present", "configured": True, "fingerprint": "zzzz"},
        variables__OTHER={"state": "absent"},
        variables__LANG={"state": "present", "value": "C"},
        variables__NEW={"state": "present", "fingerprint": "yyyy"},
    )
    comparison = compare_environments(environment(), second)
    told = [(each.what, each.before, each.after, each.rank) for each in comparison.differences]
    assert told == [
        ("variable NEW", "absent", "present", 30),
        ("variable OTHER", "present", "absent", 30),
        ("variable API_KEY", "a value", "another value", 39),
        ("variable LANG", "C.UTF-8", "C", 50),
    ]
    assert comparison.notes == ()


def test_values_under_two_keys_are_not_compared() -> None:
    """It is said, and is no difference."""
    second = environment(key={"source": "file", "id": "other"}, variables__OTHER__fingerprint="zzzz")
    comparison = compare_environments(environment(), second)
    why = "(fingerprinted with other keys, see --key-file)"
    assert comparison.same
    assert comparison.notes == (
        f"2 variables present in both, not comparable {why}: API_KEY, OTHER",
        f"1 file with secrets present in both, not comparable {why}: config.yaml",
    )


def test_credentials_and_hosts() -> None:
    """A missing credential, a host that is not reached any more, a certificate that ended."""
    second = environment()
    second["credentials"][0]["present"] = False
    second["network"][0] |= {"reached": False, "problem": "no connection: Connection refused"}
    told = [(each.what, each.before, each.after, each.weight) for each in _differences(second)]
    assert told == [
        ("credential API_KEY", "present", "absent", Weight.LIKELY),
        ("host tls://db.internal:5432", "reached", "no connection: Connection refused", Weight.LIKELY),
    ]
    second = environment()
    second["network"][0]["tls"]["problem"] = "the certificate is not trusted: certificate has expired"
    expired = "reached, the certificate is not trusted: certificate has expired"
    assert _only(second) == ("host tls://db.internal:5432", "reached", expired, Weight.LIKELY)
    assert _differences(environment(network=[])) == []


def test_two_systems_word_one_failure_in_two_ways() -> None:
    """That is no difference; another kind of failure is."""
    linux, mac, refused = environment(), environment(), environment()
    linux["network"][0] |= {"reached": False, "problem": "the name is not known: Name or service not known"}
    mac["network"][0] |= {"reached": False, "problem": "the name is not known: nodename nor servname provided"}
    refused["network"][0] |= {"reached": False, "problem": "no connection: Connection refused"}
    assert _differences(mac, linux) == []
    assert len(_differences(refused, linux)) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sha256": "0" * 64}, ("content of file config.yaml", "dddddddddddd", "000000000000")),
        ({"fingerprint": "ffff"}, ("secrets in file config.yaml", "some", "others")),
        ({"counts": {"accounts": 9}}, ("accounts in config.yaml", "12", "9")),
        (
            {"valid": False, "problem": "not valid YAML at line 3"},
            ("file config.yaml", "sound", "not valid YAML at line 3"),
        ),
    ],
)
def test_files(change: dict[str, Any], told: tuple[str, str, str]) -> None:
    """Content, secrets in it, what is counted, whether it is whole."""
    second = environment()
    second["files"]["config.yaml"] |= change
    assert _only(second)[:3] == told


def test_files_that_are_missing() -> None:
    """Where one snapshot did not look, it says so."""
    second = environment()
    del second["files"]["config.yaml"]
    second["files"]["gone.yaml"] = {"exists": True}
    told = [(each.what, each.before, each.after) for each in _differences(second)]
    assert told == [
        ("file config.yaml", "there", "missing, or not looked at"),
        ("file gone.yaml", "missing", "there"),
    ]


def test_a_minor_version_of_python_is_told_once() -> None:
    """As what it is: the first thing to look at."""
    assert _only(environment(python__version="3.12.1")) == ("Python", "3.11", "3.12", Weight.LIKELY)
    assert _only(environment(python__version="3.11.9")) == ("Python in full", "3.11.7", "3.11.9", Weight.POSSIBLE)


def test_a_service_that_runs_on_one_side_only_is_noted() -> None:
    """There is nothing to compare."""
    comparison = compare_environments(environment(), environment(service=None))
    assert comparison.same
    assert comparison.notes == ("service: only in the first snapshot, so not compared",)


_SECTIONS = ["variables", "credentials", "files", "network", "python"]


@pytest.mark.parametrize("section", _SECTIONS)
@pytest.mark.parametrize("value", [None, "damaged", 7])
def test_a_damaged_section_is_not_the_same(section: str, value: object) -> None:
    """It is told which one cannot be compared."""
    whole = {"variables": {}, "credentials": [], "files": {}, "network": [], "python": {"version": "3.12.1"}}
    told = compare_environments(whole, {**whole, section: value})
    assert [(each.section, each.weight) for each in told.differences] == [(section, Weight.LIKELY)]


@pytest.mark.parametrize("section", _SECTIONS)
def test_a_section_that_one_side_lacks_is_noted(section: str) -> None:
    """As by an older soakctl, or where it could not be found out: it is not passed over as if it were the same."""
    whole = {"variables": {}, "credentials": [], "files": {}, "network": [], "python": {"version": "3.12.1"}}
    for other in (
        {key: value for key, value in whole.items() if key != section},
        {**whole, section: None, "notes": [{"section": section, "problem": "not readable"}]},
    ):
        told = compare_environments(whole, other)
        assert [note.partition(":")[0] for note in told.notes] == [section]
        assert told.same


def test_another_version_of_the_document_is_noted() -> None:
    """And compared as far as it is known."""
    told = compare_environments(environment(), environment(schema="soakctl.environment/2", system__host="other"))
    assert [each.what for each in told.differences] == ["host"]
    assert "soakctl.environment/2" in told.notes[0]


def test_what_lies_in_the_directory_counts() -> None:
    """The program most; what changes by itself not at all, nor what one of them did not list."""

    def listing(**sizes: int | None) -> dict[str, Any]:
        rows = [
            {"name": name.replace("_", "."), "kind": "directory" if size is None else "file", "size_bytes": size}
            for name, size in sorted(sizes.items())
        ]
        return environment(directory__listing=rows, directory__entries=len(rows))

    was = listing(app_py=10, x_py=5, data=None, my_db=7)
    assert _differences(listing(app_py=10, x_py=5, data=None, my_db=8, app_log=3, logs=None), was) == []
    told = _differences(listing(x_py=6, my_db=7), was)
    assert [(each.what, each.before, each.after, each.weight) for each in told] == [
        ("app.py", "file of 10 bytes", "missing", Weight.LIKELY),
        ("data", "directory", "missing", Weight.UNLIKELY),
        ("x.py", "file of 5 bytes", "file of 6 bytes", Weight.UNLIKELY),
    ]
    first = listing(app_py=10)
    first["directory"]["entries"] = 300
    assert _differences(was, first) == []
    assert _only(environment(git__untracked=["lib/new.py"]), environment(git__untracked=[]))[:3] == (
        "untracked files",
        "none",
        "lib/new.py",
    )
