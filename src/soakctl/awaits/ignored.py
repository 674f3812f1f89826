"""Tasks that were asked to end, and have gone on instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.scene import Scene


def ignored_cancels(scene: Scene) -> Iterator[Finding]:
    """One finding for those that waited for the same thing in all looks, no `finally` or `except` around it.

    They are inside of a time limit that has passed, or somebody waits for the cancellation. Who waits for other tasks
    is told by those: a group that was cancelled waits for its children to clean up.
    """
    awaited = {
        key for task in scene.lasting.values() if task.wait and task.wait.how == "cancel" for key in task.wait.tasks
    }
    last = [task for task in scene.lasting.values() if task.swallowed and task.wait and task.wait.kind != "task"]
    before = [{task.id for task in look.tasks if task.swallowed} for look in scene.looks]
    tasks = [task for task in last if all(task.id in ids for ids in before) and (task.expired or task.id in awaited)]
    if not tasks or len(before) == 1:
        return
    names = ", ".join(dict.fromkeys(scene.called(one) for one in tasks))
    yield Finding(
        kind=Kind.CANCEL_IGNORED,
        confidence=Confidence.LIKELY,
        summary=f"{names} was cancelled when its time was up, and goes on",
        members=scene.titles(tasks),
        victims=scene.titles(scene.waiting_for(one.id for one in tasks)),
        evidence=tuple(
            dict.fromkeys(
                scene.evidence(scene.line(one), f"{scene.called(one)} has caught its CancelledError, and waits here")
                for one in tasks
            )
        ),
        hint="Raise CancelledError again where it is caught: `except Exception` does not catch it, `except:` does.",
    )
