"""Reading YAML: the words of YAML 1.2, values as written where that matters, bounds on what a file may become."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.config_file import parse
from soakctl.adapters.config_yaml import read_yaml
from soakctl.domain.config.lint import lint
from soakctl.domain.config.root import Config
from soakctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = [
    ("off", "off"),
    ("yes", "yes"),
    ("true", True),
    ("1:30", "1:30"),
    ("2025-01-01", "2025-01-01"),
    ("010", 10),
    ("0x1F", 31),
    ("1_000", "1_000"),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("-3", -3),
    ("~", None),
    ("", None),
    ("'5'", "5"),
    ("!!str 5", "5"),
]


@pytest.mark.parametrize(("word", "value"), WORDS)
def test_words_mean_what_yaml_1_2_says(word: str, value: object) -> None:
    """`off` is text, as `agent: off` needs, and 1:30 is no number, as hours would be read from it."""
    assert read_yaml(f"a: {word}", "x").data == {"a": value}


def test_keys_are_text() -> None:
    """A key `on` or `1` is no truth value and no number."""
    assert read_yaml("on: 1\n1: 2", "x").data == {"on": 1, "1": 2}


def test_commands_and_variables_are_taken_as_written() -> None:
    """Ports, zeros and words like true reach the service as they stand in the file."""
    config = parse("service:\n  command: [app, --port, 08080, --on, true, ~]\n  env: {A: 010, B: 1.10, C: no}", "x")
    assert config.service.command == ("app", "--port", "08080", "--on", "true", "~")
    assert config.service.env == {"A": "010", "B": "1.10", "C": "no"}


def test_merges_fill_in_what_is_not_given() -> None:
    """`<<` brings keys that do not stand there, the first alias before the second."""
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}"
    assert read_yaml(text, "x").data["c"] == {"x": 3, "y": 1, "z": 2}


def test_each_value_knows_its_line() -> None:
    """Keys, entries of lists and what stands in them are found again."""
    document = read_yaml("a:\n  - b: 1\n    c:\n      - d\n  - {e: 2}\n", "x")
    assert document.lines[("a", 0, "c", 0)] == 4
    assert document.lines[("a", 1, "e")] == 5
    assert document.line(("a", 1, "missing", "deeper")) == 5


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{here}: &{here} [{','.join([f'*{before}'] * 9)}]\n"
    for before, here in zip(string.ascii_lowercase, string.ascii_lowercase[1:], strict=False)
)

REFUSED = [
    (BOMB, "more than 20000 values"),
    ("a: &a [*a]", "nested too deeply"),
    ("a: &a {<<: *a}", "nested too deeply"),
    ("[" * 5000, "nested too deeply"),
    ("a: !!python/object/apply:os.system [id]", "the tag !!python/object/apply:os.system is not known"),
    ("a: !secret x", "cannot be read as !secret"),
    ("service: {name: !!int x}", "service.name: cannot be read as !!int"),
    (f"version: {'9' * 5000}", "cannot be read as !!int"),
    ("? [a]\n: b", "a key must be text"),
    ("service: {<<: 5}", "'<<' takes keys and values"),
    ("service: {name: a, name: b}", "service.name: the key stands twice, in lines 1 and 1"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_refuses_what_yaml_allows_and_a_configuration_does_not(text: str, said: str) -> None:
    """Nothing in a file makes soakctl run code, run out of memory or guess."""
    with pytest.raises(ConfigError) as refused:
        parse(text, "soakctl.yaml")
    assert said in refused.value.message


def test_a_flood_of_errors_is_cut() -> None:
    """Nobody reads thousands of lines, and the first ones say what went wrong."""
    with pytest.raises(ConfigError) as refused:
        parse("".join(f"key{number}: 1\n" for number in range(150)), "soakctl.yaml")
    lines = refused.value.message.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("150 errors in soakctl.yaml", "... and 50 more", 102)


def _config_or_error(text: str) -> None:
    try:
        assert isinstance(parse(text, "soakctl.yaml"), Config)
    except ConfigError as error:
        assert "soakctl.yaml" in error.message.splitlines()[0]  # noqa: PT017 - either outcome is right


@given(st.text())
def test_any_text_is_a_configuration_or_an_error(text: str) -> None:
    """Whatever stands in the file, the outcome is a Config or a ConfigError."""
    _config_or_error(text)


@given(st.text(alphabet="ab:-#&*!|>'\"%@`{}[],?<~ \n\t1.\\", max_size=60))
def test_any_punctuation_is_a_configuration_or_an_error(text: str) -> None:
    """What gives YAML its shape, in any order."""
    _config_or_error(text)


_KEYS = st.sampled_from(
    "version service name command cwd env secrets file logs data ready tcp http log liveness pattern metric url silence"
    " restart policy max backoff stop signal grace clean_exit must_log verify timeout agent smoke deadline checkpoints"
    " required hints failures exit soak hours duration iterations iteration sample_every repeat heartbeat load faults"
    " reconnect kpis source json pointer prometheus labels resource reduce unit min warn fail valid gt le aggregate"
    " over fail_if abort delay every mock gate window min_pass resources rss_slope disk logs chain tests deltas".split()
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["8s", "1MB/h", "3 of 5", "SIGTERM", "127.0.0.1:80", "http://x", "(?P<value>x)", "rss_bytes", "/a"]
    ),
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_known_keys_with_any_values_are_a_configuration_or_an_error(data: dict[str, object]) -> None:
    """Every key meets every kind of value."""
    _config_or_error(yaml.safe_dump(data))


FULL = """
service:
  command: [a, b]
  env: {A: b}
  secrets: [A, {name: B, file: c}]
  ready: {tcp: 'a:1'}
  liveness: {metric: {url: http://a, name: b}, silence: 5m}
  restart: {policy: on_failure, max: 3, backoff: {first: 1s, longest: 2s}}
  stop: {signal: TERM, grace: 4s, clean_exit: [0], must_log: [a], verify: {command: a, timeout: 1s}}
smoke:
  deadline: 8s
  checkpoints: [{name: a, pattern: a, required: true, liveness: true, hints: [a]}]
  failures: [{pattern: a, exit: API_ERROR, hint: a}]
soak: {hours: 1, iteration: 5m, sample_every: 5s, repeat: {command: a}, faults: [{a: [1]}]}
kpis:
  - {name: a, source: {json: a, pointer: /a, max_age: 5s}, warn: {min: 1}, fail: {min: 0}, valid: {ge: 0}, over: 6h}
  - {name: b, source: {prometheus: http://a, metric: b, labels: {a: b}}, max: 3, abort: true, delay: 5m, every: 1m}
  - {name: c, source: {log: (a), reduce: p95}, fail_if: 3 of 5, mock: {value: 3, noise: 0.1}}
  - {name: d, source: {command: a}, key: true}
  - {name: e, source: {resource: rss_bytes}, dry_run: true}
gate: {window: 8, resources: {rss_slope: 1MB/h, cpu_mean: 80%, disk: 5GB}, chain: {tests: [[a]]}}
redact: {extra: [a]}
"""


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from _paths(one, (*path, key))


@given(st.sampled_from(list(_paths(yaml.safe_load(FULL)))), _VALUES, st.booleans())
def test_a_valid_file_with_any_one_value_is_judged(path: tuple[str | int, ...], value: object, added: bool) -> None:
    """Any value in any place, or beside it under a new key, is taken or told, and what is taken can be looked over."""
    data = yaml.safe_load(FULL)
    here = data
    for step in path[:-1]:
        here = here[step]
    here["new" if added and isinstance(here, dict) else path[-1]] = value
    try:
        lint(parse(yaml.safe_dump(data), "soakctl.yaml"))
    except ConfigError as error:
        assert "soakctl.yaml:" in error.message  # noqa: PT017 - either outcome is right
