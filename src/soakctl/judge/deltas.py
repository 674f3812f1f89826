"""Whether the parameter changes of a run were really applied: verified from what was recorded, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import BlockedError, cast, look_up, moved, put, same, state_hash
from soakctl.domain.deltas import Problem, Verified
from soakctl.domain.sample import is_number
from soakctl.judge.delta_places import leaves, place, place_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soakctl.domain.config.tuning import Parameter
    from soakctl.judge.delta_places import Place

_WORDS = frozenset({"reason", "rationale", "conflicts"})
_HASHES = ("state_hash", "old_hash")
_HASH = re.compile(r"[0-9a-f]{64}")
_HASH_SHOWN = 12
_NOTHING = object()


def verify_rows(
    rows: Mapping[int, Mapping[str, Any]],
    specs: Mapping[str, Parameter],
    found_at_first: Mapping[int, Mapping[str, Any]] | None = None,
    *,
    begun: Mapping[str, Any] | None = None,
) -> list[Verified]:
    """Each iteration of a tuned run against the one before it. Rows are as in `ITER_SUMMARY_<n>.json`.

    `found_at_first`: the parameters as they were before a change was proposed, by iteration, where that was recorded.
    `begun`: the parameters that the run began with, where they were.
    """
    found: list[Verified] = []
    start = None if begun is None else {"parameters": begun, "state_hash": state_hash(begun)}
    before: tuple[int, Mapping[str, Any]] | None = None
    for number, row in sorted(rows.items()):
        earlier = start if before is None else before[1]
        look = _Look(number, row, earlier, specs, (found_at_first or {}).get(number))
        look.result.before = None if before is None else before[0]
        found.append(look.verified())
        before = (number, row)
    return found


class _Look:
    """One row beside the one before it."""

    def __init__(
        self,
        number: int,
        row: Mapping[str, Any],
        earlier: Mapping[str, Any] | None,
        specs: Mapping[str, Parameter],
        at_first: Mapping[str, Any] | None,
    ) -> None:
        self.row, self.specs, self.number = row, specs, number
        self.earlier = earlier
        self.start = at_first if at_first is not None else (self.earlier or {}).get("parameters")
        self.result = Verified(number, None)
        self.values: Mapping[str, Any] = row.get("values") or {}
        self.after = row.get("parameters")

    def verified(self) -> Verified:
        """The row with its outcome."""
        result, row = self.result, self.row
        skip = row.get("skip_reason")
        held = skip.get("keys", {}) if isinstance(skip, dict) else {}
        result.proposed = tuple(sorted(row.get("proposed_deltas") or {}))
        result.skipped = {key: why["guard"] for key, why in sorted(held.items()) if _says_why(why)}
        result.reverted = row.get("revert_of") is not None and bool(row.get("applied"))
        self._states()
        self._outcomes()
        if self.after is not None:
            self._places()
            self._parameters()
        result.problems.sort(key=lambda problem: problem.key in _HASHES)  # what a person knows by name comes first
        broken = {problem.key for problem in result.problems}
        written = tuple(sorted(key for key, value in self.values.items() if value.get("found") is not None))
        result.applied = tuple(key for key in written if key not in broken)
        result.match = None if self.after is None else not result.problems
        self._conclude(written)
        return result

    def _wrong(self, key: str, what: str, meant: Any, found: Any) -> None:
        self.result.problems.append(Problem(self.number, key, what, shown(meant), shown(found)))

    def _states(self) -> None:
        """The hashes: of the parameters as recorded, and from one iteration to the next."""
        row, recorded = self.row, self.row.get("state_hash")
        if self.after is not None:
            own = state_hash(self.after)
            if own != recorded:
                self._wrong("state_hash", "the hash is not that of the recorded parameters", own, recorded)
        old = row.get("old_hash")
        last = None if self.earlier is None else self.earlier.get("state_hash")
        if last is not None and old != last:
            self._wrong("old_hash", "the state changed between two iterations without a proposal", last, old)
        self._before(old)
        start = last if last is not None else old
        self.result.changed = None if recorded is None or start is None else recorded != start
        if self.result.changed is False:
            for key, value in sorted(self.values.items()):
                if value.get("found") is not None:
                    what = "it is marked applied, and the hash of the state did not change"
                    self._wrong(key, what, value.get("meant"), value["found"])
        if self.result.changed and not row.get("applied"):
            self._wrong("state_hash", "the hash changed and nothing was applied", start, recorded)

    def _before(self, old: Any) -> None:
        """The hash of before the change: of the parameters with each changed one put back."""
        if self.after is None:
            return
        try:
            own = state_hash(_put_back(self.after, self.values))
        except BlockedError:
            return  # a key stands where none belongs, which is told by itself
        if own != old:
            what = "the hash of before is not that of the recorded parameters with the changes put back"
            self._wrong("old_hash", what, own, old)

    def _outcomes(self) -> None:
        """Each proposed key has exactly one outcome, and what was meant is before plus delta."""
        deltas = self.row.get("proposed_deltas") or {}
        for key in sorted({*deltas, *self.values}):
            value = self.values.get(key)
            if value is None or key not in deltas:
                self._wrong(key, "it is proposed in one place and not in the other", key in deltas, value is not None)
                continue
            applied, held = value.get("found") is not None, key in self.result.skipped
            if applied and held:
                self._wrong(key, "it was both applied and held back", "one outcome", "two")
            if applied and not self.row.get("applied"):
                self._wrong(key, "a value was found for what was not applied", "not applied", value["found"])
            self._meant(key, value, deltas[key])

    def _meant(self, key: str, value: Mapping[str, Any], delta: Any) -> None:
        spec = self.specs.get(key)
        if spec is None:
            self._wrong(key, "it is no parameter of this run", "a known parameter", key)
            return
        if value.get("path") != spec.path:
            self._wrong(key, "a key in the wrong place", spec.path, value.get("path"))
        if not same(delta, value.get("delta")):
            self._wrong(key, "the delta is told in two ways", delta, value.get("delta"))
        try:
            meant = moved(spec, value["before"], value["delta"])
        except (KeyError, TypeError, ValueError, ArithmeticError):
            self._wrong(key, "before and delta are no numbers", "numbers", [value.get("before"), value.get("delta")])
            return
        if not same(meant, value.get("meant")):
            self._wrong(key, "what was meant is not before plus delta", meant, value.get("meant"))
        if value.get("found") is not None and not same(value["found"], value.get("meant")):
            self._wrong(key, mistake(value, value["found"]), value.get("meant"), value["found"])

    def _places(self) -> None:
        """Nothing stands where no parameter belongs."""
        known = {place(spec.path) for spec in self.specs.values()}
        for where, value in leaves(self.after):
            if where not in known:
                key, belongs = place_of(where, self.specs)
                self._wrong(key, "a key in the wrong place", belongs, f"{told(where)} = {shown(value)}")

    def _parameters(self) -> None:
        """Each parameter is what it was, or what was meant where it was changed."""
        before = self.start
        for key, spec in self.specs.items():
            value = self.values.get(key, {})
            stands = _standing(self.after, spec.path)
            changed = value.get("found") is not None
            was = _standing(before, spec.path) if before is not None else None
            if value and was is not None and not same(value.get("before"), was):
                self._wrong(key, "the value before is not the one recorded last", was, value.get("before"))
            if changed:
                if not same(stands, value.get("meant")):
                    self._wrong(key, mistake(value, stands), value.get("meant"), stands)
                continue
            expected = was if before is not None else value.get("before", stands)
            if stands is None:
                self._wrong(key, "the parameter is missing", expected, None)
            elif not same(stands, expected):
                self._wrong(key, "it changed without an applied proposal", expected, stands)
            elif not _possible(spec, stands):
                self._wrong(key, "out of bounds", f"{spec.min:g} to {spec.max:g}", stands)

    def _conclude(self, written: tuple[str, ...]) -> None:
        result, row = self.result, self.row
        result.reason = _reason(row)
        marked = bool(row.get("applied"))
        open_ = [key for key in result.proposed if key not in written and key not in result.skipped]
        result.stuck = marked and result.changed is False
        if result.problems:
            result.failed(())
        elif result.stuck:
            result.outcome, result.reason = "stuck", "marked applied, and the state is as it was"
        elif open_:
            result.outcome, result.reason = "failed", f"no outcome was recorded for {', '.join(open_)}"
        elif not result.proposed:
            result.outcome = "none"
        elif not written:
            result.outcome = "skipped"
        else:
            result.outcome = "partial" if result.skipped else "full"


def _says_why(why: Mapping[str, Any]) -> bool:
    """Whether it names a guard and gives a reason; blanks are neither."""
    return all(isinstance(why.get(name), str) and why[name].strip() for name in ("guard", "reason"))


def _put_back(parameters: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters as they were before the changes that were found behind a write."""
    document = dict(parameters)
    for value in values.values():
        if value.get("found") is not None:
            put(document, value["path"], value.get("before"))
    return document


