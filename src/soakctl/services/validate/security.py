"""The security_audit section: known vulnerabilities of what the project depends on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from soakctl.domain.validation import MissingInputError, Outcome
from soakctl.errors import ConfigError, DependencyError, ExitCode, SoakctlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soakctl.domain.config.validate import SecurityAudit
    from soakctl.ports import Bench

_UNREACHABLE = (
    "connection", "resolve", "unreachable", "timed out", "max retries", "proxyerror", "network", "ssl", "http error",
    "service error", "serviceerror", "name or service",
)  # fmt: skip
_GRADES = {"LOW": "LOW", "MODERATE": "MEDIUM", "MEDIUM": "MEDIUM", "HIGH": "HIGH", "CRITICAL": "CRITICAL"}
_FAILING = frozenset({"CRITICAL", "HIGH"})
_VULNERABILITY = re.compile(r"[A-Z]{2,10}-[\w-]{3,40}")
OSV = "https://api.osv.dev/v1/vulns"


class UnreachableError(SoakctlError):
    """The index of vulnerabilities could not be asked."""

    exit_code = ExitCode.API_ERROR


def run_security_audit(asked: SecurityAudit, bench: Bench) -> Outcome:
    """Python's requirements with pip-audit, Rust's lock file with cargo audit. Critical, high and unknown fail."""
    files, cargo = bench.find(asked.requirements), bench.exists("Cargo.lock")
    if not files and not cargo:
        raise MissingInputError("neither requirements nor Cargo.lock", where="validate.security_audit.requirements")
    problems: list[str] = []
    notes: list[str] = []
    for path in files:
        found, looked = _python(path, asked, bench)
        problems += [text for grade, text in found if grade in _FAILING]
        notes += [text for grade, text in found if grade not in _FAILING]
        notes.append(f"{path}: {looked} packages looked up")
    if cargo:
        problems += _cargo(asked, bench)
    return Outcome(tuple(problems), notes=tuple(notes))


def _python(path: str, asked: SecurityAudit, bench: Bench) -> tuple[list[tuple[str, str]], int]:
    tool = bench.which("pip-audit", own=True)
    if tool is None:
        raise DependencyError("pip-audit is not installed", hint="pip install 'soakctl[audit]'")
    ignored = [word for one in asked.ignore for word in ("--ignore-vuln", one)]
    # Nothing is installed or resolved: what is asked about is what the file pins.
    argv = [tool, "--strict", "-r", path, "-s", "osv", "-f", "json", "--no-deps", "--disable-pip", *ignored]
    done = bench.run([*argv, "--progress-spinner", "off", "--desc", "off"])
    try:
        document = json.loads(done.stdout)
    except ValueError:
        raise _no_answer(path, done.failure(), done.stderr) from None
    return audited(path, document, lambda name: _severity(name, bench))


def _no_answer(path: str, why: str, stderr: str) -> SoakctlError:
    text = f"{why} {stderr}".lower()
    if any(word in text for word in _UNREACHABLE):
        return UnreachableError(f"the index of vulnerabilities cannot be reached: {why}", where=path)
    return ConfigError(f"pip-audit: {why}", where=path, hint="pin each package with ==")


def audited(
    path: str, document: Mapping[str, Any], severity: Callable[[Mapping[str, Any]], str]
) -> tuple[list[tuple[str, str]], int]:
    """The vulnerabilities of pip-audit's answer with their grades, and how many packages were looked up.

    Raises SoakctlError for an answer about nothing: it would read as if all were well.
    """
    found: list[tuple[str, str]] = []
    looked = 0
    for package in document.get("dependencies", ()):
        if package.get("skip_reason"):
            found.append(("HIGH", f"{path}: {package.get('name')}: not audited: {package['skip_reason']}"))
            continue
        looked += 1
        for one in package.get("vulns", ()):
            grade = severity(one)
            fixes = ", ".join(one.get("fix_versions") or ()) or "none yet"
            text = f"{path}: {package['name']} {package['version']}: {one['id']} {grade or 'severity unknown'}"
            found.append((grade or "HIGH", f"{text}; fixed in {fixes}"))
    if not looked and not found:
        raise SoakctlError("not one package was looked up", where=path)
    return found, looked


def _severity(one: Mapping[str, Any], bench: Bench) -> str:
    """The grade that OSV gives, "" where nobody knows; unknown counts as high."""
    names = [one["id"], *(one.get("aliases") or ())]
    for name in sorted(names, key=lambda name: not str(name).startswith("GHSA-")):
        if _VULNERABILITY.fullmatch(str(name)):
            grade = graded(bench.fetch_json(f"{OSV}/{name}"))
            if grade:
                return grade
    return ""


def graded(entry: Any) -> str:
    """The grade in an entry of OSV: CRITICAL, HIGH, MEDIUM or LOW; "" where it has none."""
    given = (entry.get("database_specific") or {}).get("severity") if isinstance(entry, dict) else None
    return _GRADES.get(given.upper(), "") if isinstance(given, str) else ""


def _cargo(asked: SecurityAudit, bench: Bench) -> list[str]:
    if bench.which("cargo-audit") is None:
        raise DependencyError("cargo-audit is not installed", hint="cargo install cargo-audit", where="Cargo.lock")
    ignored = [word for one in asked.ignore for word in ("--ignore", one)]
    done = bench.run(["cargo-audit", "audit", "--json", *ignored])
    try:
        document = json.loads(done.stdout)
        listed: Sequence[Mapping[str, Any]] = document["vulnerabilities"]["list"]
        looked = int(document["lockfile"]["dependency-count"])
    except (ValueError, KeyError, TypeError):
        raise _no_answer("Cargo.lock", done.failure(), done.stderr) from None
    if not looked and not listed:
        raise SoakctlError("not one package was looked up", where="Cargo.lock")
    return [
        f"Cargo.lock: {one['package']['name']} {one['package']['version']}: {one['advisory']['id']}" for one in listed
    ]
