"""The longer answers of a snapshot's page: Python, variables, credentials, files, code, hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from soakctl.domain.ansi import without_escapes
from soakctl.domain.wording import counted, show_bytes
from soakctl.report.layout import Columns, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soakctl.report.layout import Piece

_HASH = 12
_SOON_DAYS = 30
_NARROW = 80  # columns of a usual terminal
_BETWEEN = 2
_MOST_CHANGED = 10


def python_lines(found: Mapping[str, Any], *, everything: bool) -> Iterator[str]:
    """The interpreter, its packages that the project asks for, and those from elsewhere than an index."""
    yield f"{found.get('implementation')} {found.get('version')}, found by {found.get('found_by')}"
    yield str(found.get("executable"))
    if found.get("prefix") != found.get("base_prefix"):
        yield f"virtual environment {found.get('prefix')} of {found.get('base_prefix')}"
    libraries = [f"{name} {version}" for name, version in (found.get("libraries") or {}).items() if version]
    if libraries:
        yield f"with {', '.join(libraries)}"
    packages: Mapping[str, Mapping[str, Any]] = found.get("packages") or {}
    shown = {name: each for name, each in packages.items() if everything or each.get("direct")}
    rest = len(packages) - len(shown)
    listed = ", ".join(f"{name} {each.get('version')}" for name, each in sorted(shown.items()))
    yield f"{counted(len(packages), 'package')}: {listed or 'none asked for by name'}{_others(rest)}"
    for name, each in sorted(packages.items()):
        if each.get("direct_url"):
            commit = f" at {str(each['commit'])[:_HASH]}" if each.get("commit") else ""
            yield f"{name} comes from {each['direct_url']}{commit}{', editable' if each.get('editable') else ''}"
    yield f"looks for modules in {', '.join(map(str, found.get('path') or [])) or 'no place'}"


def _others(count: int) -> str:
    return f", and {count} that these bring (-v names them)" if count > 0 else ""


def variables_parts(found: Mapping[str, Mapping[str, Any]]) -> list[Paragraph | Columns]:
    """Values that may be shown, then the names of the others; those that are missing or empty before."""
    values = [(name, each["value"]) for name, each in found.items() if "value" in each]
    parts: list[Paragraph | Columns] = []
    for state in ("absent", "empty"):
        names = [name for name, each in found.items() if each.get("state") == state]
        if names:
            parts.append(_indented(f"{state}: {', '.join(names)}"))
    parts += [_indented(f"{name}={value}") for name, value in values]
    hidden = [name for name, each in found.items() if each.get("state") == "present" and "value" not in each]
    if hidden:
        parts.append(_indented(f"present, not shown: {', '.join(hidden)}"))
    return parts


def credentials_lines(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each one: where it was found, or that it was not."""
    for each in found:
        state = f"present, from {each.get('source')}" if each.get("present") else "MISSING"
        yield f"{each.get('name')}: {state}"


def files_table(found: Mapping[str, Mapping[str, Any]]) -> Columns:
    """A row a file."""
    rows = [
        _row(path, _state(each), _size(each), _minute(each.get("modified_utc")), str(each.get("sha256") or "")[:_HASH])
        for path, each in found.items()
    ]
    return Columns(("  file", "state", "size", "changed", "hash"), tuple(rows))


def _state(file: Mapping[str, Any]) -> str:
    if not file.get("exists"):
        return "MISSING"
    if file.get("problem"):
        return str(file["problem"])
    named = (file.get("counts") or {}).items()
    counts = [f"{name}: not found" if count is None else f"{count} {name}" for name, count in named]
    secret = ["with secrets"] if file.get("holds_secrets") else []
    kind = [f"valid {file['format']}"] if file.get("format") else ["there"]
    return ", ".join([*kind, *counts, *secret])


def _size(file: Mapping[str, Any]) -> str:
    size = file.get("size_bytes")
    return show_bytes(size) if isinstance(size, (int, float)) else ""


def git_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The commit, and what no commit holds."""
    commit = found.get("commit")
    yield f"{str(commit)[:_HASH] if commit else 'no commit yet'} on {found.get('branch')}"
    changed = found.get("changed") or []
    count = int(found.get("changed_count") or 0)
    more = f" and {count - _MOST_CHANGED} more" if count > _MOST_CHANGED else ""
    names = f": {', '.join(changed[:_MOST_CHANGED])}{more}" if changed else ""
    untracked = int(found.get("untracked_count") or 0)
    yield (
        f"{counted(count, 'changed file')}{names}; {untracked} untracked"
        if count
        else f"no changes; {untracked} untracked"
    )
    if found.get("remote"):
        yield f"from {found['remote']}"


def network_parts(found: Sequence[Mapping[str, Any]]) -> list[Paragraph | Columns]:
    """A row a host; where the columns would tear their names, each on lines of its own."""
    table = _network_table(found)
    columns = zip(table.titles, *([text for text, _ in row] for row in table.rows), strict=True)
    widths = [max(map(cell_len, column)) for column in columns]
    if sum(min(width, widths[0]) + _BETWEEN for width in widths) - _BETWEEN <= _NARROW:  # the widest give way first
        return [table]
    parts: list[Paragraph | Columns] = []
    for each in found:
        times = ((name, _ms(each.get(f"{key}_ms"))) for name, key in (("name", "dns"), ("connection", "connect")))
        certificate = _certificate(each.get("tls"))
        told = [_reached(each), *(f"{name} {time}" for name, time in times if time)]
        told += [f"certificate {certificate}"] if certificate else []
        parts += [_indented(str(each.get("target"))), _indented(", ".join(told), indent=4)]
    return parts


def _network_table(found: Sequence[Mapping[str, Any]]) -> Columns:
    rows = [_row(str(each.get("target")), _reached(each), _ms(each.get("dns_ms")), _ms(each.get("connect_ms")),
                 _certificate(each.get("tls"))) for each in found]  # fmt: skip
    return Columns(("  host", "state", "name", "connection", "certificate"), tuple(rows))


def _reached(host: Mapping[str, Any]) -> str:
    return "reached" if host.get("reached") else f"NOT REACHED: {host.get('problem')}"


def _ms(value: Any) -> str:
    return f"{value:g} ms" if isinstance(value, (int, float)) else ""


def _certificate(tls: Any) -> str:
    if not isinstance(tls, Mapping):
        return ""
    days = tls.get("expires_days")
    until = f"until {str(tls.get('expires_utc'))[:10]}" if tls.get("expires_utc") else ""
    soon = f", {counted(days, 'day')} left" if isinstance(days, int) and 0 <= days < _SOON_DAYS else ""
    over = ", EXPIRED" if isinstance(days, int) and days < 0 else ""
    return "; ".join(part for part in (str(tls.get("problem") or ""), f"{until}{soon}{over}") if part)


def _row(first: str, *cells: str) -> tuple[Piece, ...]:
    return tuple((without_escapes(cell), "") for cell in (f"  {first}", *cells))


def _indented(text: str, *, indent: int = 2) -> Paragraph:
    return Paragraph(((without_escapes(text), ""),), indent=indent)


def _minute(moment: Any) -> str:
    """2025-11-21T02:00Z: seconds are for programs."""
    return f"{moment[:16]}Z" if isinstance(moment, str) else ""
