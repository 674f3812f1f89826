"""What a person sees when a configuration is wrong: everything at once, with file, line, key and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from soakctl.adapters.config_file import parse
from soakctl.errors import ConfigError

MISTAKES = Path(__file__).parent / "config_mistakes"


def _said(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        parse(text, "soakctl.yaml")
    assert refused.value.where == "soakctl.yaml"
    return refused.value.message


def test_everything_wrong_is_told_at_once() -> None:
    """A person corrects a file in one go: no mistake hides behind another, and no class of ours is named."""
    text, expected = ((MISTAKES / name).read_text(encoding="utf-8") for name in ("soakctl.yaml", "expected.txt"))
    assert f"{_said(text)}\n" == expected


SINGLE = [
    ("version: 2\nfoo: 1\n", ":1: version: 2 is not supported; this soakctl reads version 1"),
    ("version: '1'\n", ":1: version: '1' is not supported; this soakctl reads version 1"),
    ("- 1\n", ":1: expected keys and values at the top, found a list"),
    ("hello\n", ":1: expected keys and values at the top, found a single value"),
    (
        "smoke: 5\n",
        ":1: smoke: expected keys and values, found 5; allowed: deadline, checkpoints, failures",
    ),
    ("kpis: {}\n", ":1: kpis: expected a list like [one, two], found keys and values"),
    ("service:\n  logs: a.log\n", ":2: service.logs: expected a list like [one, two], found 'a.log'"),
    ("service:\n  env: [A]\n", ":2: service.env: expected keys and values, found a list"),
    ("service:\n  env: {A: }\n", ':2: service.env.A: expected text, found nothing; write ""'),
    ("service:\n  env: {A: [hunter2]}\n", ":2: service.env.A: expected text, found a list"),
    (
        "service:\n  env: {'a b=c': x}\n",
        (":2: service.env.'a b=c': not the name of an environment variable: it may not be empty or hold '='"),
    ),
    (
        "service:\n  secrets: [{name: 5}]\n",
        (":2: service.secrets[0].name: expected text, found a number; put it in quotes"),
    ),
    ("service:\n  restart: {max: few}\n", ":2: service.restart.max: expected a whole number, found 'few'"),
    ("service:\n  restart: {max: -1}\n", ":2: service.restart.max: -1 is out of range; must be at least 0"),
    ("service:\n  agent: off\n  cwd: ''\n", ":3: service.cwd: is empty; write something or leave the key out"),
    (
        "service:\n  restart:\n    backoff: 1s..x\n",
        (":3: service.restart.backoff.longest: 'x' is not a duration; write one like 8s, 90m or 1.5h"),
    ),
    (
        "smoke:\n  checkpoints:\n  - {name: a, pattern: x, required: maybe}\n",
        ":3: smoke.checkpoints[a].required: expected true or false, found 'maybe'",
    ),
    (
        "soak:\n  hours: .inf\n",
        (":2: soak.hours: '.inf' is not a number of hours like 24 or 0.5; give text like 90m to duration instead"),
    ),
    ("soak:\n  hours: 1e999\n", ":2: soak.hours: expected a finite number, found inf"),
    (
        f"soak:\n  iterations: {'9' * 200}\n",
        (":2: soak.iterations: a huge number is out of range; must be at most 1,000,000,000"),
    ),
    (
        "gate:\n  window: 4\n",
        ":2: gate.window: must hold warn_pass <= min_pass <= window, found 5, 6, 4; set all three",
    ),
    (
        "gate:\n  resources: {fd_slope: 1MB/h}\n",
        (":2: gate.resources.fd_slope: '1MB/h' is not a rate of counts; write one like 1/h or 3/min"),
    ),
    (
        "kpis:\n- name: a\n  source: {json: x, log: y}\n",
        (
            ":3: kpis[a].source: found json and log; "
            "give exactly one of json, prometheus, log, command, resource, first_of"
        ),
    ),
    (
        "kpis:\n- name: a\n  source: {…}\n",
        (":3: kpis[a].source: give exactly one of json, prometheus, log, command, resource, first_of"),
    ),
    (
        "kpis:\n- name: a\n  source: {log: x}\n",
        (
            ":3: kpis[a].source.log: the pattern has no group to take the value "
            "from; write (?P<value>...), or reduce: count or rate"
        ),
    ),
    ("kpis:\n- name: a\n  min: 3\n  max: 2\n  source: {json: x}\n", ":3: kpis[a].min: min 3 is above max 2"),
    ("kpis:\n- name: a\n", ":2: kpis[a].source: is required and missing"),
    (
        "smoke:\n  name: x\n",
        (
            ":2: smoke.name: unknown key; it belongs under service or service.secrets or "
            "service.liveness.metric; allowed here: deadline, checkpoints, failures"
        ),
    ),
]


@pytest.mark.parametrize(("text", "said"), SINGLE)
def test_a_single_mistake_is_one_line(text: str, said: str) -> None:
    """The line names file, line, key, what was wrong and what is allowed."""
    assert _said(text) == f"soakctl.yaml{said}"


NOT_YAML = [
    ("a: b: c", "1:5: not YAML: a second ': ' in the line; put the value in quotes\n    a: b: c\n        ^"),
    (
        "a:\n  b: x\n   c: y",
        "3:5: not YAML: does not fit the lines above; check the indentation\n       c: y\n        ^",
    ),
    ("a:\n\tb: c", "2:1: not YAML: a tab; indent with spaces\n     b: c\n    ^"),
    ("a: 'x\n", "2:1: not YAML: a quote is not closed (in what begins at line 1)"),
    (
        "a: [1, 2\nb: 3",
        (
            "2:2: not YAML: expected ',' or ']'; it is not closed, or a comma is missing (in what begins at "
            "line 1)\n    b: 3\n     ^"
        ),
    ),
    (
        'a: "\\d+"',
        (
            "1:6: not YAML: in double quotes \\ begins an escape; put patterns in single quotes\n"
            '    a: "\\d+"\n         ^'
        ),
    ),
    ("a: *x", "1:4: not YAML: a value that starts with * needs quotes\n    a: *x\n       ^"),
    ("a: %x", "1:4: not YAML: a value that starts with % needs quotes\n    a: %x\n       ^"),
    ("a: \x07", "1:4: not YAML: a control character; take it out\n    a: ?\n       ^"),
    (
        "a: 1\n---\nb: 2",
        ("2:1: not YAML: a second document, after '---'; keep one (in what begins at line 1)\n    ---\n    ^"),
    ),
]


@pytest.mark.parametrize(("text", "said"), NOT_YAML)
def test_broken_yaml_is_shown_with_its_place(text: str, said: str) -> None:
    """The line stands under the message, with a mark at the column, and the message says what to do."""
    assert _said(text) == f"soakctl.yaml:{said}"


def test_a_long_line_is_shown_around_the_mistake() -> None:
    """What is shown fits on a screen, and the mark stands under the right character."""
    said = _said("a: [" + "x, " * 500 + "'b" + "\n")
    assert max(len(line) for line in said.splitlines()) < 120


@pytest.mark.parametrize(
    "text",
    [
        "service: {env: {API_KEY: [hunter2, 5]}}",
        "service: {secrets: [[hunter2], hunter-2]}",
        "service: {secrets: ['hunter{2}', 'hunter{2}']}",
    ],
)
def test_what_may_be_a_secret_is_not_quoted(text: str) -> None:
    """A mistake in a secret's neighbourhood is told without the value."""
    assert "hunter" not in _said(text)
