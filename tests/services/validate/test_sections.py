"""What each built-in section finds, and what it lets pass."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """An empty project."""
    return Project(tmp_path, monkeypatch, capsys)


def _problems(project: Project, name: str, options: Mapping[str, Any], key: str = "") -> list[str]:
    changed: dict[str, Any] = {key or name: options}
    project.configure(name, **changed)
    problems: list[str] = project.section(name)["problems"]
    return problems


# --- linters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"plain\nlines\n", []),
        (b"", []),
        ("ok\ncafé é\nok\nnaïve\n".encode(), ["a.log:2: not ASCII (byte 0xc3)", "a.log:4: not ASCII (byte 0xc3)"]),
        (b"x" * 100_000 + b"\nok\n", []),
        (b"ok\n" + b"x" * 100_001 + b"\n", ["a.log:2: a line over 100 KB"]),
        (b"x" * 3_000_000, ["a.log:1: a line over 100 KB"]),
        (b"a\n" * 600_000 + b"\xff\n", ["a.log:600001: not ASCII (byte 0xff)"]),
        (b"\xe9\n" * 7, [*(f"a.log:{n}: not ASCII (byte 0xe9)" for n in range(1, 6)), "a.log: and 2 more lines"]),
    ],
)
def test_logs_are_ascii(project: Project, content: bytes, said: list[str]) -> None:
    """Each line that is not, and each that is endless, by its number; however large the file."""
    project.write("a.log", content)
    assert _problems(project, "linters", {"ascii_logs": ["*.log"]}) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":1,"b":[1,2]}\n', ""),
        ('{\n  "a": 1,\n  "b": "é"\n}\n', ""),
        ('{"a":"\\u00e9"}\n', ""),
        ('{"a":1}', "no newline at its end"),
        ('{"b":1,"a":2}\n', "keys are not sorted"),
        ('{"a": 1}\n', "neither compact nor indented by two"),
        ('{"a":1,"a":2}\n', "the key 'a' stands twice"),
        ('{"a":NaN}\n', "holds NaN, which is no JSON"),
        ("{", "Expecting property name"),
    ],
)
def test_json_is_written_canonically(project: Project, text: str, said: str) -> None:
    """Sorted, in one of two layouts, a newline at the end; what is wrong is said."""
    project.write("data/x.json", text)
    found = _problems(project, "linters", {"canonical_json": ["data/*.json"]})
    assert (found == []) is (said == "")
    assert said in "".join(found)


def test_json_is_written_by_one_writer(project: Project) -> None:
    """The others are named; the writer itself, comments and strings for a log are none."""
    project.write("app/a.py", "import json\njson.dump(x, f)\nlog(json.dumps(x))\n# json.dump(x, f)\n")
    project.write("app/b.py", "path.write_text(json.dumps(x))\n")
    project.write("app/writer.py", "json.dump(x, f)\n")
    found = _problems(project, "linters", {"json_writer": {"files": ["app/**/*.py"], "allow": ["app/writer.py"]}})
    assert [text.split(": ")[0] for text in found] == ["app/a.py:2", "app/b.py:1"]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("from json import dump as d\nd(x, f)", [2]),
        ("import json as j\nf.write(\n  j.dumps(x) + '\\n')", [2]),
        ("import json\ntext = json.dumps(x)\ndata = f'{text}\\n'.encode()\npath.write_bytes(data)", [4]),
        ("def g():\n  text = json.dumps(x)\ndef h(text):\n  f.write(text)", []),
        ("text = json.dumps(x)\ntext = 'plain'\nf.write(text)", []),
        ("f.write(sha(json.dumps(x).encode()).hexdigest())", []),
        ("f.writelines(json.dumps(x) for x in y)\nprint(json.dumps(x), file=f)", [1, 2]),
        ("import sys\nsys.stdout.write(json.dumps(x))\njson.dump(x, sys.stderr)\nprint(json.dumps(x))", []),
        ("say = 'json.dump(x, f)'\n'''\njson.dump(x, f)\n'''", []),
        ("json.dump(\n  x, f)  # noqa: json-writer", []),
        ("print 'python 2'\njson.dump(x, f)", [2]),
    ],
)
def test_writers_of_json_are_found_in_the_syntax(project: Project, source: str, lines: list[int]) -> None:
    """Under any name, over several lines and through variables; texts that only look like it are none."""
    project.write("a.py", source)
    found = _problems(project, "linters", {"json_writer": {"files": ["a.py"]}})
    assert found == [f"a.py:{number}: writes JSON past the project's own writer" for number in lines]


def test_labels_are_those_of_the_list(project: Project) -> None:
    """Each other one once, though its value looks like labels."""
    project.write(
        "m.prom",
        '# HELP x y{z="1"}\nx{side="buy",user="a"} 1\nx{user="b"} 2\ny{side="a=\\"b\\",c=\\"d"} 1\n'
        'z{le="1",quantile="0.5"} 1\n',
    )
    found = _problems(project, "linters", {"labels": {"files": ["m.prom"], "allow": ["side"]}})
    assert found == ["m.prom:2: the label user is not allowed"]
    project.write("app.py", 'C = Counter("a", "b", ["side", "order"])\nG = prom.Gauge("g", "h", labelnames=("to",))\n')
    project.write("set.py", 'C.labels(side="Buy", user=name).inc()\nsimple = Counter(words)\n')
    found = _problems(project, "linters", {"labels": {"files": ["*.py"], "allow": ["side"]}})
    named = {"app.py:1": "order", "app.py:2": "to", "set.py:1": "user"}
    assert found == [f"{place}: the label {name} is not allowed" for place, name in named.items()]


# --- tests_whitelist -------------------------------------------------------------------------------------------------


def test_listed_tests_run_though_plugins_are_not_loaded(project: Project) -> None:
    """In parallel; failures are named, what is not listed is not run."""
    project.env(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    project.write("tests/test_a.py", "def test_good(): pass\ndef test_bad(): assert 2 == 3\n")
    project.write("tests/test_b.py", "def test_other(): assert False\n")
    project.write("tests_whitelist.txt", "# chosen\ntests/test_a.py\n")
    found = _problems(project, "tests_whitelist", {"workers": "2"})
    assert found == ["tests.test_a::test_bad: assert 2 == 3"]


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("", "lists no test"),
        ("tests/test_gone.py", "no such test file: tests/test_gone.py"),
        ("tests/test_none.py", "no test was run"),
        ("tests/test_skipped.py", "no test was run: all 2 were skipped"),
    ],
)
def test_tests_that_are_none(project: Project, listed: str, said: str) -> None:
    """Nothing that ran is no pass."""
    project.write("tests/test_none.py", "x = 1\n")
    skips = "import pytest\npytestmark = pytest.mark.skip\ndef test_a(): pass\ndef test_b(): pass\n"
    project.write("tests/test_skipped.py", skips)
    project.write("tests_whitelist.txt", listed)
    assert said in "".join(_problems(project, "tests_whitelist", {"workers": "1"}))


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ignored", "said"), [("local.env\n", []), ("shop/\n", ["local.env:1: password"])])
def test_a_project_within_a_larger_repository(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ignored: str,
    said: list[str],
) -> None:
    """What git would not take is not looked at; where it takes nothing of the project at all, everything is."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text(ignored, encoding="utf-8")
    (tmp_path / "shop").mkdir()
    project = Project(tmp_path / "shop", monkeypatch, capsys)
    project.write("local.env", "DB_PASSWORD=hT7fk2Lq9zXw\n")
    assert [": ".join(text.split(": ")[:2]) for text in _problems(project, "secrets", {})] == said


