"""The house rules that a reader relies on: which way imports point, how long things are, what starts quickly."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SRC = Path(__file__).parent.parent / "src"
LONGEST_FILE = 300
LONGEST_FUNCTION = 40

# Each layer, and the layers that it may import beside itself. Anyone may import errors and soakctl's own __init__.
ARROWS: dict[str, set[str]] = {
    "": set(),
    "__main__": {"cli"},
    "errors": set(),
    "domain": set(),
    "ports": {"domain", "awaits"},
    "judge": {"domain"},
    "tuning": {"domain"},
    "awaits": {"domain"},
    "redact": {"domain"},
    "services": {"awaits", "judge", "tuning", "redact", "ports", "domain"},
    "adapters": {"ports", "awaits", "domain", "keeper", "agent"},  # both ends of the keeper's pipe speak one language
    "mock": {"ports", "domain"},
    "report": {"awaits", "domain"},
    "keeper": set(),
    "agent": set(),
    "cli": {"services", "awaits", "judge", "tuning", "redact", "ports", "domain", "report"},
}
ANYONE_MAY = {"errors", ""}
WIRING = "soakctl.cli.wiring"  # a module, or a folder of them
ONLY_WIRING_MAY = {"adapters", "mock", "keeper"}
ALONE = {"keeper", "agent"}  # each runs in a process of its own, from the standard library
AGENT_ITSELF = {"soakctl_agent", "sitecustomize"}  # what the agent is called in the program that loads it

# What touches the world, and the only layers that may; `mock` has the demo service, a program of its own.
HOMES = {
    "asyncio": {"mock", "agent"},
    "msgspec": {"adapters"},
    "numpy": {"judge"},
    "psutil": {"adapters"},
    "rich": {"report", "cli"},
    "socket": {"adapters", "keeper", "mock"},
    "subprocess": {"adapters"},
    "threading": {"adapters"},
    "time": {"adapters", "keeper", "mock", "agent"},
    "typer": {"cli"},
}
SLEEPERS = ("soakctl.adapters", "soakctl.keeper", "soakctl.mock.demo", "soakctl.agent")
HEAVY = {"msgspec", "numpy", "psutil", "pydantic", "pydantic_core", "rich", "yaml"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """A module of soakctl, read and parsed."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        """The first part of the name inside soakctl; "" for the package's own __init__."""
        return layer_of(self.name)

    def at(self, node: ast.AST) -> str:
        """Where the node stands, as an editor opens it."""
        return f"{self.path.relative_to(SRC.parent)}:{getattr(node, 'lineno', 1)}"


class Import(NamedTuple):
    """One imported module, and where."""

    source: Source
    target: str
    at: str


def layer_of(module: str) -> str:
    """The layer that a module of soakctl belongs to."""
    return [*module.split("."), ""][1]


def within(module: str, *homes: str) -> bool:
    """Whether the module is one of these, or in one of them."""
    return any(module == home or module.startswith(f"{home}.") for home in homes)


@cache
def sources() -> dict[str, Source]:
    """Every module of soakctl by its name."""
    found = {}
    for path in sorted((SRC / "soakctl").rglob("*.py")):
        name = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        found[name] = Source(name, path, text, ast.parse(text, str(path)))
    return found


@cache
def imports() -> list[Import]:
    """Every import, also inside functions and for types alone: a dependency of the mind is one too."""
    return [
        Import(source, target, source.at(node))
        for source in sources().values()
        for node in ast.walk(source.tree)
        for target in _targets(source, node)
    ]


