"""Numbers out of texts and JSON documents."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.kpi_value import NoValueError, as_number, number_in_json, resolve

# The document and the pointers of RFC 6901, section 5.
RFC = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def _places(document: Any, pointer: str = "") -> list[tuple[str, Any]]:
    """Every pointer of a document with what it names."""
    found = [(pointer, document)]
    if isinstance(document, dict):
        for key, value in document.items():
            found += _places(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(document, list):
        for place, value in enumerate(document):
            found += _places(value, f"{pointer}/{place}")
    return found


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_pointers_of_the_rfc(pointer: str, expected: object) -> None:
    """Every example of RFC 6901 names what the RFC says."""
    assert resolve(RFC, pointer, "the file") == expected


@given(JSON)
def test_every_place_of_a_document_can_be_named(document: object) -> None:
    """A pointer built by the RFC's rules names its own place and no other."""
    for pointer, value in _places(document):
        assert resolve(document, pointer, "the file") is value


@given(JSON, st.text(alphabet="/~01a-", max_size=8))
def test_any_pointer_names_something_or_is_explained(document: object, pointer: str) -> None:
    """An arbitrary pointer either names a place or gives a reason that quotes it."""
    named = [value for place, value in _places(document) if place == pointer]
    if named:
        assert resolve(document, pointer, "the file") is named[0]
    else:
        with pytest.raises(NoValueError, match=re.escape(f'"{pointer}"')):
            resolve(document, pointer, "the file")


@pytest.mark.parametrize(
    ("pointer", "reason"),
    [
        ("totals", 'the pointer "totals" of r.json must begin with /'),
        ("/total", '"/total" names nothing in r.json: the document has no "total"; it has totals, list, none, text'),
        (
            "/totals/p95_latency",
            (
                '"/totals/p95_latency" names nothing in r.json: /totals has no "p95_latency"; it has p95_latency_ms, '
                "p99_latency_ms, latency, fills, net_bps and 1 more"
            ),
        ),
        ("/list/2", '"/list/2" names nothing in r.json: /list has no "2"; it has 0 to 1'),
        ("/list/01", '"/list/01" names nothing in r.json: /list has no "01"; it has 0 to 1'),
        ("/list/-", '"/list/-" names nothing in r.json: /list has no "-"; it has 0 to 1'),
        ("/list/0/x", '"/list/0/x" names nothing in r.json: /list/0 has no "x"; it has no keys'),
        ("/none/x", '"/none/x" names nothing in r.json: /none is null, so it has no "x"'),
        ("/text/x", '"/text/x" names nothing in r.json: /text is "hello", so it has no "x"'),
        ("/totals", '"/totals" of r.json is an object, not a number'),
        ("/list", '"/list" of r.json is a list, not a number'),
        ("/none", '"/none" of r.json is null, not a number'),
        ("/text", '"/text" of r.json is "hello", not a number'),
        ("", "r.json is an object, not a number"),
    ],
)
def test_why_there_is_no_number(pointer: str, reason: str) -> None:
    """The reason names the file, the step that fails and what is there."""
    totals = dict.fromkeys(["net_bps", "fills", "p95_latency_ms", "p99_latency_ms", "latency", "zzzzzzzzz"], 1)
    text = json.dumps({"totals": totals, "list": [{}, 2], "none": None, "text": "hello"})
    with pytest.raises(NoValueError) as caught:
        number_in_json(text, pointer, "r.json")
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3.0), (-2.5, -2.5), ("12.5", 12.5), (" 7\n", 7.0), ("1e3", 1000.0), ("+.5", 0.5), ("-0", 0.0), ("5.", 5.0)],
)
def test_numbers_and_numeric_text(value: object, expected: float) -> None:
    """A number may be written as text, as people's reports do."""
    assert as_number(value, "it") == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "it is true, not a number"),
        (False, "it is false, not a number"),
        (math.nan, "it is NaN, not a number"),
        (-math.inf, "it is infinite, not a number"),
        (10**400, "it is infinite, not a number"),
        ("1e999", "it is infinite, not a number"),
        ("NaN", 'it is "NaN", not a number'),
        ("inf", 'it is "inf", not a number'),
        ("12ms", 'it is "12ms", not a number'),
        ("1_000", 'it is "1_000", not a number'),
        ("1,000", 'it is "1,000", not a number'),
        ("0x10", 'it is "0x10", not a number'),
        ("١٢", 'it is "١٢", not a number'),
        ("", 'it is "", not a number'),
        ("s3cret" * 20, "it is text of 120 characters, not a number"),
    ],
)
def test_what_is_not_a_number(value: object, reason: str) -> None:
    """Booleans, NaN, infinity, units and what only Python takes for a number are refused; long text is not quoted."""
    with pytest.raises(NoValueError) as caught:
        as_number(value, "it")
    assert str(caught.value) == reason


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**300), 10**300))
def test_every_number_json_can_write_is_read_back(number: float) -> None:
    """A number goes through JSON, as itself and as text, without a change."""
    assert number_in_json(json.dumps({"a": number}), "/a", "it") == float(number)
    assert number_in_json(json.dumps({"a": str(number)}), "/a", "it") == float(number)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "r.json is empty"),
        (" \n", "r.json is empty"),
        ('{"a": 1', "r.json ends in the middle at line 1 column 8: Expecting ',' delimiter"),
        ('{"a":\n  "abc', "r.json ends in the middle at line 2 column 3: Unterminated string starting at"),
        ("{'a': 1}", "r.json is not JSON at line 1 column 2: Expecting property name enclosed in double quotes"),
        ("<html>", "r.json is not JSON at line 1 column 1: Expecting value"),
        ("1 2", "r.json is not JSON at line 1 column 3: Extra data"),
        (b'{"a": "\xff"}', "r.json is not JSON: not utf-8 text at byte 7"),
        ("[" * 100_000, "r.json is nested too deeply to be read"),
    ],
)
def test_what_is_not_json(text: str | bytes, reason: str) -> None:
    """The reason says where, and whether the file seems cut short."""
    with pytest.raises(NoValueError) as caught:
        number_in_json(text, "", "r.json")
    assert str(caught.value) == reason


def test_a_number_of_too_many_digits_is_explained() -> None:
    """Python refuses integers of thousands of digits; that is a reason and no crash."""
    with pytest.raises(NoValueError, match=r"^r\.json is not JSON that can be read: Exceeds the limit"):
        number_in_json("9" * 5000, "", "r.json")


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_give_a_number_or_a_reason(text: bytes | str) -> None:
    """Whatever a file holds, there is a finite number or a reason."""
    with suppress(NoValueError):
        assert math.isfinite(number_in_json(text, "", "r.json"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_of_json(encoding: str) -> None:
    """Files written by other systems, with a byte order mark or in UTF-16, are read."""
    assert number_in_json('{"é": 4}'.encode(encoding), "/é", "r.json") == 4