def _possible(spec: Parameter, value: Any) -> bool:
    return is_number(value) and same(value, cast(spec, value)) and spec.min <= value <= spec.max


def _reason(row: Mapping[str, Any]) -> str:
    skip = row.get("skip_reason")
    told = skip.get("reason", "") if isinstance(skip, dict) else skip
    return str(told or row.get("reason") or "")


def _standing(document: Any, path: str) -> Any:
    try:
        return look_up(document, path)
    except BlockedError:
        return None


def mistake(value: Mapping[str, Any], found: Any) -> str:
    """What became of a value that is not the one that was meant."""
    number = is_number(found)
    if found is None:
        return "the key is not where it belongs"
    if number and found == value.get("delta"):
        return "the delta was written as the value"
    if number and found == value.get("before"):
        return "the value is still the one before"
    return "the value is not what was meant"


def shown(value: Any) -> str:
    """A recorded value for people, cut where it is long; a hash by its beginning."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else repr(value)
    if _HASH.fullmatch(text):
        return f"{text[:_HASH_SHOWN]}…"
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004


def differences(journal: Mapping[str, Any], document: Any) -> Iterator[tuple[Place, Any, Any]]:
    """Each place in which a document tells another story than the journal: where, theirs, its own.

    What is told in words is left out: it proves nothing, and is redacted once more on its way into a document.
    """
    one, other = (
        {where: value for where, value in leaves(part) if not _in_words(where)} for part in (journal, document)
    )
    for where in sorted({*one, *other}):
        if not same(one.get(where, _NOTHING), other.get(where, _NOTHING)):
            yield where, one.get(where), other.get(where)


def _in_words(where: Place) -> bool:
    return where[0] in _WORDS or (where[0] == "skip_reason" and where[-1] == "reason")
