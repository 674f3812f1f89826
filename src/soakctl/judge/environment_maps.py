"""The parts of a snapshot that have names: packages, variables, credentials, files, hosts, ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from soakctl.domain.environment import Difference
from soakctl.domain.wording import counted
from soakctl.judge.environment_fields import said, sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Found = tuple[list[Difference], list[str]]
# A shell or a login sets them anew each time; the service does not look at them.
_OF_THE_SHELL = frozenset(
    "_ SHLVL PWD OLDPWD TERM TERM_PROGRAM TERM_PROGRAM_VERSION TERM_SESSION_ID COLORTERM COLUMNS LINES PS1 PS2 PROMPT "
    "LS_COLORS WINDOWID DISPLAY WAYLAND_DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS INVOCATION_ID JOURNAL_STREAM "
    "SYSTEMD_EXEC_PID STY TMUX TMUX_PANE SECURITYSESSIONID SOAKCTL_RUN SOAKCTL_COMMAND HISTFILE HISTSIZE LESSOPEN "
    "LESSCLOSE VIRTUAL_ENV_PROMPT WSL_INTEROP".split()
)
_REDACTED = "[REDACTED"  # what is hidden of two values may differ: only their fingerprints tell
_SHELL_PREFIXES = ("SSH_", "XDG_SESSION", "ITERM_", "VSCODE_", "BASH_FUNC_")


def _map(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any] | None:
    """The mapping under these keys, None where there is none."""
    found: Any = document
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _named(document: Mapping[str, Any], section: str, key: str) -> Mapping[str, Any] | None:
    """The mappings of a list, each by the text under `key`."""
    rows = document.get(section)
    if not isinstance(rows, list):
        return None
    return {str(row[key]): row for row in rows if isinstance(row, Mapping) and key in row}


def _pairs(
    first: Mapping[str, Any] | None, second: Mapping[str, Any] | None
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Each name with what both have; an empty mapping where one has nothing."""
    if first is None or second is None:
        return
    for name in sorted({*first, *second}):
        pair = [each.get(name) for each in (first, second)]
        one, other = (value if isinstance(value, Mapping) else {} for value in pair)
        if one or other:
            yield name, one, other


