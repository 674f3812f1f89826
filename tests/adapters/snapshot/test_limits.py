"""What bounds a service, read from trees of files as the kernel lays them out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from soakctl.adapters.snapshot.limits import look_at_limits

if TYPE_CHECKING:
    from pathlib import Path


def _look(root: Path, groups: str, files: dict[str, str], env: dict[str, str] | None = None) -> dict[str, Any]:
    files = {"proc/self/cgroup": groups, **files}
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return look_at_limits(env or {}, None, proc=str(root / "proc"), root=str(root))


def test_the_tightest_limit_of_a_group_and_those_above_counts(tmp_path: Path) -> None:
    """A slice limits what is in it."""
    files = {
        "sys/fs/cgroup/a/memory.max": "1073741824\n",
        "sys/fs/cgroup/a/b/memory.max": "max\n",
        "sys/fs/cgroup/a/b/cpu.max": "150000 100000\n",
        "sys/fs/cgroup/a/cpu.max": "max 100000\n",
        "sys/fs/cgroup/a/b/pids.max": "512\n",
    }
    found = _look(tmp_path, "0::/a/b\n", files)
    assert (found["cgroup_version"], found["cpu_limit"], found["memory_limit_bytes"], found["pids_limit"]) == (
        2, 1.5, 1073741824, 512,
    )  # fmt: skip


def test_the_first_version_of_cgroups(tmp_path: Path) -> None:
    """Where no limit is a very large number."""
    files = {
        "sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "536870912\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us": "100000\n",
    }
    found = _look(tmp_path, "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n1:name=systemd:/docker/x\n", files)
    assert (found["cgroup_version"], found["cpu_limit"], found["memory_limit_bytes"]) == (1, "unlimited", 536870912)
    assert found["container"] == "docker"


def test_no_limit_and_no_answer_are_two_things(tmp_path: Path) -> None:
    """One is told, the other is None."""
    assert _look(tmp_path, "0::/\n", {})["memory_limit_bytes"] == "unlimited"
    assert _look(tmp_path, "", {})["memory_limit_bytes"] is None


@pytest.mark.parametrize(
    ("files", "env", "kind"),
    [
        ({".dockerenv": ""}, {}, "docker"),
        ({"run/.containerenv": ""}, {}, "podman"),
        ({"run/systemd/container": "systemd-nspawn\n"}, {}, "systemd-nspawn"),
        ({".dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({}, {}, "none"),
    ],
)
def test_containers_are_told(files: dict[str, str], env: dict[str, str], kind: str, tmp_path: Path) -> None:
    """By the signs that they leave."""
    assert _look(tmp_path, "0::/\n", files, env)["container"] == kind


def test_limits_are_those_of_the_process() -> None:
    """Its own number of open files, which it may have raised."""
    resource = pytest.importorskip("resource")
    found = look_at_limits({}, os.getpid())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    expected = ["unlimited" if each == resource.RLIM_INFINITY else each for each in (soft, hard)]
    assert [found["open_files_soft"], found["open_files_hard"]] == expected
