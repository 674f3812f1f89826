"""Why a verdict is withheld, in words for people."""

from __future__ import annotations

from enum import StrEnum


class Doubt(StrEnum):
    """What stands between a series and its verdict; NONE when nothing does."""

    NONE = ""
    FEW = "too few samples"
    NOISE = "too noisy: growth of the size of the budget would not show"
    BARE = "the growth is not far enough above the noise"
    LATE = "growth began too late in the run"
    JUMPS = "it grew in a few jumps, not steadily"
    TEETH = "it rises and falls by turns, and the falls take most of the growth back"
    APART = "the level and the low points of the series tell different stories"
    DAY = "it grew over a part of the run only, as half a daily cycle would"
    FELL = "it has fallen by as much before"
    SLOWING = "growth is above the budget but slowing down, as in a warm-up or a cache filling"
    SETTLING = "it has not settled yet: growth still fades after the start"
    STOPPED = "growth stopped only just before the end"
    FALLING = "it rose for long, then fell"
    STAIRS = "it rises in steps, too few to tell whether they go on"
    LIVES = "the lives of the process differ too much"
