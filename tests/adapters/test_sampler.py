"""From looks at a process tree to samples: sums, what is missing, lives, and what is read seldom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from soakctl.adapters.sampler import TreeSampler
from soakctl.domain.sample import Totals
from soakctl.errors import UnavailableError
from tests.support.fake_processes import FakeProcesses, a_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soakctl.domain.sample import Sample

KEEPER, MAIN, WORKER = 5, 10, 11


class Watch:
    """A sampler of told trees, asked once a second unless said otherwise."""

    def __init__(self, folder: Path, *, include_root: bool = False) -> None:
        """Watch a service started by the keeper, or, with `include_root`, a process found running."""
        self.processes = FakeProcesses()
        self.cost_s = 0.0
        self._root = MAIN if include_root else KEEPER
        self._second = 0.0
        self._sampler = TreeSampler(
            include_root=include_root,
            data_dirs=[folder],
            artifacts_dir=None,
            disk_path=folder,
            processes=self.processes,
            clock=self._clock().__next__,
        )

    def sample(
        self, *, after_s: float = 1.0, pid: int | None = MAIN, started: float = 7.0, totals: Totals | None = None
    ) -> Sample:
        """The next sample, so many seconds after the one before."""
        self._second += after_s
        return self._sampler.sample(
            self._root,
            pid,
            started,
            elapsed_s=self._second,
            unix=1_700_000_000.123 + self._second,
            life=1,
            totals=totals or Totals(),
        )

    def _clock(self) -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += self.cost_s


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """A service under a keeper."""
    return Watch(tmp_path)


def test_sums_over_the_tree(watch: Watch) -> None:
    """The columns are sums over the descendants of the keeper, without the keeper itself."""
    watch.processes.show(
        a_process(KEEPER, rss=9999, own=50.0),
        a_process(MAIN, rss=100, vms=1000, threads=4, fds=10, own=1.0, reaped=2.0, io=(5, 6)),
        a_process(WORKER, rss=50, vms=500, threads=2, fds=7, own=0.5, io=(10, 20)),
    )
    sample = watch.sample(totals=Totals(events_total=1, log_lines_total=2, log_critical_total=3, log_dropped_total=4))
    assert (sample.rss_bytes, sample.vms_bytes, sample.num_threads, sample.num_fds) == (150, 1500, 6, 17)
    assert (sample.num_processes, sample.zombies, sample.cpu_seconds_total) == (2, 0, 3.5)
    assert (sample.io_read_bytes, sample.io_write_bytes) == (15, 26)
    assert (sample.uss_bytes, sample.pss_bytes, sample.data_bytes) == (75, 37, 0)
    assert (sample.service_pid, sample.service_started_unix, sample.life) == (MAIN, 7.0, 1)
    assert (sample.events_total, sample.log_lines_total) == (1, 2)
    assert (sample.log_critical_total, sample.log_dropped_total) == (3, 4)
    assert sample.timestamp_utc == "2023-11-14T22:13:21.123Z"
    assert json.loads(json.dumps(sample.to_json(), allow_nan=False))["num_tasks"] is None


def test_the_root_of_a_watched_process_counts(tmp_path: Path) -> None:
    """A process that is watched by its pid is itself part of the tree."""
    watch = Watch(tmp_path, include_root=True)
    watch.processes.show(a_process(MAIN, rss=100, own=3.0, io=(7, 8)), a_process(WORKER, rss=50))
    sample = watch.sample()
    assert (sample.rss_bytes, sample.num_processes, sample.cpu_seconds_total) == (150, 2, 3.0)
    assert (sample.io_read_bytes, sample.io_write_bytes) == (7, 8)


@pytest.mark.parametrize(
    ("missing", "columns"),
    [
        ({"rss": None}, {"rss_bytes"}),
        ({"vms": None}, {"vms_bytes"}),
        ({"fds": None}, {"num_fds"}),
        ({"threads": None}, {"num_threads"}),
        ({"io": (None, 0)}, {"io_read_bytes"}),
        ({"own": None}, {"cpu_seconds_total", "cpu_percent"}),
    ],
)
def test_a_sum_that_lacks_one(watch: Watch, missing: dict[str, None], columns: set[str]) -> None:
    """A value that could not be read of one process leaves no sum in that column, and every other one as it was."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(WORKER))
    watch.sample()
    before = watch.sample()
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(WORKER, **missing))  # type: ignore[arg-type]
    found, expected = watch.sample().to_json(), before.to_json()
    tree = ("rss", "vms", "num", "io", "cpu", "zombies")
    changed = {name for name in found if name.startswith(tree) and found[name] != expected[name]}
    assert changed == columns
    assert all(found[name] is None for name in columns)


