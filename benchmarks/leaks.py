"""How well leaks are told from healthy growth, beside the usual methods, on seeded traces with known answers.

    python benchmarks/leaks.py --seeds 8 [--from 1000] [--families] [--alarm]

Three sets of families: those the method was developed with, those looked at now and then, and those written when it
was finished. A trace that is over budget by 1.5 to 20 times is a leak; a missed leak is one that is not called LEAK.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import families
import families_blind
import families_heldout
import numpy as np
import traces
from peers import METHODS

from soakctl.domain.trend import TrendVerdict
from soakctl.judge.budgets import default_budget
from soakctl.judge.trend import alarm, evaluation_lengths, judge_series

SETS = {"development": families, "held out": families_heldout, "blind": families_blind}
DAY_S = 24 * traces.HOUR
FIRST_LOOK = 0.25


@dataclass
class Score:
    """What one method did on one set."""

    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    day: Counter[bool] = field(default_factory=Counter)
    errors: list[float] = field(default_factory=list)
    cpu_s: float = 0.0

    def add(self, trace: traces.Trace, verdict: TrendVerdict, slope: float) -> None:
        """Count one verdict."""
        self.verdicts[trace.label][verdict.value] += 1
        if trace.run_s == DAY_S and trace.label != "open":
            self.day[verdict is not TrendVerdict.INCONCLUSIVE] += 1
        if trace.label == "leak" and np.isfinite(trace.slope) and np.isfinite(slope):
            self.errors.append(abs(slope - trace.slope) / trace.slope)

    def share(self, label: str, verdict: str) -> str:
        """A share with the numbers behind it."""
        total = sum(self.verdicts[label].values())
        count = self.verdicts[label][verdict]
        return f"{count}/{total} {100 * count / max(total, 1):5.1f} %"

    def row(self, name: str) -> str:
        """One line of the table."""
        decided = 100 * self.day[True] / max(sum(self.day.values()), 1)
        return (
            f"{name:26}{self.share('leak', 'LEAK'):>17}{self.share('leak', 'NO_LEAK'):>17}"
            f"{self.share('healthy', 'LEAK'):>17}{decided:9.1f} %{100 * float(np.median(self.errors)):9.2f} %"
            f"{1000 * self.cpu_s / sum(sum(each.values()) for each in self.verdicts.values()):8.1f}"
        )


_TITLES = (
    ("", 26),
    ("leaks found", 17),
    ("leaks cleared", 17),
    ("false alarms", 17),
    ("24 h decided", 13),
    ("slope err", 9),
)
HEAD = "".join(f"{title:>{width}}" for title, width in _TITLES) + "  ms CPU"


def names_of(module: object) -> list[str]:
    """The families that a module registers."""
    return [name for name, (_, _, function) in traces.FAMILIES.items() if function.__module__ == module.__name__]  # type: ignore[attr-defined]


def compare(title: str, names: list[str], seeds: range) -> None:
    """Every method on the same traces."""
    scores = {name: Score() for name in METHODS}
    for trace in traces.campaign(seeds, names):
        for name, method in METHODS.items():
            began = time.process_time()
            verdict, slope = method(trace)
            scores[name].cpu_s += time.process_time() - began
            scores[name].add(trace, verdict, slope)
    print(f"\n{title}: {len(names)} families, {len(names) * len(seeds)} traces\n{HEAD}")
    for name, score in scores.items():
        print(score.row(name))
    share = scores["soakctl"].share("open", "INCONCLUSIVE")
    if scores["soakctl"].verdicts["open"]:
        print(f"cannot be told apart, and said so: {share}")


def by_family(names: list[str], seeds: range) -> None:
    """What each family got from soakctl."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for trace in traces.campaign(seeds, names):
        verdict, _ = METHODS["soakctl"](trace)
        found[f"{trace.label:8} {trace.family}"][verdict.value] += 1
    for name in sorted(found):
        print(f"  {name:34} {dict(found[name])}")


def alarms(names: list[str], seeds: range) -> None:
    """The rule during a run: how often it fires on healthy runs, and when on leaking ones."""
    fired: dict[str, list[float]] = defaultdict(list)
    for trace in traces.campaign(seeds, names, ((DAY_S, 60),)):
        fired[trace.label].append(_first_alarm(trace))
    for label in ("healthy", "leak"):
        at = np.array(fired[label])
        told = np.isfinite(at)
        when = f", median at {np.median(at[told]) / traces.HOUR:.1f} h of 24" if told.any() else ""
        print(f"alarm during the run, {label}: {told.sum()}/{at.size} {100 * told.mean():.1f} %{when}")


def _first_alarm(trace: traces.Trace) -> float:
    """Elapsed seconds of the first alarm; infinite without one. Each look has the budget of its own length."""
    looks = []
    for length in [*evaluation_lengths(FIRST_LOOK * trace.run_s, trace.run_s), trace.run_s]:
        seen = trace.times <= length
        looks.append(
            judge_series(
                trace.times[seen], trace.values[seen], lives=trace.lives[seen], excluded=trace.excluded,
                budget=default_budget(trace.resource, length),
            )
        )  # fmt: skip
        if alarm(looks):
            return length
    return float("inf")


def main() -> None:
    """Compare the methods on the three sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8, help="traces of each family (8 visit every length)")
    parser.add_argument("--from", dest="first", type=int, default=1000, help="the first seed")
    parser.add_argument("--families", action="store_true", help="also the verdicts of each family")
    parser.add_argument("--alarm", action="store_true", help="also the rule during the run")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    for title, module in SETS.items():
        compare(title, names_of(module), seeds)
        if options.families:
            by_family(names_of(module), seeds)
        if options.alarm:
            alarms(names_of(module), range(options.first, options.first + max(1, options.seeds // 4)))


if __name__ == "__main__":
    main()
