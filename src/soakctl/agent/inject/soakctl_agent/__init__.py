"""The agent inside a program: waits for asyncio to be imported, and does nothing until then."""

from __future__ import annotations

import os
import sys

from . import notes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STACKS = "SOAKCTL_AGENT_STACKS"
ATTRIBUTE = "SOAKCTL_AGENT_ATTRIBUTE"


class _Finder:
    """Sees the import of asyncio, lets it go its way, and then has the hooks put in."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec that others find, with a loader that calls us once."""
        if name != "asyncio":
            return None
        sys.meta_path[:] = [each for each in sys.meta_path if each is not self]
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                _after_load(spec.loader)
                return spec
        return None


def _after_load(loader: Any) -> None:
    execute = loader.exec_module

    def exec_module(module: Any) -> None:
        execute(module)
        _hook()

    loader.exec_module = exec_module


def _hook() -> None:
    try:
        from . import hooks  # a program without asyncio pays for none of it

        hooks.install()
    except Exception:  # the program goes on without the agent, and soakctl sees that there is none
        return


def _forked() -> None:
    """In a child: the parent's thread is not here, and its socket is not ours."""
    try:
        if notes.HOME:
            with open(f"{notes.HOME}/{os.getpid()}.hello", "w") as out:
                out.write("{}.{}.{}".format(*sys.version_info))
        server = sys.modules.get("soakctl_agent.server")
        if server is not None:
            server.forked()
        _begin()
    except Exception:  # as above
        return


def _begin() -> None:
    """Where growth is to be traced to its lines, programs without an event loop answer too."""
    if os.environ.get(ATTRIBUTE) == "1":
        from . import inventory, server  # all others pay for neither

        inventory.watch_threads()
        server.start()


def install() -> None:
    """Be there when asyncio is imported, in this process and in those it forks."""
    _begin()
    os.register_at_fork(after_in_child=_forked)
    if "asyncio" in sys.modules:
        _hook()
    else:
        sys.meta_path.insert(0, _Finder())  # type: ignore[arg-type]  # find_spec is all that is asked of it