def test_hidden_processes(watch: Watch) -> None:
    """With a process that may not be seen nothing about the tree is known; what is counted goes on afterwards."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=1.0))
    watch.sample()
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=2.0), hidden=1)
    sample = watch.sample()
    names = ("rss_bytes", "uss_bytes", "num_fds", "num_processes", "zombies", "cpu_seconds_total", "cpu_percent")
    assert [getattr(sample, name) for name in names] == [None] * len(names)
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=2.0))
    assert (watch.sample().cpu_percent, watch.sample().cpu_seconds_total) == (50.0, 2.0)


def test_no_process_at_all(watch: Watch) -> None:
    """Between two lives there are no processes, and no memory of theirs to be read."""
    watch.processes.show(a_process(KEEPER))
    sample = watch.sample(pid=None)
    assert (sample.num_processes, sample.zombies, sample.rss_bytes, sample.cpu_seconds_total) == (0, 0, None, None)


def test_cpu_percent(watch: Watch) -> None:
    """CPU is of one core over the time since the sample before; the first sample has none."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=10.0))
    assert watch.sample().cpu_percent is None
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=13.0))
    assert watch.sample(after_s=2.0).cpu_percent == 150.0
    assert watch.sample(after_s=0.0).cpu_percent is None


def test_children_that_lived_and_died_between_two_samples(watch: Watch) -> None:
    """Work of children that no sample has seen counts, whether the service or the keeper waited for them."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=1.0))
    watch.sample()
    watch.processes.show(a_process(KEEPER, reaped=0.25, io=(5, 0)), a_process(MAIN, own=1.0, reaped=0.5))
    sample = watch.sample()
    assert (sample.cpu_percent, sample.cpu_seconds_total, sample.io_read_bytes) == (75.0, 1.75, 5)


def test_a_child_that_ends(watch: Watch) -> None:
    """The time of a child that ends moves to the one that waits for it and is counted once."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=1.0), a_process(WORKER, own=30.0))
    assert watch.sample().cpu_seconds_total == 31.0
    watch.processes.show(a_process(KEEPER), a_process(MAIN, own=1.0, reaped=30.5))
    assert (sample := watch.sample()).cpu_seconds_total == 31.5
    assert sample.cpu_percent == 50.0


@pytest.mark.parametrize(("pid", "started"), [(20, 7.0), (MAIN, 8.0)])
def test_a_new_life(watch: Watch, pid: int, started: float) -> None:
    """Another pid, or another start of the same pid, is a new life: nothing of the one before counts."""
    watch.processes.show(a_process(KEEPER, io=(100, 100)), a_process(MAIN, own=50.0))
    assert watch.sample().io_read_bytes == 0
    watch.processes.show(a_process(KEEPER, reaped=51.0, io=(900, 900)), a_process(pid, start=2, own=0.5))
    sample = watch.sample(pid=pid, started=started)
    assert (sample.cpu_seconds_total, sample.cpu_percent, sample.io_read_bytes) == (0.5, None, 0)
    assert sample.uss_bytes is not None
    assert watch.processes.known[-1] == []
    watch.processes.show(a_process(KEEPER, reaped=51.25), a_process(pid, start=2, own=0.5))
    assert watch.sample(pid=pid, started=started).cpu_percent == 25.0


def test_orphans_waited_for_before_the_first_sample(watch: Watch) -> None:
    """What a new keeper has waited for belongs to the life it has started."""
    watch.processes.show(a_process(KEEPER, reaped=3.0), a_process(MAIN, own=1.0))
    assert watch.sample().cpu_seconds_total == 4.0


def test_zombies_count_at_the_second_look(watch: Watch) -> None:
    """A zombie that is there in two looks running counts; one that is soon waited for does not."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(11, zombie=True), a_process(12, zombie=True))
    assert watch.sample().zombies == 0
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(12, zombie=True), a_process(13, zombie=True))
    assert (sample := watch.sample()).zombies == 1
    assert (sample.num_processes, sample.rss_bytes) == (1, 100)


def test_a_zombie_with_the_number_of_another(watch: Watch) -> None:
    """Two zombies that had the same pid one after the other are not one that lasts."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(11, start=1, zombie=True))
    watch.sample()
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(11, start=2, zombie=True))
    assert watch.sample().zombies == 0


