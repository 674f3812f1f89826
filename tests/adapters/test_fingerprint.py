"""What a run says about the machine it was made on."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING

import psutil
import pytest

from soakctl.adapters.fingerprint import fingerprint

if TYPE_CHECKING:
    from pathlib import Path


def test_this_machine() -> None:
    """Host, kernel, Python and the installed versions are those of this machine, ready to be written as JSON."""
    found = json.loads(json.dumps(fingerprint(), allow_nan=False))
    assert (found["host"], found["kernel"]) == (platform.node(), platform.release())
    assert found["python"] == platform.python_version()
    assert found["dependencies"]["psutil"] == psutil.__version__
    assert found["cpu_count"] >= found["cpu_usable"] >= 1
    assert found["memory_bytes"] == psutil.virtual_memory().total
    assert found["boot_id"] == fingerprint()["boot_id"] != ""


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC: 9\nprocessor\t: 1\nmodel name\t: other\n", "AMD EPYC: 9"),
        ("processor\t: 0\nBogoMIPS\t: 48\nHardware\t: BCM2835\n", "BCM2835"),
        ("processor\t: 0\nmodel name\t: \nModel\t: Raspberry Pi 4\n", "Raspberry Pi 4"),
    ],
)
def test_models_of_processors(tmp_path: Path, text: str, model: str) -> None:
    """The processor is named by whichever line its kind of machine has."""
    (tmp_path / "cpuinfo").write_text(text)
    assert fingerprint(str(tmp_path))["cpu_model"] == model


def test_without_a_list_of_processors(tmp_path: Path) -> None:
    """Where there is no cpuinfo the platform's own word stands, or None."""
    assert fingerprint(str(tmp_path))["cpu_model"] == (platform.processor() or None)
