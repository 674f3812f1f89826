"""Found first by every Python that soakctl starts: installs the agent, then runs the program's own sitecustomize.

Any Python must be able to read this, 2.7 too: it says that it was here, and leaves alone what is too old.
"""

# mypy: ignore-errors
import os
import sys


def _install(here):
    home = os.environ.get("SOAKCTL_AGENT_DIR")
    if not home or os.environ.get("SOAKCTL_AGENT") == "0":
        return
    try:
        with open(os.path.join(home, "%d.hello" % os.getpid()), "w") as out:
            out.write("%d.%d.%d" % tuple(sys.version_info[:3]))
        if sys.version_info >= (3, 11):
            sys.path.insert(0, here)  # where this was found may be written in another way
            import soakctl_agent

            soakctl_agent.install()
    except Exception:  # whatever it is, the program must start as it would without
        return


def _hand_on(here):
    """Leave no trace on the path, and let the sitecustomize that would have been found run in this one's place."""
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != here]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = ours


_here = os.path.dirname(os.path.abspath(__file__))
_install(_here)
_hand_on(_here)
