"""Whether a resource grows for ever: pure functions from a series to a verdict, with numpy alone."""

from soakctl.judge.trend.alarm import alarm, evaluation_lengths
from soakctl.judge.trend.forecast import exhaustion
from soakctl.judge.trend.judgement import judge_series

__all__ = ["alarm", "evaluation_lengths", "exhaustion", "judge_series"]
