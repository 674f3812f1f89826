"""A run against a baseline: a finding needs a change that matters and is not chance, and says what it is made of."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.domain.baseline import Baseline
from soakctl.domain.verdict import Check, Severity
from soakctl.judge.baseline import compare
from tests.support.records import iteration_of, record_of, series_of
from tests.support.scripted import config_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soakctl.domain.record import Record

# The same noise, in two orders in which neighbours do not hang together.
NOISE = (0.0, 0.7, 0.1, 0.6, 0.2, 0.5, 0.3, 0.4)
OTHER_NOISE = (0.4, 0.3, 0.5, 0.2, 0.6, 0.1, 0.7, 0.0)


def _config(compare: Any = None, **kpi: Any) -> Any:
    given = {"name": "quality", "source": {"log": "quality=(.*)"}, "max": 200, **kpi}
    return config_of(kpis=[given], **({} if compare is None else {"gate": {"compare": compare}}))


def _run(values: Sequence[float | None], *, series: Any = None, config: Any = None, **fields: Any) -> Record:
    iterations = [iteration_of(place, value) for place, value in enumerate(values, start=1)]
    record = record_of(iterations, config=config or _config(), series=series if series is not None else series_of({}))
    record.manifest = record.manifest.model_copy(update={"fingerprint": {"cpu_count": 8}, **fields})
    return record


def _around(level: float, noise: Sequence[float] = NOISE, *, spread: float = 1.0) -> list[float]:
    return [level + spread * (each - 0.35) for each in noise]


def _baseline(record: Record, verdict: str | None = "PASS") -> Baseline:
    return Baseline("20260101T000000Z-00000009", verdict=verdict, record=record)


def _compared(
    mine: Sequence[float | None], theirs: Sequence[float | None], *, config: Any = None
) -> tuple[Check, Check]:
    """The header and the line of the KPI."""
    used = config or _config()
    header, line = compare(_run(mine, config=used), used, _baseline(_run(theirs, config=used)), mock=False)
    assert (header.id, line.id) == ("compare.baseline", "compare.kpi.quality")
    return header, line


BASE = _around(100.0, OTHER_NOISE)


@pytest.mark.parametrize(
    ("mine", "kpi", "severity", "word"),
    [
        (_around(100.0), {}, Severity.OK, "was 100"),
        (_around(105.0), {}, Severity.OK, "+5.0%"),  # proven, and too little to matter
        (_around(120.0), {}, Severity.WARN, "REGRESSION; was 100, +20.0% (99%: "),
        (_around(120.0), {"key": True}, Severity.FAIL, "REGRESSION"),
        (_around(120.0), {"dry_run": True}, Severity.INFO, "dry run, not counted; REGRESSION; was 100, +20.0%"),
        (_around(80.0), {}, Severity.INFO, "improved"),
        (_around(80.0), {"max": None, "min": 10}, Severity.WARN, "REGRESSION; was 100, -20.0%"),
        (_around(120.0), {"max": None, "min": 10}, Severity.INFO, "improved"),
        (_around(120.0), {"max": None, "warn": {"max": 300}}, Severity.WARN, "REGRESSION"),
        (_around(120.0), {"min": 10}, Severity.INFO, "changed, and its limits do not say which way is worse"),
        (_around(100.0), {"max": None}, Severity.INFO, "its limits do not say which way is worse"),
        (_around(120.0, spread=60.0), {}, Severity.INFO, "it looks worse, which may be chance; about "),
        (_around(102.0, spread=60.0), {}, Severity.INFO, "a regression of up to "),
        ([*_around(100.0)[:7], 900.0], {}, Severity.INFO, "was 100, +0."),  # one wild iteration is not a shift
        ([None] * 8, {}, Severity.NO_DATA, "the two have no figure in common"),
        ([*_around(120.0)[:3], *[None] * 5], {}, Severity.NO_DATA, "3 iterations against 8 are too few"),
    ],
)
def test_what_is_said_of_a_change(mine: list[float | None], kpi: dict[str, Any], severity: Severity, word: str) -> None:
    """Worse, better, neither, or not decided: each has its severity and its words."""
    config = _config(**kpi)
    checks = compare(_run(mine, config=config), config, _baseline(_run(BASE, config=config)), mock=False)
    line = checks[-1]
    assert (line.severity, word in line.reason) == (severity, True), line


def test_a_regression_shows_all_that_it_is_made_of() -> None:
    """Value, what was allowed, the baseline, the change with its interval, and how many iterations that was."""
    header, line = _compared(_around(120.0), BASE, config=_config(unit="ms"))
    assert header == Check(
        "compare.baseline", Severity.OK, "Baseline", "20260101T000000Z-00000009", points=1, reason=""
    )
    assert (line.what, line.value, line.limit) == ("quality vs baseline", "120 ms", "<= 110 ms")
    assert (line.window, line.points) == ("8 vs 8", 8)
    assert line.reason == "REGRESSION; was 100 ms, +20.0% (99%: +19.6% to +20.4%)"
    assert line.strict


@pytest.mark.parametrize(
    ("compare", "mine", "severity"),
    [
        ({"ratio": "4%"}, 105.0, Severity.WARN),
        ({"ratio": "30%"}, 120.0, Severity.OK),
        ({"ratio": "1%", "floor": "1%"}, 101.5, Severity.OK),  # 1 % of the limit of 200 is 2
        ({"ratio": "1%", "floor": "0%"}, 101.5, Severity.WARN),
    ],
)
def test_what_matters_can_be_configured(compare: dict[str, str], mine: float, severity: Severity) -> None:
    """The ratio is of the baseline, the floor of the limit; a change must reach both."""
    assert _compared(_around(mine), BASE, config=_config(compare=compare))[1].severity is severity


@pytest.mark.parametrize(
    ("mine", "severity"), [([0.0] * 8, Severity.OK), ([0.5] * 8, Severity.OK), ([2.5] * 8, Severity.WARN)]
)
def test_a_baseline_of_nothing_has_the_floor(mine: list[float], severity: Severity) -> None:
    """No ratio of zero errors can be formed; 1 % of the limit can."""
    line = _compared(mine, [0.0] * 8)[1]
    assert line.severity is severity
    assert "%:" in line.reason


def test_how_many_iterations_would_decide_is_about_right() -> None:
    """With as many iterations as it said, of the same noise and the same change, it is decided."""
    open_question = _compared(_around(120.0, spread=60.0), _around(100.0, OTHER_NOISE, spread=60.0))[1]
    needed = int(open_question.reason.split("about ")[1].split(" ")[0])
    assert 8 < needed < 80
    rounds = math.ceil(needed / 8) + 1
    config = _config(over=8 * rounds)
    decided = _compared(
        _around(120.0, spread=60.0) * rounds, _around(100.0, OTHER_NOISE, spread=60.0) * rounds, config=config
    )[1]
    assert decided.severity is Severity.WARN


def test_only_the_window_is_compared() -> None:
    """The iterations before the last eight are nobody's business."""
    assert _compared([900.0] * 8 + _around(100.0), BASE)[1].severity is Severity.OK


