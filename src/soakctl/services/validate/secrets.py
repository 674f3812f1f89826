"""The secrets section: what is committed and should not be, told by place and rule, never by value."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from soakctl.domain.validation import Outcome
from soakctl.errors import SoakctlError
from soakctl.services.validate.history import scan_history
from soakctl.services.validate.known import Known, known_of
from soakctl.services.validate.leaks import Forms, Leak, scan_file, scan_name
from soakctl.services.validate.sarif import sarif_document
from soakctl.services.validate.second_opinion import second_opinion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soakctl.domain.config.validate import SecretScan
    from soakctl.ports import Bench

_MOST_SHOWN = 50
SARIF = "validate/secrets.sarif"
_NO_SCAN = frozenset(
    "package-lock.json yarn.lock pnpm-lock.yaml poetry.lock uv.lock Cargo.lock go.sum composer.lock Gemfile.lock "
    "Pipfile.lock".split()
)


def scan_tree(asked: SecretScan, bench: Bench, values: Forms, known: Known) -> tuple[list[Leak], list[str]]:
    """What the files hold that are or could be committed, and the files that could not be read."""
    found: list[Leak] = []
    unread: list[str] = []
    aside = {*asked.whitelist, asked.baseline}
    for path in bench.committed():
        if path in aside or PurePosixPath(path).name in _NO_SCAN or known.excludes(path):
            continue
        found += scan_name(path, values)
        if not bench.exists(path):
            continue  # deleted and not committed yet, a submodule, a broken link
        try:
            found += scan_file(path, bench, values)
        except SoakctlError as error:
            unread.append(f"{path}: {error.message}")
    return found, unread


def _unknown(leaks: Iterable[Leak], known: Known, bench: Bench) -> Iterator[Leak]:
    """The leaks that nobody has let through, with their paths as they may be shown: one can hold a secret itself."""
    for leak in leaks:
        shown = leak._replace(path=bench.hide(leak.path))
        if not known.allows(leak) and not known.allows(shown):
            yield shown


def run_secrets(
    asked: SecretScan, bench: Bench, *, values: Forms, history: bool, update_baseline: bool = False
) -> Outcome:
    """Look through the tree, with `history` through all commits; write SARIF."""
    known = known_of(asked, bench)
    leaks, unread = scan_tree(asked, bench, values, known)
    if history or asked.history:
        leaks += [leak for leak in scan_history(bench, values) if not known.excludes(leak.path)]
    leaks = list(_unknown(leaks, known, bench))
    notes = list(known.notes)
    if update_baseline:
        _write_baseline(asked, bench, leaks)
        return Outcome(notes=(*notes, f"{asked.baseline} written with {len(leaks)} findings"))
    problems = [leak.told for leak in leaks] + [f"{text}; not scanned" for text in unread]
    problems += second_opinion(asked, bench, known, notes)
    report = bench.report_path(SARIF)
    bench.write(report, json.dumps(sarif_document(leaks), indent=2, sort_keys=True) + "\n")
    if leaks:
        notes.append(f"{report}; allow what is none with `pragma: allowlist secret`, or in {asked.whitelist[0]}")
    return Outcome(_shortened(problems), notes=tuple(notes))


def _shortened(problems: Sequence[str]) -> tuple[str, ...]:
    if len(problems) <= _MOST_SHOWN:
        return tuple(problems)
    return (*problems[:_MOST_SHOWN], f"and {len(problems) - _MOST_SHOWN} more")


def _write_baseline(asked: SecretScan, bench: Bench, leaks: Sequence[Leak]) -> None:
    results: dict[str, list[dict[str, object]]] = {}
    for leak in leaks:
        entry: dict[str, object] = {"rule": leak.rule, "line_number": leak.line, "sha256": leak.digest}
        results.setdefault(leak.path, []).append(entry)
    bench.write(asked.baseline, json.dumps({"results": results}, indent=2, sort_keys=True) + "\n")
