"""A limit that follows what good runs of the past showed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soakctl.domain.config.base import Model
from soakctl.domain.config.values import Number, Whole


class Adaptive(Model):
    """The limit becomes the median of the last `runs` good runs, plus or minus `k` times their MAD.

    It is never looser than the limit that is written down; with fewer than `least` good runs that one stands.
    """

    k: Annotated[Number, Field(ge=0)] = 3.0
    runs: Annotated[Whole, Field(ge=1)] = 5
    least: Annotated[Whole, Field(ge=1)] = 3
