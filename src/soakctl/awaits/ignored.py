"""Tasks that were asked to end, and have gone on instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakctl.awaits.finding import Confidence, Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soakctl.awaits.model import Task
    from soakctl.awaits.scene import Scene


def ignored_cancels(scene: Scene) -> Iterator[Finding]:
    """One finding for those that waited for the same thing in all looks, back in their loops.

    They are inside of a time limit that has passed, or somebody waits for the cancellation. Who waits for other tasks
    is told by those: a group that was cancelled waits for its children to clean up.
    """
    awaited = {
        key for task in scene.lasting.values() if task.wait and task.wait.how == "cancel" for key in task.wait.tasks
    }
    last = [task for task in scene.lasting.values() if task.swallowed and task.wait and task.wait.kind != "task"]
    before = [{task.id for task in look.tasks if task.swallowed} for look in scene.looks]
    tasks = [task for task in last if all(task.id in ids for ids in before) and (task.expired or task.id in awaited)]
    for back in (True, False):
        these = [one for one in tasks if one.again is back]
        if these and len(before) > 1:
            yield _finding(scene, these, back=back)


def _finding(scene: Scene, tasks: list[Task], *, back: bool) -> Finding:
    """`back`: in the loops that they were to leave. Others may be on their way to their end."""
    names = ", ".join(dict.fromkeys(scene.called(one) for one in tasks))
    goes_on = "and goes on in its loop" if back else "and has not ended yet; it may be on its way to that"
    return Finding(
        kind=Kind.CANCEL_IGNORED,
        confidence=Confidence.LIKELY if back else Confidence.INFORMATION,
        summary=f"{names} was cancelled when its time was up, {goes_on}",
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
