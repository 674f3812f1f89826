"""Files that a run depends on: their syntax, values that they must hold, and the secrets of compose files."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from soakctl.domain.validation import MissingInputError
from soakctl.errors import SoakctlError
from soakctl.services.validate.tried import tried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from soakctl.domain.config.validate import MustEqual
    from soakctl.ports import Bench

_LIST = "validate/syntax.txt"
# Read by the project's own Python, as its syntax may be newer or older than ours; nothing is written beside the source.
_COMPILE = """
import sys, tokenize, warnings
warnings.simplefilter("ignore")
for path in open(sys.argv[1], encoding="utf-8").read().split("\\0"):
    try:
        with open(path, "rb") as file:
            compile(file.read(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        print(f"{path}:{error.lineno or 1}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        print(f"{path}: {error}")
    except OSError as error:
        print(f"{path}: cannot be read: {error.strerror}")
"""


def syntax_problems(files: Sequence[str], python: str | None, bench: Bench) -> list[str]:
    """What of these files cannot be read as what it is by its name."""
    problems: list[str] = []
    sources = [path for path in files if path.endswith((".py", ".pyi"))]
    for path in files:
        if path not in sources:
            problems += tried(lambda path=path: _parsed(path, bench)[1])  # type: ignore[misc]
    if sources:
        listed = bench.report_path(_LIST)
        bench.write(listed, "\0".join(sources))
        try:
            done = bench.run([python or bench.python(), "-I", "-B", "-c", _COMPILE, listed])
        finally:
            bench.write(listed, bench.hide("\0".join(sources)))
        problems += [f"syntax: {done.failure()}"] if not done.ok else done.stdout.splitlines()
    return problems


def _parsed(path: str, bench: Bench) -> tuple[Any, list[str]]:
    """What a file of settings holds, and why it cannot be read."""
    import yaml  # noqa: PLC0415 - few sections need it

    read: Callable[[str], Any]
    if path.endswith(".json"):
        read = json.loads
    elif path.endswith(".toml"):
        read = tomllib.loads
    elif path.endswith((".yaml", ".yml")):
        read = _all_documents
    else:
        return None, [f"{path}: neither JSON, YAML nor TOML by its name"]
    try:
        return read(bench.text(path)), []
    except (ValueError, RecursionError) as error:
        return None, [f"{path}: {str(error).splitlines()[0]}"]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark is not None else path
        return None, [f"{where}: {getattr(error, 'problem', None) or 'not YAML'}"]
    except MissingInputError:
        raise
    except SoakctlError as error:
        return None, [f"{path}: {error.message}"]


def _all_documents(text: str) -> Any:
    import yaml  # noqa: PLC0415 - few sections need it

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Takes tags that other programs know (`!reference`, `!Ref`), without acting on them."""

    Loader.add_multi_constructor("!", lambda loader, _suffix, node: _plain(loader, node))
    found = list(yaml.load_all(text, Loader=Loader))
    return found[0] if len(found) == 1 else found


def _plain(loader: Any, node: Any) -> Any:
    if node.id == "mapping":
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if node.id == "sequence" else loader.construct_scalar(node)


def must_equal(asked: MustEqual, bench: Bench) -> list[str]:
    """Why a value of a file is not what it must be; what stands there is not told, as it may be a secret."""
    name = next((step for step in reversed(asked.pointer.split("/")) if not step.isdigit()), "")
    wanted = json.dumps(bench.hide({name: asked.equals})[name])
    try:
        found, problems = _parsed(asked.file, bench)
    except MissingInputError:
        return [f"{asked.file}: no such file; {asked.pointer} must be {wanted}"]
    if problems:
        return problems
    for step in asked.pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return [f"{asked.file}: {asked.pointer} is not there; must be {wanted}"]
    same = found == asked.equals and isinstance(found, bool) is isinstance(asked.equals, bool)
    return [] if same else [f"{asked.file}: {asked.pointer} is not {wanted}"]


def compose_problems(path: str, bench: Bench) -> list[str]:
    """Secrets of services that are declared nowhere, that no `_FILE` leads to, or that stand in the open."""
    found, problems = _parsed(path, bench)
    if problems or not isinstance(found, dict):
        return problems or [f"{path}: no compose file"]
    declared = set(found.get("secrets") or {})
    for name, service in (found.get("services") or {}).items():
        if isinstance(service, dict):
            problems += [f"{path}: service {name}: {text}" for text in _service(service, declared)]
    return problems


def _service(service: Mapping[str, Any], declared: set[str]) -> Iterator[str]:
    environment = _environment(service.get("environment"))
    for one in service.get("secrets") or ():
        source, target = _secret(one)
        if source not in declared:
            yield f"the secret {source} is not declared under secrets"
        path = target if target.startswith("/") else f"/run/secrets/{target}"
        if not any(key.endswith("_FILE") and value == path for key, value in environment.items()):
            yield f"no variable {source.upper()}_FILE leads to {path}"
    mounted = {_secret(one)[1] for one in service.get("secrets") or ()}
    for key, value in environment.items():
        name = value.removeprefix("/run/secrets/")
        if key.endswith("_FILE") and name != value and name not in mounted:
            yield f"{key} leads to the secret {name}, which the service does not have"


def _secret(one: Any) -> tuple[str, str]:
    if isinstance(one, dict):
        source = str(one.get("source", ""))
        return source, str(one.get("target") or source)
    return str(one), str(one)


def _environment(given: Any) -> dict[str, str]:
    if isinstance(given, dict):
        return {str(key): "" if value is None else str(value) for key, value in given.items()}
    pairs = (str(one).partition("=") for one in given or ())
    return {key: value for key, _, value in pairs}
