"""How often something costly is let through."""

from __future__ import annotations

import pytest

from soakctl.adapters.throttle import Throttle


@pytest.mark.parametrize(
    ("cost_s", "at_s", "due"),
    [
        (0.0, 58.9, False),
        (0.0, 59.5, True),
        (0.6, 60.0, True),
        (0.61, 60.0, False),
        (0.61, 61.0, True),
        (9.0, 899.0, False),
    ],
)
def test_due(cost_s: float, at_s: float, due: bool) -> None:
    """After a reading the next one is due in 60 s, a little early included, or in 100 times its cost."""
    throttle = Throttle()
    assert throttle.due(0.0)
    throttle.spent(0.0, cost_s)
    assert throttle.due(at_s) is due
    throttle.reset()
    assert throttle.due(0.0)
