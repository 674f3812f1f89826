"""`smoke:` the checkpoints of a boot, in order, and the lines that mean it has failed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from soakctl.domain.config.base import LocatedError, Model, unique
from soakctl.domain.config.values import Name, Pattern
from soakctl.domain.units import Duration

FailureExit = Literal["EXCEPTION", "CONFIG_ERROR", "API_ERROR", "DEPENDENCY_ERROR"]


class Checkpoint(Model):
    """A line that the service logs on its way up."""

    name: Name
    pattern: Pattern
    required: bool = True
    liveness: bool = False
    hints: tuple[str, ...] = ()

    @property
    def must_come(self) -> bool:
        """Whether the boot waits for it: the proof of life always must come."""
        return self.required or self.liveness


class Failure(Model):
    """A line that ends the wait at once, and what it means."""

    pattern: Pattern
    exit: FailureExit = "EXCEPTION"
    hint: str = ""


def _one_liveness(checkpoints: tuple[Checkpoint, ...]) -> tuple[Checkpoint, ...]:
    alive = [place for place, checkpoint in enumerate(checkpoints) if checkpoint.liveness]
    if len(alive) > 1:
        names = ", ".join(checkpoints[place].name for place in alive)
        message = f"only one checkpoint may have liveness: true, found {names}"
        raise LocatedError(message, alive[1], "liveness")
    return checkpoints


class Smoke(Model):
    """The boot and its deadline."""

    deadline: Duration = Duration(8)
    checkpoints: Annotated[tuple[Checkpoint, ...], unique("checkpoint"), AfterValidator(_one_liveness)] = ()
    failures: tuple[Failure, ...] = ()
