"""Tasks that were asked to end, and have gone on instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.scene import Scene


def ignored_cancels(scene: Scene) -> Iterator[Finding]:
    """One finding for those that waited for the same thing in all looks, no `finally` or `except` around it.

    Who waits for other tasks is told by those: a group that was cancelled waits for its children to clean up.
    """
    last = [task for task in scene.lasting.values() if task.swallowed and task.wait and task.wait.kind != "task"]
    before = [{task.id for task in look.tasks if task.swallowed} for look in scene.looks]
    tasks = [task for task in last if all(task.id in ids for ids in before)]
    if not tasks or len(before) == 1:
        return
    names = ", ".join(dict.fromkeys(scene.called(one) for one in tasks))
    yield Finding(
        kind=Kind.CANCEL_IGNORED,
        confidence=Confidence.LIKELY,
        summary=f"{names} was asked to end, by a time limit or cancel(), and goes on",
        members=scene.titles(tasks),
        victims=scene.titles(scene.waiting_for(one.id for one in tasks)),
        evidence=tuple(
            dict.fromkeys(
                scene.evidence(scene.line(one), f"{scene.called(one)} waits here, the CancelledError behind it")
                for one in tasks
            )
        ),
        hint="Raise CancelledError again where it is caught: `except Exception` does not catch it, `except:` does.",
    )
