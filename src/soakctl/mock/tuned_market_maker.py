"""The simulated market maker that takes its parameters from an overrides file and answers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.domain.delta import BlockedError, look_up
from soakctl.domain.reduce import quantile
from soakctl.mock.market_maker import Fault, MarketMaker

if TYPE_CHECKING:
    from random import Random

    from soakctl.domain.config.root import Config
    from soakctl.domain.plan import Plan
    from soakctl.ports import Overrides

_FILLS = 400


class TunedMarketMaker(MarketMaker):
    """A `SimService` whose figures follow from its parameters alone: badly set at first, good once tuned.

    A wider spread makes more maker fills; longer intervals between orders and a lower cap on impact lower the risk
    and, with it, raise what is earned; fewer orders at once lower the latency.
    """

    def __init__(
        self, config: Config, plan: Plan, overrides: Overrides, *, seed: int, fault: Fault | None = None
    ) -> None:
        """`overrides` is read again for each figure, as a real service does when its file changes."""
        super().__init__(config, plan, seed=seed, fault=fault)
        self._parameters = config.tuning.parameters
        self._overrides = overrides

    def kpi(self, name: str, at_s: float) -> tuple[float | None, str, str]:
        """A figure of the iteration that ends about now."""
        figure = _FIGURES.get(name)
        if figure is None or not self._parameters.keys() >= _MOVED_BY:
            return super().kpi(name, at_s)
        index = self.iteration_at(at_s)
        values = self._values()
        random = self.random(f"{name}:{index}")
        if name == "p95_latency_ms":
            slow = 2.2 if self.slow_at(index) else 1.0
            return quantile([random.gauss(_latency(values) * slow, 12.0) for _ in range(200)], 0.95), "", ""
        if name == "maker_taker_ratio":
            return _maker_ratio(values, random), "", "fills_volume"
        centre, noise = figure(values), _NOISE[name]
        return max(0.0, random.gauss(centre, noise)) if name == "risk_ratio" else random.gauss(centre, noise), "", ""

    def _values(self) -> dict[str, float]:
        """The parameters by name; the initial one where the file has none."""
        document = self._overrides.read(0).document
        values = {}
        for name, spec in self._parameters.items():
            try:
                found = look_up(document or {}, spec.path)
            except BlockedError:
                found = None
            values[name] = float(found) if isinstance(found, int | float) else spec.initial
        return values


def _risk(values: dict[str, float]) -> float:
    return 0.68 - 0.008 * (values["min_interval_ms"] - 60.0) - 4.0 * (0.10 - values["impact_cap_ratio"])


def _net(values: dict[str, float]) -> float:
    return 4.9 - 12.0 * (_risk(values) - 0.30) + 1.5 * values["base_spread_bps_delta"]


def _latency(values: dict[str, float]) -> float:
    return 172.0 + 18.0 * values["concurrency_limit"]


def _adverse(values: dict[str, float]) -> float:
    return 2.4 + 30.0 * (values["impact_cap_ratio"] - 0.04)


def _slippage(values: dict[str, float]) -> float:
    return 2.9 - 4.0 * values["base_spread_bps_delta"] - 0.001 * (values["tail_age_ms"] - 500.0)


def _maker_ratio(values: dict[str, float], random: Random) -> float:
    share = min(0.95, 0.56 + 2.0 * values["base_spread_bps_delta"])
    makers = round(_FILLS * share + random.gauss(0.0, 4.0))
    volumes = [random.uniform(0.5, 1.5) for _ in range(_FILLS)]
    return sum(volumes[:makers]) / sum(volumes)


_FIGURES = {
    "risk_ratio": _risk,
    "net_bps": _net,
    "p95_latency_ms": _latency,
    "maker_taker_ratio": _risk,
    "adverse_p95_bps": _adverse,
    "slippage_p95_bps": _slippage,
}
_NOISE = {"risk_ratio": 0.004, "net_bps": 0.04, "adverse_p95_bps": 0.04, "slippage_p95_bps": 0.03}
_MOVED_BY = {"min_interval_ms", "impact_cap_ratio", "base_spread_bps_delta", "concurrency_limit", "tail_age_ms"}