def _targets(source: Source, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = source.name if source.path.name == "__init__.py" else source.name.rpartition(".")[0]
        parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join([*parents, *([node.module] if node.module else [])])
        # `from package import module` imports the module, `from module import name` the module left of it
        inner = (f"{module}.{alias.name}" for alias in node.names)
        yield from sorted({name if name in sources() else module for name in inner})


def own() -> list[Import]:
    """The imports of soakctl by soakctl."""
    return [one for one in imports() if one.target.split(".")[0] == "soakctl"]


def allowed(source: Source, target: str) -> bool:
    """Whether the arrows let this module import that one."""
    here, there = source.layer, layer_of(target)
    if here in ALONE:
        return there == here
    if within(source.name, WIRING) and there in ONLY_WIRING_MAY:
        return True
    return there == here or there in ANYONE_MAY or there in ARROWS.get(here, ())


def nothing_in(findings: Iterable[str]) -> None:
    """Fail with each finding on a line of its own, for editors to jump to."""
    found = list(findings)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_every_module_is_in_a_layer() -> None:
    """A folder that the table of arrows does not know has no place in the house yet."""
    assert len(sources()) > len(ARROWS)
    assert {source.layer for source in sources().values()} <= ARROWS.keys()


def test_imports_follow_the_arrows() -> None:
    """No layer imports one above or beside it; of the command line only the wiring knows adapters, mock and keeper."""
    assert len(own()) > len(sources())
    nothing_in([f"{one.at} imports {one.target}" for one in own() if not allowed(one.source, one.target)])


def test_no_import_cycles() -> None:
    """Modules can be read in an order in which each one needs only what came before."""
    graph: dict[str, set[str]] = {name: set() for name in sources()}
    for one in own():
        graph[one.source.name].add(one.target)
    cycle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = error.args[1]
    nothing_in([" <- ".join(cycle)] if cycle else [])


def test_keeper_and_agent_need_only_the_standard_library() -> None:
    """The keeper starts in milliseconds; the agent is loaded into programs that have nothing else."""
    foreign = [
        f"{one.at} imports {one.target}"
        for one in imports()
        if one.source.layer in ALONE
        and one.target.split(".")[0] not in {*sys.stdlib_module_names, "soakctl", *AGENT_ITSELF}
    ]
    nothing_in(foreign)


def test_the_world_is_touched_where_it_should_be() -> None:
    """Time, processes, sockets, threads and the screen have homes; everywhere else is pure."""
    strays = [
        f"{one.at} imports {one.target}"
        for one in imports()
        if one.source.layer not in HOMES.get(one.target.split(".")[0], {one.source.layer})
        and not within(one.source.name, WIRING)
    ]
    nothing_in(strays)


def test_files_are_short() -> None:
    """A file can be read in one go."""
    lengths = {one.at(one.tree): one.text.count("\n") for one in sources().values()}
    nothing_in(f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_FILE)


def _length(function: Function) -> int:
    """Lines of the body, without the docstring. A signature does not count: a command's is the table of its options."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_are_short() -> None:
    """A function fits on a screen."""
    lengths = {
        f"{source.at(node)} {node.name}": _length(node)
        for source in sources().values()
        for node in ast.walk(source.tree)
        if isinstance(node, Function)
    }
    assert lengths
    nothing_in(f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_FUNCTION)


def _calls() -> Iterator[tuple[Source, ast.Call, str]]:
    """Every call with the dotted name of what is called, as it is written."""
    for source in sources().values():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                yield source, node, ast.unparse(node.func)


def test_nothing_prints() -> None:
    """Output goes through the one place that redacts and knows about --json."""
    nothing_in(source.at(call) for source, call, name in _calls() if name == "print")


def test_nothing_is_run_by_a_shell() -> None:
    """A command is an argument vector."""
    by_shell = [
        source.at(call)
        for source, call, name in _calls()
        if name in {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
        or any(key.arg == "shell" and ast.unparse(key.value) != "False" for key in call.keywords)
    ]
    nothing_in(by_shell)


def test_only_the_borders_sleep() -> None:
    """Whatever waits inside would wait for real under virtual time."""
    by_another_name = [
        source.at(node)
        for source in sources().values()
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.ImportFrom) and node.module == "time" and any(a.name == "sleep" for a in node.names))
        or (isinstance(node, ast.Import) and any(a.name == "time" and a.asname for a in node.names))
    ]
    nothing_in(by_another_name)  # write time.sleep, so that it can be seen
    sleeps = [
        source.at(call)
        for source, call, name in _calls()
        if name == "time.sleep" and not within(source.name, *SLEEPERS)
    ]
    nothing_in(sleeps)


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_answers_without_heavy_imports(flag: str) -> None:
    """What shell completion and people in a hurry ask for imports nothing that takes long."""
    script = "import sys; from soakctl.__main__ import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", script, flag],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    lines = done.stderr.splitlines()
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in lines if line.startswith("import time:")}
    assert done.returncode == 0, "\n".join(line for line in lines if not line.startswith("import time:"))
    assert "soakctl" in done.stdout
    assert "soakctl" in imported
    assert imported & HEAVY == set()
