"""Looking for origins beside the run: one question at a time, each on a thread of its own, and in turn."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from soakctl.domain.attribution import Attribution
from soakctl.domain.command import TakeInventory

if TYPE_CHECKING:
    from collections.abc import Callable

    from soakctl.domain.command import Attribute


class Origins(Protocol):
    """Who knows what a resource grows by."""

    def note(self) -> None:
        """Remember what there is now."""
        ...

    def attribute(self, asked: Attribute, cancel: threading.Event) -> Attribution:
        """What there is more of."""
        ...


class OriginsBeside:
    """Asks without holding anybody up. `emit` takes the answers, `fault` what went wrong in soakctl itself."""

    def __init__(
        self, origins: Origins, emit: Callable[[Attribution], None], fault: Callable[[Exception], None]
    ) -> None:
        """Nothing is asked yet."""
        self._origins = origins
        self._emit = emit
        self._fault = fault
        self._turn = threading.Lock()

    def do(self, command: TakeInventory | Attribute, cancel: threading.Event) -> None:
        """Begin; only a question for an origin is answered."""
        threading.Thread(target=self._work, args=(command, cancel), name="soakctl-origins", daemon=True).start()

    def _work(self, command: TakeInventory | Attribute, cancel: threading.Event) -> None:
        with self._turn:
            try:
                if isinstance(command, TakeInventory):
                    self._origins.note()
                    return
                found = self._origins.attribute(command, cancel)
            except Exception as error:  # noqa: BLE001 - kept for the caller: the engine would wait for its answer
                self._fault(error)
                if isinstance(command, TakeInventory):
                    return
                found = Attribution(command.resource, reason=f"soakctl failed to find it: {error!r}")
        self._emit(found)
