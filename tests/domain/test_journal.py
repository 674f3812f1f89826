"""Journal entries and how they stand in the file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.journal import Entry, EventKind

FIXED = ("seq", "elapsed_s", "unix", "kind", "life")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.builds(
    Entry,
    seq=st.integers(1, 2**40),
    elapsed_s=st.integers(0, 10**12).map(lambda micros: micros / 1e6),
    unix=st.integers(0, 2 * 10**15).map(lambda micros: micros / 1e6),
    kind=st.sampled_from(EventKind),
    life=st.integers(0, 1000),
    data=st.dictionaries(st.text().filter(lambda name: name not in FIXED), VALUES, max_size=4),
)


@given(ENTRIES)
def test_an_entry_comes_back_from_its_line(entry: Entry) -> None:
    """Whatever an event carries, in any language."""
    assert Entry.from_json(json.loads(json.dumps(entry.to_json()))) == entry


def test_an_entry_is_flat() -> None:
    """Place and data side by side, so that `jq` and grep reach everything."""
    entry = Entry(3, 1.23456789, 1_700_000_000.9999999, EventKind.GAP, 2, {"reason": "x"})
    assert entry.to_json() == {
        "seq": 3,
        "elapsed_s": 1.234568,
        "unix": 1_700_000_001.0,
        "kind": "gap",
        "life": 2,
        "reason": "x",
    }


@pytest.mark.parametrize("name", FIXED)
def test_data_never_takes_the_place_of_an_entry(name: str) -> None:
    """An event that carries a key of that name does not change when it happened, or what."""
    entry = Entry(3, 1.0, 2.0, EventKind.FINDING, 1, {name: "other", "what": "x"})
    assert entry.to_json()[name] == Entry(3, 1.0, 2.0, EventKind.FINDING, 1, {}).to_json()[name]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        *(({name: ...}, KeyError) for name in FIXED),
        ({"kind": "kind_of_tomorrow"}, ValueError),
        ({"kind": None}, ValueError),
        ({"kind": []}, ValueError),
        ({"seq": "x"}, ValueError),
        ({"seq": None}, ValueError),
        ({"life": []}, ValueError),
        ({"elapsed_s": "soon"}, ValueError),
        ({"unix": {}}, ValueError),
        ({"seq": 1.5}, ValueError),
        ({"seq": True}, ValueError),
        ({"elapsed_s": float("nan")}, ValueError),
        ({"unix": float("inf")}, ValueError),
    ],
)
def test_a_row_that_is_no_entry_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    """Readers leave it out and say so."""
    row = {**Entry(1, 0.0, 0.0, EventKind.GAP, 0, {}).to_json(), **change}
    with pytest.raises(error):
        Entry.from_json({name: value for name, value in row.items() if value is not ...})