# --- dry_runs, reports -----------------------------------------------------------------------------------------------

_WRITES = "import json, sys; json.dump({'n': sys.argv[1]}, open('out.json', 'w'))"


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"path": "out.json"}, []),
        ({"path": "out.json", "schema": "good.json"}, []),
        ({"path": "out.json", "schema": "bad.json"}, ["out.json: $.n: 'x' is not of type 'number'"]),
        ({"path": "gone.json"}, ["gone.json: python3 did not write it"]),
        ({"path": "old.json"}, ["old.json: stale, not written by this run"]),
        ({"path": "ahead.json"}, ["ahead.json: dated"]),
        ({"path": "folder"}, ["folder: python3 did not write it"]),
        ({"path": "empty.json", "max_age": "1h"}, ["empty.json: not JSON: it is empty"]),
        ({"path": "out.json", "schema": "gone.schema"}, ["gone.schema: no such schema"]),
    ],
)
def test_artifacts_of_a_command(project: Project, expected: Mapping[str, Any], said: list[str]) -> None:
    """They exist, are fresh, and keep to their schema."""
    project.write("good.json", {"properties": {"n": {"type": "string"}}})
    project.write("bad.json", {"properties": {"n": {"type": "number"}}})
    os.utime(project.write("old.json", {}), (1_700_000_000, 1_700_000_000))
    ahead = time.time() + 10 * 86400 + 600
    os.utime(project.write("ahead.json", {}), (ahead, ahead))
    project.write("empty.json", "")
    (project.root / "folder").mkdir()
    job = {"command": ["python3", "-c", _WRITES, "x"], "artifacts": [expected]}
    found = _problems(project, "reports", {"jobs": [job]})
    assert [text.split(" (")[0].split(" 10d")[0] for text in found] == said


