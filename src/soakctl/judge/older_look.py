"""An iteration that an older tool tuned, looked at beside the one before it: hashes, places and values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from soakctl.domain.delta import exact, state_hash
from soakctl.domain.deltas import Problem, Verified
from soakctl.domain.sample import is_number
from soakctl.judge.delta_places import Place, last_name, leaves, place, told
from soakctl.judge.deltas import mistake, shown
from soakctl.judge.older_row import OlderRow, proves

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soakctl.domain.config.tuning import Parameter

# Tools that reckon in binary miss the decimal sum by this much of it.
_BINARY = 1e-9
_HASHES = frozenset({"state_hash", "old_hash", "signature"})
_PLACE = "a key in the wrong place"


class Chain:
    """The rows in order, each beside the one before it."""

    def __init__(self, specs: Mapping[str, Parameter], *, signed: bool) -> None:
        """`signed`: a signature that does not call itself `state_hash` is one all the same."""
        self._specs = specs
        self._signed = signed
        self._places: dict[str, Place] = {}
        self._last: OlderRow | None = None

    def verified(self, row: OlderRow) -> Verified:
        """The row with its outcome."""
        last = self._last
        earlier = last if last is not None and last.number == row.number - 1 else None
        result = Verified(row.number, None if last is None else last.number, proposed=tuple(sorted(row.deltas)))
        result.skipped = {key: row.held[key] for key in sorted(row.held)}
        result.reason = row.reason
        _Look(row, earlier, self._specs, self._places, signed=self._signed).conclude(result)
        self._last = row
        return result


class _Look:
    """One row beside the one before it, if that was recorded."""

    def __init__(
        self,
        row: OlderRow,
        earlier: OlderRow | None,
        specs: Mapping[str, Parameter],
        places: dict[str, Place],
        *,
        signed: bool,
    ) -> None:
        self.row, self.earlier, self.specs, self.places = row, earlier, specs, places
        self.signed = signed or row.hashed
        self.before = dict(leaves(earlier.parameters)) if earlier is not None and earlier.parameters else {}
        self.after = dict(leaves(row.parameters)) if row.parameters is not None else None
        self.problems: list[Problem] = []
        self.meant: dict[str, float] = {}
        self.unknown: list[str] = []

    def conclude(self, result: Verified) -> None:
        """Look at everything, and say what it comes to."""
        row = self.row
        for key in row.written:
            self._key(key)
        if self.after is not None:
            self._rest(self.after)
            self._unknown(self.after)
        self._contradictions()
        result.changed = self._hashes()
        result.stuck = bool(row.deltas) and row.applied and result.changed is False
        # What a person knows by name comes first.
        self.problems.sort(key=lambda problem: (problem.key in _HASHES, problem.what != _PLACE))
        result.applied = tuple(key for key in row.written if key not in self.unknown)
        result.match = True if self.after is not None and not self.unknown else None
        result.outcome = self._outcome(result)
        result.failed(self.problems)

    def _contradictions(self) -> None:
        """What a row says of a key and denies in the same breath."""
        row, changed = self.row, self.row.changed or frozenset()
        if not row.applied:
            return
        for key, delta in row.deltas.items():
            value = row.values.get(key, {})
            meant = value.get("meant", f"a change by {delta:+g}")
            if key in changed and key in row.held:
                self._wrong(key, "it was both applied and held back", meant, "held back")
            elif key in changed and "found" in value and value["found"] is None:
                self._wrong(key, "it is told as changed, and nothing was found behind the write", meant, None)
            elif not row.written:
                self._wrong(key, "it is marked applied, and was held back", meant, "held back")

    def _outcome(self, result: Verified) -> str:
        row = self.row
        if not row.deltas:
            return "none"
        if self.unknown:
            result.reason = f"no values were recorded for {', '.join(self.unknown)}"
            return "unverified"
        if any(key not in row.held and key not in row.written for key in row.deltas):
            result.reason = "not applied, and no reason is told"
            return "failed"
        if not row.written:
            return "skipped"
        return "partial" if row.held else "full"

    def _wrong(self, key: str, what: str, meant: Any, found: Any) -> None:
        self.problems.append(Problem(self.row.number, key, what, shown(meant), shown(found)))

    def _key(self, key: str) -> None:
        """A parameter that is marked applied: its place, what was meant, and what stands there."""
        row, value = self.row, self.row.values.get(key, {})
        where = self._place(key)
        self._path(key)
        was = self.before.get(where) if where is not None else None
        told_before = value.get("before")
        if is_number(told_before) and is_number(was) and told_before != was:
            self._wrong(key, "the value before is not the one recorded last", was, told_before)
        before = told_before if is_number(told_before) else was
        stands = value.get("found")
        if where is not None and self.after is not None:
            stands = self.after.get(where)
        if before is None or (stands is None and self.after is None):
            self.unknown.append(key)
            return
        meant = self._meant(key, before, row.deltas[key], value.get("meant"))
        self.meant[key] = meant
        if stands is None:
            self._wrong(key, "the key is not where it belongs", self._told(key, meant), None)
        for found in (stands, value.get("found", stands)):
            if found is not None and not (is_number(found) and self._equal(found, meant, exactly="meant" in value)):
                self._wrong(key, mistake({"before": before, "delta": row.deltas[key]}, found), meant, found)
                break

    def _unknown(self, after: Mapping[Place, Any]) -> None:
        """Where no value tells what stood there, the hash of before may: of the parameters less what was applied."""
        row = self.row
        if not self.unknown or row.old is None or not row.hashed:
            return
        exactly, in_binary = dict(after), dict(after)
        for key in row.written:
            where = self._place(key)
            if where is None or not is_number(after.get(where)):
                return
            stands, told_before = after[where], row.values.get(key, {}).get("before")
            less = exact(stands) - exact(row.deltas[key])
            before = told_before if is_number(told_before) else int(less) if isinstance(stands, int) else float(less)
            exactly[where] = before
            in_binary[where] = told_before if is_number(told_before) else stands - row.deltas[key]
        if any(proves(row.old, _document(back)) for back in (exactly, in_binary)):
            self.unknown = []
            return
        for key in self.unknown:
            if after[self._place(key) or ()] == row.deltas[key]:
                meant = f"{row.deltas[key]:+g} on what stood there"
                self._wrong(key, "the delta was written as the value", meant, row.deltas[key])

    def _meant(self, key: str, before: float, delta: float, said: Any) -> float:
        """Before plus delta, within the bounds of the parameter where they are known."""
        total = float(exact(before) + exact(delta))
        spec = self.specs.get(key)
        clamped = total if spec is None else min(max(total, spec.min), spec.max)
        meant = clamped if spec is not None and self._place(key) == place(spec.path) else total
        meant = int(meant) if isinstance(before, int) and meant.is_integer() else meant
        if said is None:
            return meant
        if not is_number(said) or not self._equal(said, meant, exactly=False):
            self._wrong(key, "what was meant is not before plus delta", meant, said)
            return meant
        return float(said) if isinstance(said, float) else said

    @staticmethod
    def _equal(one: float, other: float, *, exactly: bool) -> bool:
        return one == other if exactly else math.isclose(one, other, rel_tol=_BINARY, abs_tol=0.0)

    def _told(self, key: str, meant: float) -> str:
        where = self.places.get(key)
        return shown(meant) if where is None else f"{told(where)} = {shown(meant)}"

    def _place(self, key: str) -> Place | None:
        """Where the parameter belongs: as configured, as before, as its own record says, else where alone it stands."""
        if key not in self.places:
            where = self._belongs(key)
            if where is None:
                return None
            self.places[key] = where
        return self.places[key]

    def _belongs(self, key: str) -> Place | None:
        spec, path = self.specs.get(key), self.row.values.get(key, {}).get("path")
        if spec is not None:
            return place(spec.path)
        own = place(path) if isinstance(path, str) and path else None
        if own in self.before:
            return own
        return self._named(key, self.before) or own or self._named(key, {**self.before, **(self.after or {})})

    @staticmethod
    def _named(key: str, document: Mapping[Place, Any]) -> Place | None:
        """Where its name stands. Of two the one that is nested: at the top is where a careless writer puts it."""
        named = [where for where in dict.fromkeys((place(key), (key,))) if where in document]
        named = named or [where for where in document if last_name(where) == key]
        named.sort(key=len, reverse=True)
        return named[0] if len(named) == 1 or (named and len(named[0]) > len(named[1])) else None

    def _path(self, key: str) -> None:
        """Its own record must not lead elsewhere."""
        path, where = self.row.values.get(key, {}).get("path"), self._place(key)
        if isinstance(path, str) and path and where is not None and place(path) != where:
            self._wrong(key, _PLACE, told(where), path)

    def _rest(self, after: Mapping[Place, Any]) -> None:
        """Every other value is what it was, and stands where it stood."""
        row = self.row
        own = {where: key for key in row.deltas if (where := self._place(key)) is not None}
        for where, value in after.items():
            stray = self._stray(where, own)
            if stray is not None:
                key, belongs = stray
                self._wrong(key, _PLACE, belongs, f"{told(where)} = {shown(value)}")
            elif where in self.before and own.get(where) not in row.written and value != self.before[where]:
                key = own.get(where, last_name(where))
                self._wrong(key, "it changed without an applied proposal", self.before[where], value)
            elif self.before and where not in self.before and where not in own:
                self._wrong(told(where), "it appeared without a proposal", None, value)
        for where, value in self.before.items():
            if where not in after and own.get(where) not in row.written:
                self._wrong(own.get(where, last_name(where)), "the parameter is missing", value, None)

    def _stray(self, where: Place, own: Mapping[Place, str]) -> tuple[str, str] | None:
        """The parameter that stands here and belongs elsewhere, and where."""
        if where in own or where in self.before:
            return None
        name = last_name(where)
        for belongs, key in own.items():
            if name in {key, last_name(belongs)} and (self.before or name == key or len(where) == 1):
                meant = self.meant.get(key)
                return key, told(belongs) if meant is None else f"{told(belongs)} = {shown(meant)}"
        twin = next((there for there in self.before if last_name(there) == name and there not in own), None)
        return None if twin is None else (name, told(twin))

    def _hashes(self) -> bool | None:
        """Whether the state changed, by its hashes; and whether they are those of the parameters."""
        row, earlier = self.row, self.earlier
        now, last = row.signature, None if earlier is None else earlier.signature
        name = "state_hash" if row.hashed else "signature"
        if now is not None and row.parameters is not None and self.signed and not proves(now, row.parameters):
            what = "the hash is not that of the recorded parameters"
            self._wrong(name, what, state_hash(row.parameters), now)
        if last is not None and row.old is not None and row.old != last:
            self._wrong("old_hash", "the state changed between two iterations without a proposal", last, row.old)
        self._old_hash()
        start = last if last is not None else row.old
        changed = None if now is None or start is None else now != start
        if changed is False:
            for key in row.written:
                what = "it is marked applied, and the hash of the state did not change"
                found = (self.after or {}).get(self._place(key) or (), row.values.get(key, {}).get("found", now))
                self._wrong(key, what, self.meant.get(key, f"a change by {row.deltas[key]:+g}"), found)
            if self.before and self.after is not None and self.before != self.after:
                self._wrong(name, "values changed under an unchanged hash", "another hash", now)
        if changed and not row.written:
            self._wrong(name, "the hash changed and nothing was applied", start, now)
        return changed

    def _old_hash(self) -> None:
        """The hash of before, of the parameters with the changes put back where it is told what stood there."""
        row = self.row
        befores = {key: row.values.get(key, {}).get("before") for key in row.written}
        if self.after is None or row.old is None or not row.hashed or None in befores.values():
            return
        back = dict(self.after)
        back.update({where: befores[key] for key in row.written if (where := self._place(key)) is not None})
        if not proves(row.old, _document(back)):
            what = "the hash of before is not that of the recorded parameters with the changes put back"
            self._wrong("old_hash", what, state_hash(_document(back)), row.old)


def _document(values: Mapping[Place, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for where, value in values.items():
        here = document
        for part in where[:-1]:
            if not isinstance(here.get(part), dict):
                here[part] = {}
            here = here[part]
        here[where[-1]] = value
    return document