def test_a_kpi_that_the_baseline_does_not_have_is_no_finding() -> None:
    """KPIs are added to services; one that is gone is a gap."""
    config = config_of(kpis=[{"name": name, "source": {"log": "(.)"}, "max": 9} for name in ("quality", "new")])
    mine, theirs = _run([1.0] * 8, config=config), _run([1.0] * 8, config=config)
    mine.state.iterations = [iteration_of(place, {"quality": 1.0, "new": 1.0}) for place in range(1, 9)]
    lines = {each.id: each for each in compare(mine, config, _baseline(theirs), mock=False)}
    assert lines["compare.kpi.new"].severity is Severity.INFO
    lines = {each.id: each for each in compare(theirs, config, _baseline(mine), mock=False)}
    assert lines["compare.kpi.new"].severity is Severity.NO_DATA


def test_a_kpi_read_from_elsewhere_is_not_compared() -> None:
    """One name with two meanings is not a figure that got worse."""
    other = _config(source={"log": "other=(.*)"})
    config = _config()
    lines = compare(_run(_around(120.0), config=config), config, _baseline(_run(BASE, config=other)), mock=False)
    assert lines[-1].severity is Severity.NO_DATA
    assert "another source" in lines[-1].reason


def test_mock_limits_say_which_way_is_worse_under_mock() -> None:
    """A KPI whose only limit is one for mock runs has a direction there and none elsewhere."""
    config = _config(max=None, mock={"max": 300})
    mine, theirs = _run(_around(120.0), config=config), _baseline(_run(BASE, config=config))
    assert [compare(mine, config, theirs, mock=mock)[-1].severity for mock in (True, False)] == ["warn", "info"]


