"""Snapshots that a real soak takes by itself, and a machine full of secrets looked at."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Cli

CRASHING = "import time; print('up', flush=True); time.sleep(1.5); raise SystemExit(3)"
