"""Tuning: after each whole iteration the rules propose, the guards hold back, and the rest is written and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soakctl.domain.command import ReadOverrides, WriteOverrides
from soakctl.domain.delta import cast, difference, exact, look_up, moved, same, state_hash
from soakctl.domain.journal import Event, EventKind
from soakctl.domain.signal import OverridesRead
from soakctl.domain.state import Phase
from soakctl.services.soak.tuning_record import tuning_documents
from soakctl.tuning.guards import Guards, Held, Steady, frozen_keys, steady_state
from soakctl.tuning.measured import measured
from soakctl.tuning.parameters import as_document, current, foreign_changes, found_values
from soakctl.tuning.rules import Proposal, propose
from soakctl.tuning.worse import worse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from soakctl.domain.command import Command
    from soakctl.domain.config.root import Config
    from soakctl.domain.iteration import Iteration
    from soakctl.domain.signal import Moment, Signal
    from soakctl.domain.state import RunState
    from soakctl.services.engine.part import Document

Number = int | float


class TuningPart:
    """Decides from the state alone, so that a resume finds a proposal without an outcome and brings it to one.

    The file is asked for at the end of each whole iteration; what was proposed is in the journal before it is
    written, and what was found behind the write is recorded, not what was meant.
    """

    def __init__(self, config: Config, *, mock: bool, writes: bool) -> None:
        """Without `writes` everything is proposed and nothing done."""
        self._config = config
        self._tuning = config.tuning
        self._mock = mock
        self._writes = writes
        self._token = 0
        self._asked: int | None = None
        self._writing = False
        self._told: int | None = None

    def due(self, _state: RunState) -> float | None:
        """It acts when an iteration has ended, and when the file answers."""
        return None

    def on(self, signal: Signal | None, _now: Moment, state: RunState) -> Iterator[Event | Command | Document]:
        """Take an answer, or begin with the iteration that has ended."""
        if self._told is None:
            self._told = state.tuning.handled
            if state.tuning.seen:  # a kill may have come between the journal and the documents
                yield from tuning_documents(state, state.tuning.handled)
        if isinstance(signal, OverridesRead) and signal.token == self._asked:
            self._asked = None
            yield from self._answered(signal, state)
        elif self._asked is None:
            yield from self._next(state)
        if state.tuning.handled > self._told:
            self._told = state.tuning.handled
            yield from tuning_documents(state, self._told)

    def _next(self, state: RunState) -> Iterator[Event | Command | Document]:
        if state.phase is Phase.ENDED or not state.iterations:
            return
        if state.tuning.open is not None:
            if not state.stopping:
                yield self._ask()
            return
        last = state.iterations[-1]
        if last.index <= state.tuning.handled or last.partial:
            return
        if state.stopping:
            yield self._nothing(state, last, "the run ends here")
        elif last.exits or last.failed_runs:
            yield self._nothing(state, last, "the service ended by itself in this iteration")
        else:
            yield self._ask()

    def _ask(self) -> Command:
        self._token += 1
        self._asked, self._writing = self._token, False
        return ReadOverrides(self._token)

    def _answered(self, answer: OverridesRead, state: RunState) -> Iterator[Event | Command | Document]:
        if self._writing:
            yield from self._written(answer, state)
            return
        values, wrong = ({}, answer.error) if answer.error else current(self._tuning.parameters, answer.document)
        if state.tuning.open is not None:
            yield from self._taken_up(answer, values, wrong, state)
            return
        last = state.iterations[-1]
        if last.partial or last.index <= state.tuning.handled:
            return  # cut short since the file was asked for
        if state.stopping:
            yield self._nothing(state, last, "the run ends here")
            return
        wrong = wrong or self._foreign(answer, values, state)
        if wrong:
            yield self._nothing(state, last, f"nothing is written: {wrong}")
            return
        yield from self._decide(answer, values, last, state)

    def _foreign(self, answer: OverridesRead, values: Mapping[str, Number], state: RunState) -> str:
        """What someone else made of the file since it was last recorded, or ""."""
        recorded, existed = state.tuning.parameters, state.tuning.exists
        if existed and not answer.exists:
            return "the file was removed by someone else"
        if recorded is None:
            return ""
        foreign = "; ".join(foreign_changes(self._tuning.parameters, recorded, values))
        if existed is False and foreign:
            return f"the file, which did not exist when the run began, was made by someone else: {foreign}"
        return f"the file was changed by someone else: {foreign}" if foreign else ""

    # --- Proposing ---------------------------------------------------------------------------------------------------

    def _decide(
        self, answer: OverridesRead, values: Mapping[str, Number], last: Iteration, state: RunState
    ) -> Iterator[Event | Command | Document]:
        loss = self._loss(state)
        told: list[str] = []
        if loss:
            proposals, conflicts, of = self._back(state, values, loss), [], last.index - 1
        else:
            kpis, told = measured(self._config.kpis, self._tuning.rules, last)
            wanted = propose(self._tuning.rules, self._tuning.parameters, values, kpis)
            proposals, conflicts, of = wanted.proposals, wanted.conflicts, None
            told = [*wanted.no_ops.values(), *told]
        if not proposals:
            yield self._nothing(state, last, "; ".join(told) or "no rule holds", values=values, rationale=told)
            return
        parameters = as_document(self._tuning.parameters, values)
        data = {
            **self._about(state, last),
            "parameters": parameters,
            "old_hash": state_hash(parameters),
            "values": {one.key: one.to_json() for one in proposals},
            "rules": {one.key: list(one.rules) for one in proposals},
            "rationale": [*(one.rationale for one in proposals), *told],
            "conflicts": conflicts,
            "revert_of": of,
        }
        yield Event(EventKind.DELTA_PROPOSED, data)
        yield from self._hold_back(answer, values, state)

    def _loss(self, state: RunState) -> list[str]:
        """Why the change before this iteration is to be taken back; empty for no reason."""
        revert, whole = self._tuning.revert, _whole(state)
        if not revert.enabled or len(whole) < 2:  # noqa: PLR2004 - one before and one behind the change
            return []
        before = whole[-2].index
        if not any(move.iteration == before and not move.reverted for move in state.tuning.moves):
            return []
        changed = frozenset(move.iteration for move in state.tuning.moves)
        return list(worse(self._config.kpis, whole, changed, revert, mock=self._mock))

    def _back(self, state: RunState, values: Mapping[str, Number], loss: list[str]) -> list[Proposal]:
        """The change of the last iteration but one, the other way round."""
        before = _whole(state)[-2].index
        proposals = []
        for move in state.tuning.moves:
            spec = self._tuning.parameters[move.key]
            old = cast(spec, move.before)
            if move.iteration != before or same(values[move.key], old):
                continue
            delta = difference(spec, values[move.key], exact(old))
            meant = moved(spec, values[move.key], delta)
            line = f"{'; '.join(loss)} -> {move.key} back from {values[move.key]!r} to {meant!r}"
            proposals.append(Proposal(move.key, spec.path, values[move.key], delta, meant, ("revert",), line))
        return proposals

    def _hold_back(
        self, answer: OverridesRead, values: Mapping[str, Number], state: RunState
    ) -> Iterator[Event | Command | Document]:
        """Ask the guards about each open proposal, record what they hold, and write the rest."""
        opened = state.tuning.open
        assert opened is not None
        held: dict[str, Held] = {}
        last = next(item for item in reversed(state.iterations) if item.index == opened["iteration"])
        guards = Guards(self._tuning, state.tuning.moves, last.index, last.ended_s, self._steady(state))
        for key in state.tuning.pending:
            proposal = _proposal(key, opened["values"][key])
            found = guards.hold(proposal) if opened["revert_of"] is None else None
            if found is None and not self._writes:
                found = Held("propose_only", "only proposals were asked for")
            if found is not None:
                held[key] = found
        if held:
            yield self._skipped(state, held)
        if not state.tuning.pending:
            return
        targets = {**values, **{key: opened["values"][key]["meant"] for key in state.tuning.pending}}
        self._token += 1
        self._asked, self._writing = self._token, True
        paths = {self._tuning.parameters[name].path: value for name, value in targets.items()}
        yield WriteOverrides(self._token, paths, answer.digest)

    # --- Outcomes ----------------------------------------------------------------------------------------------------

    def _taken_up(
        self, answer: OverridesRead, values: Mapping[str, Number], wrong: str, state: RunState
    ) -> Iterator[Event | Command | Document]:
        """A proposal of before an interruption: it was written, or it was not, or someone else came between."""
        opened = state.tuning.open
        assert opened is not None
        expected = {name: look_up(opened["parameters"], spec.path) for name, spec in self._tuning.parameters.items()}
        meant = {**expected, **{key: opened["values"][key]["meant"] for key in state.tuning.pending}}
        if not wrong and all(same(values[name], meant[name]) for name in meant):
            yield self._applied(answer, state, "found written after an interruption")
        elif not wrong and all(same(values[name], expected[name]) for name in expected):
            yield from self._hold_back(answer, values, state)
        else:
            foreign = "; ".join(f"{name} is {values.get(name)!r}" for name in state.tuning.pending)
            reason = wrong or f"the file was changed by someone else during an interruption: {foreign}"
            yield self._skipped(state, {key: Held("file", reason) for key in state.tuning.pending})

    def _written(self, answer: OverridesRead, state: RunState) -> Iterator[Event | Command | Document]:
        self._writing = False
        if answer.error:
            yield self._skipped(state, {key: Held("file", answer.error) for key in state.tuning.pending})
        else:
            yield self._applied(answer, state, answer.note)

    def _applied(self, answer: OverridesRead, state: RunState, reason: str) -> Event:
        """What was found behind the write, whatever was meant."""
        opened = state.tuning.open
        assert opened is not None
        found = found_values(self._tuning.parameters, answer.document)
        parameters = as_document(self._tuning.parameters, found)
        kind = EventKind.DELTA_APPLIED if opened["revert_of"] is None else EventKind.DELTA_REVERTED
        data = {
            **{key: opened[key] for key in ("iteration", "freeze_triggered", "frozen", "revert_of", "old_hash")},
            "values": {key: {**opened["values"][key], "found": found[key]} for key in state.tuning.pending},
            "parameters": parameters,
            "state_hash": state_hash(parameters),
            "reason": reason,
        }
        return Event(kind, data)

    def _skipped(self, state: RunState, held: Mapping[str, Held]) -> Event:
        opened = state.tuning.open
        assert opened is not None
        keys = ("iteration", "freeze_triggered", "frozen", "parameters", "old_hash")
        lines = [f"{key}: {why.reason} ({why.guard})" for key, why in held.items()]
        data = {**{key: opened[key] for key in keys}, "skipped": {key: why.to_json() for key, why in held.items()}}
        return Event(EventKind.DELTA_SKIPPED, {**data, "reason": "; ".join(lines)})

    def _nothing(
        self,
        state: RunState,
        last: Iteration,
        reason: str,
        *,
        values: Mapping[str, Number] | None = None,
        rationale: Sequence[str] = (),
    ) -> Event:
        """An iteration without a proposal."""
        parameters = state.tuning.parameters
        if parameters is None and values is not None:
            parameters = as_document(self._tuning.parameters, values)
        known = None if parameters is None else state_hash(parameters)
        data = {**self._about(state, last), "parameters": parameters, "old_hash": known, "skipped": {}}
        if rationale:
            data["rationale"] = list(rationale)
        return Event(EventKind.DELTA_SKIPPED, {**data, "reason": reason})

    def _about(self, state: RunState, last: Iteration) -> dict[str, Any]:
        steady = self._steady(state)
        frozen = sorted(frozen_keys(self._tuning)) if steady.frozen else []
        return {"iteration": last.index, "freeze_triggered": steady.triggered, "frozen": frozen}

    def _steady(self, state: RunState) -> Steady:
        return steady_state([item.outcome == "PASS" for item in _whole(state)], self._tuning.guards.freeze)


def _whole(state: RunState) -> list[Iteration]:
    return [item for item in state.iterations if not item.partial]


def _proposal(key: str, value: Mapping[str, Any]) -> Proposal:
    return Proposal(key, value["path"], value["before"], value["delta"], value["meant"], (), "")