# --- dashboards ------------------------------------------------------------------------------------------------------


def _variable(kind: str, query: Any, name: str = "v", **more: Any) -> dict[str, Any]:
    return {"list": [{"name": name, "type": kind, "query": query, **more}]}


def _board(*exprs: str, templating: Any = None, **more: Any) -> dict[str, Any]:
    targets = [{"expr": expr} for expr in exprs]
    return {
        "title": "board",
        "templating": templating,
        "panels": [{"id": 1, "type": "timeseries", "title": "p", "targets": targets, **more}],
    }


@pytest.mark.parametrize(
    ("board", "said"),
    [
        (_board("sum(rate(fills_total[$__rate_interval])) by (symbol)"), ""),
        (_board('histogram_quantile(0.95, sum by (le) (rate(lat_ms_bucket{s=~"$symbol"}[5m]))) > 3 or up'), ""),
        (_board("rate(fills_total[${window}:1m])"), ""),
        (_board("sum("), "does not parse"),
        (_board("rate(gone_total[5m])"), "the metric gone_total is not known"),
        (_board("up", datasource={"type": "prometheus", "uid": "other"}), "the data source other is not"),
        (_board("up", datasource="${source}"), ""),
        (_board('{app="x"} |= "error" | json', datasource={"type": "loki", "uid": "prom"}), ""),
        (_board('{app="x"} |= "error"', datasource="${logs}", templating=_variable("datasource", "loki", "logs")), ""),
        (_board("rate(${metric}_total[5m]) + ALERTS + job:up:sum"), ""),
        (_board('sum({__name__="nosuch"})'), "the metric nosuch is not known"),
        (_board("up", templating=_variable("query", "label_values(up, job)")), ""),
        (_board("up", templating=_variable("query", "label_values(job)")), ""),
        (
            _board("up", templating=_variable("query", {"query": "label_values(gone{a='b,c'}, job)"})),
            "variable 'v': gone{",
        ),
        (_board("up", templating=_variable("query", "x", datasource={"uid": "other"})), "the data source other is not"),
        ({"panels": []}, "it has no title"),
        ({"title": "x"}, "it has no list of panels"),
        ("{", "not JSON"),
    ],
)
def test_dashboards(project: Project, board: Any, said: str) -> None:
    """Each expression parses, and names metrics that exist; Grafana's variables may stand in it."""
    project.write("dashboards/a.json", board)
    project.write("metrics.txt", "fills_total\n# TYPE lat_ms histogram\nup 1\n")
    project.write("r.yml", "groups:\n- name: g\n  rules:\n  - {record: 'job:up:sum', expr: sum(up)}\n")
    options = {"metrics": "metrics.txt", "datasources": ["prom"], "rules": ["r.yml"]}
    found = _problems(project, "dashboards", options)
    assert (found == []) is (said == "")
    assert said in "".join(found)