@pytest.mark.parametrize(
    ("counts", "severity"), [((4, 4), Severity.NO_DATA), ((3, 8), Severity.NO_DATA), ((5, 5), Severity.OK)]
)
def test_too_few_iterations_are_one_finding(counts: tuple[int, int], severity: Severity) -> None:
    """A comparison that cannot decide anything says so once, and does not pass."""
    header, line = _compared([100.0] * counts[0], [100.0] * counts[1])
    assert header.severity is severity
    assert line.severity is (Severity.OK if severity is Severity.OK else Severity.INFO)
    if severity is Severity.NO_DATA:
        assert header.reason.startswith(f"{counts[0]} iterations against {counts[1]} are too few")
        assert header.hint


def _resources(record: Record) -> dict[str, Check]:
    return {each.id: each for each in compare(record, _config(), _baseline(_resource_run()), mock=False)}


def _resource_run(**columns: float) -> Record:
    """A run of eight hours with some noise in each column."""
    usual = {"rss_bytes": 100e6, "cpu_percent": 10.0, "num_fds": 40.0, "num_threads": 9.0, **columns}
    random = Random(1)
    given: dict[str, list[float | None]] = {
        name: [level * (1.0 + random.uniform(-0.01, 0.01)) for _ in range(482)] for name, level in usual.items()
    }
    return _run([100.0] * 8, series=series_of(given))


@pytest.mark.parametrize(
    ("columns", "worse"),
    [
        ({}, set()),
        ({"rss_bytes": 120e6}, {"compare.rss", "compare.rss_peak"}),
        ({"num_fds": 80.0}, {"compare.fds"}),
        ({"num_threads": 9.9}, set()),  # a tenth of it, and less than a whole thread
        ({"num_threads": 10.9}, {"compare.threads"}),
        ({"cpu_percent": 11.9}, set()),  # CPU has twice the ratio
        ({"cpu_percent": 13.0}, {"compare.cpu"}),
    ],
)
def test_resources_are_compared_by_their_level(columns: dict[str, float], worse: set[str]) -> None:
    """Mean and peak of memory, CPU, files and threads, each with what two runs differ by anyhow."""
    lines = _resources(_resource_run(**columns))
    assert {name for name, each in lines.items() if each.severity is Severity.WARN} == worse
    assert {"compare.rss", "compare.rss_peak", "compare.cpu", "compare.fds", "compare.threads"} <= set(lines)
    assert "compare.uss" not in lines  # neither run has it


def test_memory_is_shown_in_its_unit() -> None:
    """Bytes are for files."""
    line = _resources(_resource_run(rss_bytes=120e6))["compare.rss"]
    assert (line.value, line.limit, line.points) == ("120 MB", "<= 110 MB", 8)
    assert "was 100 MB, +20." in line.reason


def test_small_processes_may_grow_by_a_few_pages() -> None:
    """A fifth of a process of 8 MB is what another order of imports costs."""
    baseline = _baseline(_resource_run(rss_bytes=8e6))
    lines = compare(_resource_run(rss_bytes=9.6e6), _config(), baseline, mock=False)
    assert {each.severity for each in lines} == {Severity.OK}


def test_falling_throughput_is_a_regression() -> None:
    """Fewer events a second are worse, whatever the KPIs say."""

    def run(rate: float) -> Record:
        record = _run([])
        noisy = zip(range(1, 9), _around(rate, spread=0.1), strict=True)
        record.state.iterations = [iteration_of(place, {"events_per_second": value}) for place, value in noisy]
        return record

    config = config_of()
    line = compare(run(8.0), config, _baseline(run(10.0)), mock=False)[-1]
    assert (line.id, line.severity, line.value) == ("compare.throughput", Severity.WARN, "8/s")
    assert compare(run(10.0), config, _baseline(run(8.0)), mock=False)[-1].severity is Severity.INFO


def test_unlike_runs_are_not_compared_unless_forced() -> None:
    """The reader is told what differs; by force it is compared, and told all the same."""
    config, mine = _config(), _run(_around(120.0), fingerprint={"cpu_count": 8})
    baseline = _baseline(_run(BASE, fingerprint={"cpu_count": 4}))
    (only,) = compare(mine, config, baseline, mock=False)
    assert (only.severity, only.reason) == (Severity.NO_DATA, "INCOMPARABLE: CPU count 8, baseline 4")
    assert "--force" in only.hint
    header, line = compare(mine, config, baseline, mock=False, force=True)
    assert (header.severity, line.severity) == (Severity.INFO, Severity.WARN)
    assert header.reason == "compared by force although CPU count 8, baseline 4"