def test_a_zombie_whose_counters_are_gone(watch: Watch) -> None:
    """A zombie whose I/O may not be read any more leaves the sums complete."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(WORKER, io=(10, 20)))
    watch.sample()
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(WORKER, zombie=True, io=(None, None)))
    assert (watch.sample().io_read_bytes, watch.sample().io_write_bytes) == (10, 20)


def test_processes_of_the_last_sample_are_asked_for(watch: Watch) -> None:
    """A process once seen in the tree is looked for again, even if it left it; zombies are not."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN), a_process(WORKER), a_process(12, zombie=True))
    watch.sample()
    watch.sample()
    assert watch.processes.known == [[], [(MAIN, 1), (WORKER, 1)]]


def test_another_process_under_the_watched_number(tmp_path: Path) -> None:
    """A watched process that has ended is not mixed up with another one that got its number."""
    watch = Watch(tmp_path, include_root=True)
    watch.processes.show(a_process(MAIN, start=1))
    watch.sample()
    watch.processes.show(a_process(MAIN, start=2))
    with pytest.raises(UnavailableError, match="process 10 has ended"):
        watch.sample()


def test_a_watched_process_that_is_a_zombie(tmp_path: Path) -> None:
    """A watched process that has ended but was not waited for counts as none, and has no memory to show."""
    watch = Watch(tmp_path, include_root=True)
    watch.processes.show(a_process(MAIN, zombie=True, own=4.0))
    sample = watch.sample()
    assert (sample.num_processes, sample.rss_bytes, sample.num_fds) == (0, None, None)


@pytest.mark.parametrize(
    ("cost_s", "times", "read"),
    [
        (0.0, [0.0, 1.0, 30.0, 58.0, 59.994, 61.0, 119.99], [0.0, 59.994, 119.99]),
        (3.0, [0.0, 60.0, 120.0, 300.0, 360.0, 600.0], [0.0, 300.0, 600.0]),
    ],
)
def test_how_often_memory_maps_are_read(watch: Watch, cost_s: float, times: list[float], read: list[float]) -> None:
    """USS is read at once, then every 60 s or 100 times its cost, and is None in between; early ticks lose none."""
    watch.cost_s = cost_s
    watch.processes.show(a_process(KEEPER), a_process(MAIN))
    now, found = 0.0, []
    for time in times:
        if watch.sample(after_s=time - now).uss_bytes is not None:
            found.append(time)
        now = time
    assert found == read
    assert watch.processes.memory_reads == len(read)


def test_data_inside_artifacts_counts_once(tmp_path: Path) -> None:
    """A directory is data or artifacts, whichever way one lies in the other, and counts once."""
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (outer / "a").write_bytes(bytes(10_000))
    (inner / "b").write_bytes(bytes(20_000))
    for data, artifacts, sizes in (
        (outer, inner, (10_000, 20_000)),
        (inner, outer, (20_000, 10_000)),
        (outer, outer, (0, 30_000)),
    ):
        processes = FakeProcesses()
        processes.show(a_process(MAIN))
        sampler = TreeSampler(
            include_root=True, data_dirs=[data], artifacts_dir=artifacts, disk_path=tmp_path, processes=processes
        )
        sample = sampler.sample(MAIN, MAIN, 1.0, elapsed_s=0.0, unix=0.0, life=1, totals=Totals())
        assert (sample.data_bytes, sample.artifacts_bytes) == sizes


def test_the_machine_is_in_every_sample(watch: Watch) -> None:
    """The machine's columns and soakctl's own come with the tree's."""
    watch.processes.show(a_process(KEEPER), a_process(MAIN))
    first, second = watch.sample(), watch.sample()
    for sample in (first, second):
        assert sample.system_memory_available_bytes
        assert sample.system_disk_free_bytes
        assert sample.self_rss_bytes
    assert (first.self_cpu_percent, first.system_cpu_percent) == (None, None)
    assert second.self_cpu_percent is not None
    assert second._replace(elapsed_s=0.0) != first
