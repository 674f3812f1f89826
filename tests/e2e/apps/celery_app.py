"""A celery application with one task and a broker in memory."""

from __future__ import annotations

from celery import Celery  # type: ignore[import-not-found]

app = Celery("celery_app", broker="memory://")


@app.task  # type: ignore[untyped-decorator]
def add(one: int, other: int) -> int:
    """Add them."""
    return one + other