def test_rule_files(project: Project) -> None:
    """Groups of rules, each an alert or a record with an expression; a recorded metric is known."""
    good = "groups:\n- name: g\n  rules:\n  - {record: 'a:b', expr: sum(up)}\n  - {alert: A, expr: 'a:b > 1'}\n"
    project.write("good.rules.yml", good)
    project.write("bad.rules.yml", "groups:\n- name: g\n  rules:\n  - {expr: up}\n  - {alert: B, expr: 'up >'}\n")
    project.write("metrics.txt", "up\n")
    found = _problems(project, "dashboards", {"rules": ["*.rules.yml"], "metrics": "metrics.txt"})
    assert [text.split(": ")[1] for text in found] == ["group g, rule ?", "group g, rule B"]
    project.write("bad.rules.yml", "groups:\n- name: g\n  rules:\n  - {alert: C, expr: up, for: soon, label: {a: b}}\n")
    found = _problems(project, "dashboards", {"rules": ["*.rules.yml"], "metrics": "metrics.txt"})
    assert [text.partition("rule C: ")[2] for text in found] == [
        "the field label is unknown",
        "for: soon is no duration",
    ]
    project.write("bad.rules.yml", good + "- {name: g, rules: []}\n- {rules: []}\n")
    found = _problems(project, "dashboards", {"rules": ["*.rules.yml"]})
    assert found == ["bad.rules.yml: the group g stands twice", "bad.rules.yml: a group has no name"]


# --- preflight -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, []),
        ({"imports": ["json", "no_such_module"]}, ["import no_such_module: ModuleNotFoundError"]),
        ({"imports": ["os; x"]}, ["os; x: is no name of a module"]),
        ({"commands": ["no-such-command"]}, ["the command no-such-command is not installed"]),
        ({"free_disk": "9000TB"}, ["disk: "]),
        ({"docker_secrets": ["NO_SUCH_SECRET"]}, ["the Docker secret no_such_secret is not"]),
        ({"config": [{"file": "c.yaml", "pointer": "/risk/kill", "equals": True}]}, []),
        ({"config": [{"file": "c.yaml", "pointer": "/risk/kill", "equals": 1}]}, ["c.yaml: /risk/kill is not 1"]),
        ({"config": [{"file": "c.yaml", "pointer": "/gone", "equals": 1}]}, ["c.yaml: /gone is not there; must be 1"]),
        (
            {"config": [{"file": "c.yaml", "pointer": "/api_keys/0", "equals": "sekret12345zz"}]},
            ['c.yaml: /api_keys/0 is not there; must be "[REDACTED:api-key]"'],
        ),
        ({"config": [{"file": "none.yaml", "pointer": "/a", "equals": 1}]}, ["none.yaml: no such file"]),
        ({"soak": ["sh", "-c", "test $SOAK_HOURS = 0.083"]}, []),
        ({"soak": ["sh", "-c", "exit 4"]}, ["dry soak: sh -c 'exit 4': exit code 4"]),
    ],
)
def test_preflight(project: Project, options: Mapping[str, Any], said: list[str]) -> None:
    """Everything that must be in place is named where it is not."""
    project.write("c.yaml", "risk: {kill: true}\n")
    found = _problems(project, "preflight", {"free_disk": "1MB", **options})
    assert len(found) == len(said)
    assert all(text.startswith(begin) for text, begin in zip(found, said, strict=True)), found


def test_syntax_is_checked_and_nothing_left_beside_the_source(project: Project) -> None:
    """Python, JSON, YAML and TOML, each with its line."""
    project.write("a.py", "x = 1\ny = (\n")
    project.write("b.json", "{")
    project.write("c.yaml", "a: [1\nb: 2\n")
    project.write("d.toml", "a = \n")
    project.write("e.yaml", "a: !Ref x\n---\nb: !Sub [1]\n")
    found = _problems(project, "preflight", {"free_disk": "1MB"})
    assert sorted(text.split(":")[0] for text in found) == ["a.py", "b.json", "c.yaml", "d.toml"]
    assert not list(project.root.rglob("*.pyc"))


def test_compose_secrets(project: Project) -> None:
    """Declared, given to the service, and passed as a file."""
    good = {
        "services": {"a": {"environment": ["DB_PASSWORD_FILE=/run/secrets/db"], "secrets": ["db"]}},
        "secrets": {"db": {"file": "db.txt"}},
    }
    project.write("compose.yaml", json.dumps(good))
    assert _problems(project, "preflight", {"free_disk": "1MB"}) == []
    bad = {"services": {"a": {"environment": {"DB_PASSWORD_FILE": "/run/secrets/db"}, "secrets": ["api"]}}}
    project.write("compose.yaml", json.dumps(bad))
    assert len(_problems(project, "preflight", {"free_disk": "1MB"})) == 3


