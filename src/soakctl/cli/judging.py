"""Judging on behalf of a command: numpy, which comes with the first trend to judge, is imported with one thread."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from soakctl.services import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

_THREADS = "OPENBLAS_NUM_THREADS"


@contextmanager
def one_thread() -> Iterator[None]:
    """OpenBLAS starts a thread a core when it is loaded, which costs more than all of judging.

    Not for the service: what it starts with was copied from the environment before.
    """
    if _THREADS in os.environ:
        yield
        return
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[_THREADS]


judge_run = one_thread()(gate.judge_run)
judge_resource_file = one_thread()(gate.judge_resource_file)
