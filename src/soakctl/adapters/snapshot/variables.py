"""Environment variables: their names, values of those that may be shown, and keyed fingerprints of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from soakctl.adapters.secrets import Resolved
    from soakctl.adapters.snapshot.key import Key

# What is no secret anywhere and often explains why a service behaves otherwise here. The redactor sees it still.
SHOWN = (
    "CONDA_DEFAULT_ENV CUDA_VISIBLE_DEVICES GOGC GOMAXPROCS GOMEMLIMIT HOME LANG LC_* LD_LIBRARY_PATH LD_PRELOAD "
    "MALLOC_ARENA_MAX MKL_NUM_THREADS NODE_ENV OMP_NUM_THREADS OPENBLAS_NUM_THREADS PATH PYTHONASYNCIODEBUG "
    "PYTHONDEVMODE PYTHONHASHSEED PYTHONHOME PYTHONMALLOC PYTHONNOUSERSITE PYTHONOPTIMIZE PYTHONPATH "
    "PYTHONUNBUFFERED PYTHONUTF8 PYTHONWARNINGS TZ UVLOOP_NO_EXTENSIONS VIRTUAL_ENV"
).split()


def look_at_variables(
    env: Mapping[str, str],
    *,
    show: Collection[str],
    hidden: Collection[str],
    configured: Collection[str],
    key: Key | None,
    redacts: Callable[[str, str], bool] = lambda _name, _value: False,
) -> dict[str, Any]:
    """Each variable by name: `state` present, empty or absent; `value` only of those to `show`.

    Args:
        env: the environment of the service.
        show: names, or beginnings with a star, whose values may be shown.
        hidden: names that are never shown, whatever `show` says.
        configured: names the configuration speaks of; told even if they are absent.
        key: for the fingerprints; without one there are none.
        redacts: whether something of a value will be hidden though it is shown; then only a fingerprint tells it from
            another one.
    """
    found: dict[str, Any] = {}
    for name in sorted({*env, *configured}):
        value = env.get(name)
        about: dict[str, Any] = {"state": "absent" if value is None else "present" if value else "empty"}
        if name in configured:
            about["configured"] = True
        shown = bool(value) and name not in hidden and _matches(name, show)
        if shown:
            about["value"] = value
        if value and key is not None and (not shown or redacts(name, value)):
            about["fingerprint"] = key.of(f"variable {name}", value.encode("utf-8", "surrogateescape"))
        found[name] = about
    return found


def look_at_credentials(resolved: Resolved) -> list[dict[str, Any]]:
    """Each configured secret: whether there is one, and where it was found."""
    names = [*resolved.sources, *resolved.missing]
    return [
        {"name": name, "present": name in resolved.sources, "source": resolved.sources.get(name)}
        for name in sorted(names)
    ]


def _matches(name: str, show: Collection[str]) -> bool:
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in show)
