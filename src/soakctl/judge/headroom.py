"""What a resource grows into: the memory and the disk that the machine has left, and when they are used up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soakctl.judge.columns import known

if TYPE_CHECKING:
    from soakctl.domain.record import Series
    from soakctl.domain.trend import Trend

_MEMORY, _DISK = "system_memory_available_bytes", "system_disk_free_bytes"
_LEFT = {"rss": _MEMORY, "uss": _MEMORY, "artifacts": _DISK, "disk": _DISK}


def with_exhaustion(name: str, trend: Trend, series: Series) -> Trend:
    """The trend of a resource with the time after which it uses up what is left, where its growth is proven."""
    left = known(series.columns[_LEFT[name]]) if name in _LEFT and trend.slope_per_hour is not None else ()
    if not left:
        return trend
    from soakctl.judge.trend import exhaustion  # numpy, which a trend with a slope has loaded  # noqa: PLC0415

    return replace(trend, exhaustion_s=exhaustion(trend, left[-1]))