def test_a_port_that_is_taken(project: Project) -> None:
    """Is named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        found = _problems(project, "preflight", {"free_disk": "1MB", "ports": [address]})
    assert found == [f"port is in use, or no address of this machine: {address}"]


# --- the audit log ---------------------------------------------------------------------------------------------------


def _chain(count: int, *, escaped: bool = False) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for number in range(count):
        text = json.dumps(records[-1], sort_keys=True, separators=(",", ":"), ensure_ascii=escaped) if records else ""
        digest = hashlib.sha256(text.encode()).hexdigest() if records else "0" * 64
        records.append({"seq": number, "what": f"é{number}", "prev_hash": digest})
    return records


@pytest.mark.parametrize("broken", [None, 0, 3, 8, 9])
def test_the_chain_of_hashes(project: Project, broken: int | None) -> None:
    """The first record that does not follow is named; a change of the last cannot be seen."""
    records = _chain(10)
    if broken is not None:
        records[broken]["what"] = "changed"
    project.write("audit/audit.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    found = _problems(project, "audit_chain", {"file": "audit/audit.jsonl"}, "audit")
    expected = [] if broken in {None, 9} else [f"audit/audit.jsonl:{broken + 2}: the chain is broken"]
    assert [": ".join(text.split(": ")[:2]) for text in found] == expected


def test_a_chain_over_escaped_json(project: Project) -> None:
    """Python's own way of writing, where é is escaped, is canonical, too; another kind of value is no hash."""
    records = _chain(3, escaped=True)
    project.write("audit/audit.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    assert _problems(project, "audit_chain", {}, "audit") == []
    records[2]["prev_hash"] = [1]
    project.write("audit/audit.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    assert "audit.jsonl:3: the chain is broken" in _problems(project, "audit_chain", {}, "audit")[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"seq":1,"who":"a"}', '{"seq":2,"who":"b"}'], []),
        (['{"seq":1,"who":"a"}', '{"seq":3,"who":"b"}'], ["a.jsonl:2: seq 3 follows 1"]),
        (['{"seq":1}'], ["a.jsonl:1: without who"]),
        (['{"ts":"2025-01-02","who":"a"}', '{"ts":"2025-01-01","who":"a"}'], ["a.jsonl:2: ts goes back"]),
        (['{"seq":1,"who":"a"}', "oops"], ["a.jsonl:2: not JSON in UTF-8"]),
        (["[1]"], ["a.jsonl:1: no object"]),
        ([], ["a.jsonl: holds no record"]),
        (
            ['{"ts":"2025-01-01T00:30:00Z","who":"a"}', '{"ts":"2025-01-01T01:00:00+02:00","who":"a"}'],
            ["a.jsonl:2: ts goes back: '2025-01-01T01:00:00+02:00' after '2025-01-01T00:30:00Z'"],
        ),
        (['{"ts":"2025-01-01T01:00:00+0200","who":"a"}', '{"ts":"2025-01-01 00:30:00.123456789Z","who":"a"}'], []),
        (['{"ts":"2016-12-31T23:59:60Z","who":"a"}', '{"ts":"2017-01-01T00:00:00Z","who":"a"}'], []),
        (['{"seq":"9","who":"a"}', '{"seq":"10","who":"b"}'], []),
        (['{"seq":"9","who":"a"}', '{"seq":"11","who":"b"}'], ["a.jsonl:2: seq 11 follows 9"]),
        (['{"unix":9,"who":NaN}'], ["a.jsonl:1: holds NaN, which is no JSON"]),
        (['{"unix":1e999,"who":"a"}'], ["a.jsonl:1: unix is no number, time or text"]),
    ],
)
def test_the_audit_log(project: Project, lines: list[str], said: list[str]) -> None:
    """Readable, complete, in order."""
    project.write("a.jsonl", "".join(f"{line}\n" for line in lines))
    found = _problems(project, "audit_dump", {"file": "a.jsonl", "fields": ["who"]}, "audit")
    assert len(found) == len(said)
    assert all(text.startswith(begin) for text, begin in zip(found, said, strict=True)), found


def test_a_torn_audit_log(project: Project) -> None:
    """A record that was cut off in the middle is no record."""
    project.write("a.jsonl", '{"seq":1}\n{"seq":')
    assert _problems(project, "audit_dump", {"file": "a.jsonl"}, "audit") == ["a.jsonl:2: cut off in the middle"]
