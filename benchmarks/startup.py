"""What starting soakctl costs, as a ratio to the least that its tools allow: `python benchmarks/startup.py [rounds]`.

CPU time (user and system) of whole processes, best of the rounds, started as a console script starts them, with
compiled
bytecode. The peer of `--help` and of `gate` is a bare Typer program made from soakctl's own command line: the same
commands,
options and settings, empty bodies; that both print the same help is checked first. Exits with 1 where a target is
missed.
"""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

SRC = Path(__file__).parents[1] / "src"
ROUNDS = 15
SOAKCTL = "import sys; from soakctl.__main__ import main; sys.exit(main())"
BARE = "import sys; from bare import app; sys.exit(app(prog_name='soakctl'))"


class Row(NamedTuple):
    """One figure beside its peer."""

    what: str
    ours: list[str]
    peer: list[str]
    target: float


def bare_program() -> str:
    """Soakctl's command line without soakctl: options and commands, and nothing in them."""
    cli = SRC / "soakctl/cli"
    commands = [node for path in sorted((cli / "commands").glob("*.py")) for node in _parsed(path)]
    kept: list[ast.stmt] = []
    for node in [*_parsed(cli / "options.py"), *commands, *_parsed(cli / "app.py")]:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("soakctl"):
            continue
        if isinstance(node, ast.FunctionDef) and (node.decorator_list or node in commands):
            node.body = [node.body[0]]  # the docstring, which is the help
        kept.append(node)
    future = ast.parse("from __future__ import annotations").body
    body = [node for node in kept if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]
    return ast.unparse(ast.Module([*future, *_without_unused(body)], []))


def _parsed(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body


def _without_unused(body: list[ast.stmt]) -> list[ast.stmt]:
    """Without the functions that no decorated function speaks of: soakctl's own, which would need soakctl."""
    spoken = {
        name.id
        for node in body
        if not isinstance(node, ast.FunctionDef) or node.decorator_list
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
    }
    return [
        node for node in body if not isinstance(node, ast.FunctionDef) or node.decorator_list or node.name in spoken
    ]


def environment(directory: Path) -> dict[str, str]:
    """Bytecode is written and used, runs are made in the temporary directory, and nothing else differs."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SOAK", "ARTIFACTS", "PYTHON"))}
    env |= {"PYTHONPATH": f"{SRC}{os.pathsep}{directory}", "PYTHONPYCACHEPREFIX": str(directory / "pyc")}
    return env | {"ARTIFACTS_DIR": str(directory / "artifacts")}


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def cpu_ms(argv: list[str], directory: Path, env: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=directory, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000.0 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def prepare(directory: Path, env: dict[str, str]) -> None:
    """Write the bare program, check that it is soakctl's equal in what it offers, and make a small run to judge."""
    (directory / "bare.py").write_text(bare_program(), encoding="utf-8")
    for words in (["--help"], ["gate", "--help"]):
        ours, bare = (
            subprocess.run(python(code, *words), cwd=directory, env=env, capture_output=True, text=True, check=True)
            for code in (SOAKCTL, BARE)
        )
        assert ours.stdout == bare.stdout, "the bare program does not offer what soakctl offers"
    soak = python(SOAKCTL, "-q", "soak", "--mock", "--duration", "2m")
    subprocess.run(soak, cwd=directory, env=env, capture_output=True, check=True)


def main() -> int:
    """Print the table; 1 where a target is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    rows = [
        Row("soakctl --version", python(SOAKCTL, "--version"), python("pass"), 1.5),
        Row("soakctl --help", python(SOAKCTL, "--help"), python(BARE, "--help"), 1.15),
        Row("soakctl gate, 2 min run", python(SOAKCTL, "gate"), python(BARE, "gate"), 2.0),
    ]
    best: dict[tuple[str, bool], float] = {}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        env = environment(directory)
        prepare(directory, env)
        for _ in range(rounds + 1):  # side by side, so that what else the machine does meets both
            for row in rows:
                for ours, argv in ((True, row.ours), (False, row.peer)):
                    spent = cpu_ms(argv, directory, env)
                    best[row.what, ours] = min(spent, best.get((row.what, ours), spent))
    missed = False
    print(f"{'CPU of the process, best of ' + str(rounds):32}{'soakctl':>10}{'peer':>10}{'ratio':>8}{'target':>8}")
    for row in rows:
        ours, peer = best[row.what, True], best[row.what, False]
        ratio = ours / peer
        missed |= ratio > row.target
        print(
            f"{row.what:32}{ours:7.1f} ms{peer:7.1f} ms{ratio:8.2f}{row.target:8.2f}{'  MISSED' * (ratio > row.target)}"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