def compare_packages(first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
    """Packages of the service's Python: missing, another version, another source."""
    pairs = _pairs(_map(first, "python", "packages"), _map(second, "python", "packages"))
    return [each for pair in pairs for each in _package(*pair)], []


def _package(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    direct = bool(before.get("direct") or after.get("direct"))
    what = f"package {name}"
    if not before or not after:
        why = "the project asks for it" if direct else "another package may ask for it"
        yield Difference("python", what, _version(before), _version(after), 10 if direct else 14, why)
        return
    versions = before.get("version"), after.get("version")
    if versions[0] != versions[1]:
        major = str(versions[0]).split(".")[0] != str(versions[1]).split(".")[0]
        rank, why = (20, "the project asks for it") if direct else (50 if major else 55, "")
        yield Difference("python", what, said(versions[0]), said(versions[1]), rank, why)
    sources = _source(before), _source(after)
    if sources[0] != sources[1]:
        yield Difference(
            "python", f"source of {what}", sources[0], sources[1], 22, "the same version may hold other code"
        )


def _version(package: Mapping[str, Any]) -> str:
    return said(package.get("version")) if package else "not installed"


def _source(package: Mapping[str, Any]) -> str:
    if not package.get("direct_url"):
        return "a package index"
    commit = f" at {package['commit']}" if package.get("commit") else ""
    return f"{package['direct_url']}{commit}{' (editable)' if package.get('editable') else ''}"


def compare_variables(first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
    """Variables: there in one only, or another value, as far as the fingerprints' keys let it be told."""
    keys = [_map(each, "key") for each in (first, second)]
    comparable = keys[0] is not None and keys[1] is not None and keys[0].get("id") == keys[1].get("id")
    found: list[Difference] = []
    open_ones: list[str] = []
    told = {each.what.removeprefix("credential ") for each in compare_credentials(first, second)[0]}
    for name, before, after in _pairs(_map(first, "variables"), _map(second, "variables")):
        if name in _OF_THE_SHELL or name.startswith(_SHELL_PREFIXES):
            continue
        if name in told and before.get("state") != after.get("state"):
            continue  # a credential that is missing is told as such
        difference = _variable(name, before, after, comparable=comparable)
        if isinstance(difference, Difference):
            found.append(difference)
        elif difference is None:
            open_ones.append(name)
    return found, _not_comparable("variable", "variables", open_ones)


def _variable(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any], *, comparable: bool
) -> Difference | bool | None:
    """The difference, False for none, None where that cannot be told."""
    states = str(before.get("state") or "absent"), str(after.get("state") or "absent")
    configured = bool(before.get("configured") or after.get("configured"))
    what = f"variable {name}"
    if states[0] != states[1]:
        why = "the configuration speaks of it" if configured else ""
        return Difference("variables", what, states[0], states[1], 24 if configured else 30, why)
    if states[0] != "present":
        return False
    rank = 39 if configured else 50
    if "value" in before and "value" in after:
        values = said(before["value"]), said(after["value"])
        if values[0] != values[1]:
            return Difference("variables", what, values[0], values[1], rank)
        if _REDACTED not in values[0]:
            return False
    marks = before.get("fingerprint"), after.get("fingerprint")
    if not comparable or None in marks:
        return None
    return marks[0] != marks[1] and Difference("variables", what, "a value", "another value", rank)


def _not_comparable(kind: str, kinds: str, names: Iterable[str]) -> list[str]:
    listed = list(names)
    if not listed:
        return []
    shown = ", ".join(listed[:8]) + (", ..." if len(listed) > 8 else "")  # noqa: PLR2004
    why = "fingerprinted with other keys, see --key-file"
    return [f"{counted(len(listed), kind, kinds)} present in both, not comparable ({why}): {shown}"]


def compare_credentials(first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
    """Secrets that the configuration names: there is a value, or there is none."""
    found = []
    for name, before, after in _pairs(_named(first, "credentials", "name"), _named(second, "credentials", "name")):
        states = _presence(before), _presence(after)
        if states[0] != states[1]:
            found.append(
                Difference("credentials", f"credential {name}", states[0], states[1], 12, "the service asks for it")
            )
    return found, []


def _presence(credential: Mapping[str, Any]) -> str:
    if not credential:
        return "not configured"
    return "present" if credential.get("present") else "absent"


def compare_files(first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
    """Configuration files: there, whole, and the same."""
    keys = [_map(each, "key") for each in (first, second)]
    comparable = keys[0] is not None and keys[1] is not None and keys[0].get("id") == keys[1].get("id")
    found: list[Difference] = []
    open_ones: list[str] = []
    for name, before, after in _pairs(_map(first, "files"), _map(second, "files")):
        differences = list(_file(name, before, after, comparable=comparable))
        found += differences
        secret = before.get("holds_secrets") and after.get("holds_secrets")
        if not differences and secret and not comparable:
            open_ones.append(name)
    return found, _not_comparable("file with secrets", "files with secrets", open_ones)


def _file(name: str, before: Mapping[str, Any], after: Mapping[str, Any], *, comparable: bool) -> Iterator[Difference]:
    what = f"file {name}"
    if bool(before.get("exists")) != bool(after.get("exists")):
        yield Difference("files", what, _existence(before), _existence(after), 26)
        return
    valid = before.get("valid"), after.get("valid")
    if valid[0] != valid[1] and None not in valid:
        yield Difference("files", what, _soundness(before), _soundness(after), 16)
    elif None in valid and _soundness(before) != _soundness(after):
        yield Difference("files", what, _soundness(before), _soundness(after), 27)
    counts = before.get("counts"), after.get("counts")
    if isinstance(counts[0], Mapping) and isinstance(counts[1], Mapping):
        for key in sorted({*counts[0], *counts[1]}):
            pair = counts[0].get(key), counts[1].get(key)
            if pair[0] != pair[1] and None not in pair:
                yield Difference("files", f"{key} in {name}", said(pair[0]), said(pair[1]), 28)
    yield from _content(what, before, after, comparable=comparable)


def _existence(file: Mapping[str, Any]) -> str:
    if file.get("exists"):
        return "there"
    return "missing" if file else "missing, or not looked at"


def _soundness(file: Mapping[str, Any]) -> str:
    return said(file.get("problem") or "sound")


def _content(
    what: str, before: Mapping[str, Any], after: Mapping[str, Any], *, comparable: bool
) -> Iterator[Difference]:
    hashes = before.get("sha256"), after.get("sha256")
    if None in hashes:
        return
    if hashes[0] != hashes[1]:
        yield Difference("files", f"content of {what}", str(hashes[0])[:12], str(hashes[1])[:12], 40)
        return
    marks = before.get("fingerprint"), after.get("fingerprint")
    if comparable and None not in marks and marks[0] != marks[1]:
        yield Difference("files", f"secrets in {what}", "some", "others", 42)


def compare_network(first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
    """Configured hosts: reached, and with a trusted certificate."""
    found = []
    for name, before, after in _pairs(_named(first, "network", "target"), _named(second, "network", "target")):
        if not before or not after:
            continue  # only one of them was told to look
        states = _reach(before), _reach(after)
        if _kind(states[0]) != _kind(states[1]):
            found.append(Difference("network", f"host {name}", states[0], states[1], 15, "the service may need it"))
    return found, []


def _kind(state: str) -> str:
    """Without the reason that the system gave, which each system words in its own way; OpenSSL is one everywhere."""
    return state if "certificate" in state else state.partition(":")[0]


def _reach(host: Mapping[str, Any]) -> str:
    if not host.get("reached"):
        return said(host.get("problem") or "not reached")
    tls = host.get("tls")
    problem = tls.get("problem") if isinstance(tls, Mapping) else None
    return f"reached, {problem}" if problem else "reached"


def compare_ports(first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
    """The ports that the running service listens on; meaningless where one of them does not run."""
    ports = [(_map(each, "service") or {}).get("ports") for each in (first, second)]
    if not all(isinstance(each, list) for each in ports) or ports[0] == ports[1]:
        return [], []
    one, other = sides(ports[0], ports[1])
    return [Difference("service", "open ports", one, other, 29)], []
