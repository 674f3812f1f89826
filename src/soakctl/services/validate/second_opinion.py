"""Another scanner's view of the tree, where one is installed and asked for: gitleaks or detect-secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soakctl.errors import DependencyError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.domain.config.validate import SecretScan
    from soakctl.ports import Bench
    from soakctl.services.validate.known import Known

_TOOLS = ("gitleaks", "detect-secrets")
# It asks git for the files, which quotes names with other than ASCII letters: then it would look for another file.
_PLAIN_PATHS = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.quotePath", "GIT_CONFIG_VALUE_0": "false"}
_REPORT = "validate/second-opinion.json"


def second_opinion(asked: SecretScan, bench: Bench, known: Known, notes: list[str]) -> list[str]:
    """Its findings, without values. Raises DependencyError for a tool that was asked for by name and is not there."""
    if asked.second_opinion == "off":
        return []
    wanted = _TOOLS if asked.second_opinion == "auto" else (asked.second_opinion,)
    tool = next((name for name in wanted if bench.which(name)), None)
    if tool is None:
        if asked.second_opinion == "auto":
            notes.append("no second opinion: neither gitleaks nor detect-secrets is installed")
            return []
        raise DependencyError(f"{wanted[0]} is not installed", hint="or set validate.secrets.second_opinion: off")
    found = _gitleaks(bench) if tool == "gitleaks" else _detect_secrets(bench)
    return [f"{path}:{line}: {rule} ({tool})" for path, line, rule in found if not known.excludes(path)]


def _gitleaks(bench: Bench) -> Iterator[tuple[str, int, str]]:
    report = bench.report_path(_REPORT)
    argv = ["gitleaks", "dir", ".", "--no-banner", "--redact=100", "--exit-code=0", "--report-format=json"]
    done = bench.run([*argv, f"--report-path={report}"])
    if not done.ok:
        raise UnavailableError(f"gitleaks: {done.failure()}")
    found: list[dict[str, Any]] = json.loads(bench.text(report) or "[]")
    # Its values are hidden already, the names of files are not.
    bench.write(report, json.dumps(bench.hide(found), indent=2) + "\n")
    for one in found:
        yield str(one["File"]), int(one["StartLine"]), str(one["RuleID"])


def _detect_secrets(bench: Bench) -> Iterator[tuple[str, int, str]]:
    printed: list[bytes] = []  # past the log, as it holds hashes of what was found
    done = bench.run(["detect-secrets", "scan", "--no-verify"], env=_PLAIN_PATHS, lines=printed.append)
    if not done.ok:
        raise UnavailableError(f"detect-secrets: {done.failure()}")
    results: dict[str, list[dict[str, Any]]] = json.loads(b"".join(printed))["results"]
    for path, entries in results.items():
        for one in entries:
            yield path.replace("\\", "/"), int(one["line_number"]), str(one["type"])