@pytest.mark.parametrize(("verdict", "said"), [("FAIL", "its verdict is FAIL"), (None, "it has no verdict")])
def test_a_named_run_need_not_have_passed_but_that_is_said(verdict: str | None, said: str) -> None:
    """Who names a run that failed gets it, with a note."""
    header = compare(_run(BASE), _config(), _baseline(_run(BASE), verdict), mock=False)[0]
    assert (header.severity, header.reason) == (Severity.INFO, said)


def test_a_damaged_baseline_is_said() -> None:
    """Its figures may be those of half a run."""
    baseline = Baseline("a", verdict="PASS", record=_run(BASE), problems=("resources.jsonl is missing",))
    header = compare(_run(BASE), _config(), baseline, mock=False)[0]
    assert header.reason == "it is damaged: resources.jsonl is missing"


def test_nothing_to_compare_with_does_not_pass() -> None:
    """The first run of all has no baseline, and a promise to compare was not kept."""
    (only,) = compare(_run(BASE), _config(), Baseline("last-pass", missing="no run before passed"), mock=False)
    assert (only.severity, only.reason) == (Severity.NO_DATA, "no run before passed")


@pytest.mark.parametrize(
    ("was", "severity"),
    [(100.0, Severity.OK), (130.0, Severity.INFO), (80.0, Severity.WARN), (95.0, Severity.OK)],
)
def test_a_snapshot_is_compared_by_size_alone(was: float, severity: Severity) -> None:
    """It holds no spread: a change that matters is a warning at most, even of a key figure, and the doubt is said."""
    config = _config(key=True)
    baseline = Baseline("snapshot.json", verdict="PASS", figures={"quality": was})
    header, line = compare(_run([100.0, 100.0], config=config), config, baseline, mock=False)
    assert line.severity is severity
    assert "holds no spread" in header.reason
    assert ("a snapshot cannot tell" in line.reason) is (severity is Severity.WARN)


def test_an_older_run_is_compared_by_its_iterations() -> None:
    """It has the KPIs, and nothing that says where it was made."""
    baseline = Baseline("old", iterations=tuple(iteration_of(place, 80.0) for place in range(1, 9)))
    header, line = compare(_run([100.0] * 8), _config(), baseline, mock=False)
    assert (header.severity, line.severity) == (Severity.INFO, Severity.WARN)
    assert "it does not say what it was made on" in header.reason


@pytest.mark.parametrize("spread", [0.005, 0.02, 0.05, 0.1, 0.3])
def test_two_halves_of_a_healthy_run_do_not_differ(spread: float) -> None:
    """However noisy a KPI is, at most 1 in 100 comparisons of a run with itself is a regression; calm ones never."""
    found = [_halves(seed, spread, 0.0) for seed in range(300)]
    assert found.count(Severity.WARN) <= (3 if spread >= 0.1 else 0)


@pytest.mark.parametrize(("spread", "least"), [(0.005, 300), (0.02, 300), (0.05, 290), (0.08, 190)])
def test_a_shift_of_twice_the_ratio_is_found(spread: float, least: int) -> None:
    """A fifth worse is seen in eight iterations, unless the noise of one is about as large."""
    found = [_halves(seed, spread, 0.2) for seed in range(300)]
    assert found.count(Severity.WARN) >= least


def _halves(seed: int, spread: float, shift: float) -> Severity:
    random = Random(f"{seed}:{spread}")
    values = [100.0 * (1.0 + random.gauss(0.0, spread)) for _ in range(16)]
    return _compared([value * (1.0 + shift) for value in values[8:]], values[:8])[1].severity


def test_the_same_twice_gives_the_same() -> None:
    """There is no chance in it."""
    config = _config()
    once, again = (
        compare(_run(_around(104.0)), config, _baseline(_run(_around(100.0, OTHER_NOISE))), mock=False)
        for _ in range(2)
    )
    assert once == again


def test_a_column_that_is_read_now_and_then_is_no_finding() -> None:
    """USS is read seldom, as it costs much: where that is too seldom to judge, RSS is judged."""
    series: dict[str, list[float | None]] = {
        "rss_bytes": [100e6] * 482,
        "uss_bytes": [90e6, *[None] * 479, 90e6, 90e6],
    }
    runs = [_run([100.0] * 8, series=series_of(series)) for _ in range(2)]
    lines = {each.id: each for each in compare(runs[0], _config(), _baseline(runs[1]), mock=False)}
    assert lines["compare.uss"].severity is Severity.INFO
    assert lines["compare.rss"].severity is Severity.OK
