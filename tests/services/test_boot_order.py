"""What came before what in a boot: over streams that are read apart, and over the lives of a service."""

from __future__ import annotations

import pytest

from soakctl.errors import ExitCode
from soakctl.mock.sim_world import SimWorld
from soakctl.services.engine.engine import shortened
from soakctl.services.smoke import run_smoke
from soakctl.services.stores import NullStore
from tests.support.scripted import START_UNIX, Script, config_of, soak_script

SMOKE = {"checkpoints": [{"name": "starting", "pattern": "starting"}, {"name": "loaded", "pattern": "loaded"}]}
NO_MODULE = "ModuleNotFoundError: No module named 'broker'"


@pytest.mark.parametrize(
    ("checkpoint_s", "stream", "code"),
    [
        (0.21, "err", ExitCode.DEPENDENCY_ERROR),
        (0.21, "out", ExitCode.EXCEPTION),
        (1.5, "err", ExitCode.EXCEPTION),
    ],
    ids=["another stream at the same time", "the same stream", "another stream, long before"],
)
def test_a_checkpoint_overcomes_only_what_was_surely_before_it(
    checkpoint_s: float, stream: str, code: ExitCode
) -> None:
    """Two streams are read by two threads: a last word on stderr may be read before a checkpoint written earlier."""
    lines = [(0.2, NO_MODULE, stream), (checkpoint_s, "starting", "out")]
    script = Script(config_of(smoke=SMOKE), lines=lines, ends={1: (2.0, 1)})
    result = run_smoke(script.config, SimWorld(script, start_unix=START_UNIX), NullStore(), redact=lambda value: value)
    assert result.exit_code is code


def test_the_lines_around_a_failure_stand_in_the_order_in_which_they_were_read() -> None:
    """Streams are told in bundles; the report puts their lines together again."""
    lines = [(0.1, "starting", "out"), (0.2, NO_MODULE, "err"), (0.3, "bye", "out")]
    script = Script(config_of(smoke=SMOKE), lines=lines, ends={1: (2.0, 1)})
    result = run_smoke(script.config, SimWorld(script, start_unix=START_UNIX), NullStore(), redact=lambda value: value)
    assert result.evidence == ("starting", NO_MODULE, "bye")


class _ComesUpOnce(Script):
    """Says its lines in the first life only, and hangs in the second."""

    def start(self, life: int, at_s: float) -> object:  # type: ignore[override]
        """Begin a life."""
        if life > 1:
            self.lines = []
        return super().start(life, at_s)


def test_each_life_has_to_prove_itself_alive() -> None:
    """A service that hangs after a restart has stalled: what it said in an earlier life counts no more."""
    config = config_of(smoke=SMOKE, soak={"duration": "60s"}, service={"restart": {"policy": "on_failure", "max": 3}})
    script = _ComesUpOnce(config, lines=[(0.1, "starting", "out"), (0.2, "loaded", "out")], ends={1: (5.0, 1)})
    _, store, _ = soak_script(script)
    assert [boot["exit"] for boot in store.of("boot_ended")] == ["SUCCESS", "STALLED"]


def test_a_long_text_is_cut_in_the_journal() -> None:
    """What a service says in one line has no bound; the journal's texts have."""
    cut = shortened({"reason": "x" * 100_000, "evidence": ["short", "y" * 501], "took_s": 1.0})
    assert cut == {"reason": "x" * 499 + "…", "evidence": ["short", "y" * 499 + "…"], "took_s": 1.0}
