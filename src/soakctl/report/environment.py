"""A snapshot of the environment for people, in the order in which they ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from soakctl.domain.ansi import without_escapes
from soakctl.domain.wording import counted, show_bytes, show_seconds
from soakctl.report.environment_parts import (
    credentials_lines,
    files_table,
    git_lines,
    network_parts,
    python_lines,
    variables_parts,
)
from soakctl.report.layout import Columns, Paragraph, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Part = Paragraph | Columns

_MOST_PROCESSES = 12
_MOST_NAMES = 40
_MOMENTS = {
    "asked": "when asked",
    "start": "at the start of a soak",
    "end": "at the end of a soak",
    "failure": "at a failure",
}
_QUESTIONS = {
    "service": "Is the service running?",
    "limits": "What may it use?",
    "system": "What machine is this?",
    "start": "How is it started?",
    "directory": "Where does it run?",
    "python": "Which Python has it?",
    "variables": "Which variables does it see?",
    "credentials": "Are its credentials there?",
    "files": "Is its configuration whole?",
    "git": "Which code is this?",
    "network": "Can it reach what it needs?",
}


def environment_report(document: Mapping[str, Any], *, everything: bool = False) -> Report:
    """The page. `everything` names each package and file instead of the ones that matter most."""
    moment = _MOMENTS.get(str(document.get("moment")), str(document.get("moment")))
    title = f"Environment at {document.get('taken_utc')}, {moment}, soakctl {document.get('soakctl_version')}"
    parts: list[Part] = [line(title)]
    tell: dict[str, Callable[[Any], Sequence[Part]]] = {
        "service": lambda found: _lines(_service(found)),
        "limits": lambda found: _lines(_limits(found)),
        "system": lambda found: _lines(_system(found)),
        "start": lambda found: _lines([found.get("command") or "no command is configured (service.command)"]),
        "directory": lambda found: _lines(_directory(found, everything=everything)),
        "python": lambda found: _lines(python_lines(found, everything=everything)),
        "variables": variables_parts,
        "credentials": lambda found: _lines(credentials_lines(found)),
        "files": lambda found: [files_table(found)],
        "git": lambda found: _lines(git_lines(found)),
        "network": network_parts,
    }
    for section, question in _QUESTIONS.items():
        found = document.get(section)
        told = tell[section](found) if found else _lines([_nothing(section, document)])
        parts += [line(), Paragraph(((question, "bold"),)), *told]
    others = [str(note.get("problem")) for note in _notes(document) if note.get("section") not in _QUESTIONS]
    if others:
        parts += [line(), Paragraph((("What else is not known?", "bold"),)), *_lines(others)]
    return Report(tuple(parts))


def line(text: str = "") -> Paragraph:
    """A paragraph without a style; what would move a terminal is taken out."""
    return Paragraph(((without_escapes(text), ""),))


def _lines(texts: Iterable[str]) -> list[Part]:
    return [Paragraph(((without_escapes(text), ""),), indent=2) for text in texts]


def _nothing(section: str, document: Mapping[str, Any]) -> str:
    """Why there is nothing to tell: it could not be found out, or there is nothing."""
    problems = [str(note.get("problem")) for note in _notes(document) if note.get("section") == section]
    if problems:
        return f"not found out: {'; '.join(problems)}"
    return {
        "service": "no running service is known; name one with --pid",
        "python": "it is not run by Python, as far as its command tells",
        "credentials": "none are configured (service.secrets)",
        "files": "none are configured (snapshot.files), and no well-known one is there",
        "git": "not a git repository",
        "network": "no hosts are configured (snapshot.hosts), so none was asked",
    }.get(section, "nothing is known")


def _notes(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [note for note in document.get("notes") or () if isinstance(note, Mapping)]


def _service(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"process {found.get('pid')}, for {_seconds(found.get('age_s'))}, since {found.get('started_utc')}"
    cpu = found.get("cpu_percent")
    used = [
        "CPU unknown" if cpu is None else f"CPU {cpu:g} % of a core",
        f"memory {_bytes(found.get('rss_bytes'))}",
        f"{_known(found.get('fds'))} descriptors",
        f"{_known(found.get('threads'))} threads",
    ]
    yield ", ".join(used)
    ports = found.get("ports")
    yield f"listens on {', '.join(ports)}" if ports else "listens on no port" if ports == [] else "ports unknown"
    processes = found.get("processes") or []
    for each in processes[:_MOST_PROCESSES]:
        yield f"{each.get('pid')}  {_bytes(each.get('rss_bytes'))}  {' '.join(map(str, each.get('command') or []))}"
    if len(processes) > _MOST_PROCESSES:
        yield f"and {counted(len(processes) - _MOST_PROCESSES, 'process', 'processes')} more"
    if found.get("libraries"):
        yield f"loaded: {', '.join(found['libraries'])}"


def _limits(found: Mapping[str, Any]) -> Iterator[str]:
    cores = found.get("cpu_limit")
    memory = found.get("memory_limit_bytes")
    yield f"container: {found.get('container')}, cgroups version {_known(found.get('cgroup_version'))}"
    yield (
        f"CPU {_known(cores)}{' cores' if isinstance(cores, (int, float)) else ''}, "
        f"memory {_bytes(memory)}, processes {_known(found.get('pids_limit'))} by its cgroup"
    )
    yield (
        f"open files {_known(found.get('open_files_soft'))} (hard {_known(found.get('open_files_hard'))}), "
        f"processes {_known(found.get('processes_soft'))}, stack {_bytes(found.get('stack_bytes_soft'))}, "
        f"address space {_bytes(found.get('address_space_bytes_soft'))}"
    )


def _system(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found.get('distribution') or found.get('os')}, kernel {found.get('kernel')}, {found.get('architecture')}"
    yield f"host {found.get('host')}, up for {_seconds(found.get('uptime_s'))}"
    load = found.get("load")
    busy = f", load {' '.join(f'{each:g}' for each in load)}" if load else ""
    yield f"{found.get('cpu_usable')} of {found.get('cpu_count')} CPUs usable ({found.get('cpu_model')}){busy}"
    yield (
        f"memory {_bytes(found.get('memory_available_bytes'))} available of {_bytes(found.get('memory_bytes'))}, "
        f"swap {_bytes(found.get('swap_bytes'))}"
    )
    yield f"disk {_bytes(found.get('disk_free_bytes'))} free of {_bytes(found.get('disk_total_bytes'))}"
    synchronized = ", synchronized" if found.get("clock_synchronized") else ""
    yield f"clock {found.get('clock_utc')}{synchronized}"
    yield f"time zone {found.get('timezone')}, locale {found.get('locale')}"


def _directory(found: Mapping[str, Any], *, everything: bool) -> Iterator[str]:
    yield f"{found.get('path')}{'' if found.get('writable') else ' (cannot be written)'}"
    listing = found.get("listing") or []
    shown = listing if everything else listing[:_MOST_NAMES]
    names = [f"{each.get('name')}{'/' if each.get('kind') == 'directory' else ''}" for each in shown]
    more = int(found.get("entries") or 0) - len(names)
    yield (", ".join(names) + (f" and {more} more" if more > 0 else "")) or "empty"


def _bytes(value: Any) -> str:
    return show_bytes(value) if isinstance(value, (int, float)) else _known(value)


def _seconds(value: Any) -> str:
    return show_seconds(value) if isinstance(value, (int, float)) else _known(value)


def _known(value: Any) -> str:
    return "unknown" if value is None else str(value)
